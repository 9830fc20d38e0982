-- The host's desk: notes that only those who run a show read, and how it went, minute by minute.

-- What a host wants to remember: of an offer, or of the whole show where `subject` is empty.
CREATE TABLE notes (
    show_id     text NOT NULL REFERENCES shows,
    subject     text NOT NULL,
    text        text NOT NULL CHECK (length(text) <= 4000),
    -- Grows with every change: whoever writes says which one they had read.
    revision    integer NOT NULL DEFAULT 1 CHECK (revision > 0),
    written_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (show_id, subject)
);

-- How many viewers opened an offer or tried for it, each of them once a minute.
CREATE TABLE clicks (
    show_id   text NOT NULL,
    minute    timestamptz NOT NULL,
    offer_id  text NOT NULL,
    count     bigint NOT NULL CHECK (count > 0),
    PRIMARY KEY (show_id, minute, offer_id),
    FOREIGN KEY (offer_id, show_id) REFERENCES offers (id, show_id)
);

-- What nobody but the rooms knows of a minute. All else is counted from the ledger when asked.
CREATE TABLE minutes (
    show_id       text NOT NULL REFERENCES shows,
    minute        timestamptz NOT NULL,
    -- How often somebody counted who watches, the sum of what they found, and the most.
    readings      integer NOT NULL DEFAULT 0 CHECK (readings >= 0),
    viewers_sum   bigint NOT NULL DEFAULT 0 CHECK (viewers_sum >= 0),
    viewers_peak  integer NOT NULL DEFAULT 0 CHECK (viewers_peak >= 0),
    -- Since the show began.
    likes         bigint NOT NULL DEFAULT 0 CHECK (likes >= 0),
    chat_lines    integer NOT NULL DEFAULT 0 CHECK (chat_lines >= 0),
    PRIMARY KEY (show_id, minute)
);

-- How long messages took through all web processes together: how many passes, a bound each.
CREATE TABLE deliveries (
    minute  timestamptz PRIMARY KEY,
    counts  bigint[] NOT NULL
);
