-- What happened in a show and when, as its room was told: what a replay shows beside the picture.

CREATE TABLE moments (
    show_id  text NOT NULL REFERENCES shows,
    lane     text NOT NULL CHECK (lane IN ('event', 'chat')),
    -- What makes it the same moment when it is written twice.
    key      text NOT NULL,
    at       timestamptz NOT NULL,
    body     text NOT NULL,
    PRIMARY KEY (show_id, lane, key)
);
CREATE INDEX moments_in_order ON moments (show_id, lane, at, key);
