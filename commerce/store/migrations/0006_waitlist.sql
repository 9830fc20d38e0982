-- Who waits for what comes back of a sold-out offer. The gate decides whose turn it is; this is what
-- it is rebuilt from. A row lives from the gate's `waiting` to its `unwaited` or the turn's order.
CREATE TABLE waitlist (
    -- What the turn will be called: the hold of its order.
    hold_id   text PRIMARY KEY,
    offer_id  text NOT NULL REFERENCES offers,
    buyer_id  text NOT NULL REFERENCES accounts,
    quantity  integer NOT NULL CHECK (quantity > 0),
    -- When they came, in microseconds on the gate's clock: the order of the line.
    since_us  bigint NOT NULL,
    -- One place a buyer.
    UNIQUE (offer_id, buyer_id)
);
CREATE INDEX waitlist_of_buyer ON waitlist (buyer_id);
CREATE INDEX waitlist_in_order ON waitlist (offer_id, since_us);
