-- Whether a show's video comes in: written by whoever carries it, told to the room as a fact.

ALTER TABLE shows ADD COLUMN on_air boolean NOT NULL DEFAULT false;

CREATE INDEX shows_on_air ON shows (id) WHERE on_air;
