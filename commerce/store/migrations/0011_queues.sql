-- Sales whose places are drawn: `queue` is entered before it opens, and buys by admission alone.
ALTER TABLE offers ADD COLUMN entry text NOT NULL DEFAULT 'open' CHECK (entry IN ('open', 'queue'));

-- One row for each offer with a queue, from when it was opened; kept, as the proof of its draw.
CREATE TABLE queues (
    offer_id   text PRIMARY KEY REFERENCES offers,
    -- Secret until the draw; everyone knows its SHA-256 from the start.
    seed       bytea NOT NULL CHECK (octet_length(seed) = 32),
    commitment text NOT NULL CHECK (commitment = encode(sha256(seed), 'hex')),
    entrants   integer NOT NULL DEFAULT 0 CHECK (entrants >= 0),
    -- The last place given, and the last one whose turn has come.
    last       integer NOT NULL DEFAULT 0 CHECK (last >= 0),
    called     integer NOT NULL DEFAULT 0 CHECK (called BETWEEN 0 AND last),
    -- The SHA-256 of all tickets in the draw.
    roll       text,
    drawn_at   timestamptz,
    CHECK ((roll IS NULL) = (drawn_at IS NULL))
);

CREATE TABLE entrants (
    offer_id   text NOT NULL REFERENCES queues,
    account_id text NOT NULL REFERENCES accounts,
    entered_at timestamptz NOT NULL DEFAULT now(),
    -- Came before the draw; the others stand behind, in the order in which they came.
    in_draw    boolean NOT NULL,
    -- NULL until the draw.
    place      integer CHECK (place > 0),
    -- How many turns they had, and until when the last one lasts; `spent`: the last one that bought.
    turn       integer NOT NULL DEFAULT 0 CHECK (turn >= 0),
    turn_until timestamptz,
    spent      integer NOT NULL DEFAULT 0 CHECK (spent BETWEEN 0 AND turn),
    -- They have yet to hear where they stand.
    untold     boolean NOT NULL DEFAULT false,
    PRIMARY KEY (offer_id, account_id),
    -- Places are given all at once, so a draw may pass through a moment of doubles.
    UNIQUE (offer_id, place) DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX entrants_to_tell ON entrants (offer_id) WHERE untold;
CREATE INDEX entrants_of_account ON entrants (account_id);
