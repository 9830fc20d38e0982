-- Offers whose units are nobody's until they are paid for.

ALTER TABLE offers
    ADD COLUMN policy text NOT NULL DEFAULT 'hold' CHECK (policy IN ('hold', 'first_paid')),
    -- A drawn turn is worth a unit, and not a race for one.
    ADD CONSTRAINT queues_hold CHECK (entry = 'open' OR policy = 'hold');

-- Whoever came under one rule is not served under the other.
CREATE FUNCTION refuse_new_policy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the policy of an offer stays as it was when it opened'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER offers_keep_their_policy BEFORE UPDATE OF policy ON offers
    FOR EACH ROW WHEN (OLD.policy <> NEW.policy AND OLD.state <> 'draft')
    EXECUTE FUNCTION refuse_new_policy();

-- Whether units are the order's while it awaits payment. One that holds none races the others for
-- what its offer has left, and ends `sold_out` when that cannot be won any more.
ALTER TABLE orders
    ADD COLUMN holds boolean NOT NULL DEFAULT true,
    DROP CONSTRAINT orders_status_check,
    ADD CONSTRAINT orders_status_check CHECK (
        status IN ('awaiting_payment', 'paid', 'lapsed', 'cancelled', 'refunded', 'sold_out')
    ),
    ADD CHECK (status <> 'sold_out' OR NOT holds);
CREATE INDEX orders_in_race ON orders (offer_id, quantity)
    WHERE status = 'awaiting_payment' AND NOT holds;
