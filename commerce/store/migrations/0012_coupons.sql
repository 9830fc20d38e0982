-- Coupons: what a code takes off, and each use of it, with the payment that it was taken for.

CREATE TABLE coupons (
    id               text PRIMARY KEY,
    host_id          text NOT NULL REFERENCES accounts,
    -- In capitals, as codes are compared.
    code             text NOT NULL CHECK (code ~ '^[A-Z0-9][A-Z0-9-]{2,23}$'),
    -- Only for what is won in it.
    show_id          text REFERENCES shows,
    percent_bp       integer CHECK (percent_bp BETWEEN 1 AND 10000),
    amount_minor     bigint CHECK (amount_minor > 0),
    currency         text CHECK (currency ~ '^[A-Z]{3}$'),
    minimum_minor    bigint NOT NULL DEFAULT 0 CHECK (minimum_minor >= 0),
    -- Only for these; none: for all.
    products         text[] NOT NULL DEFAULT '{}',
    quota            integer NOT NULL CHECK (quota > 0),
    limit_per_buyer  integer NOT NULL CHECK (limit_per_buyer > 0),
    -- Uses that are taken and were not returned, counted by a trigger.
    used             integer NOT NULL DEFAULT 0,
    valid_from       timestamptz NOT NULL,
    valid_until      timestamptz CHECK (valid_until > valid_from),
    ended_at         timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    CHECK (num_nonnulls(percent_bp, amount_minor) = 1),
    CHECK (currency IS NOT NULL OR (amount_minor IS NULL AND minimum_minor = 0)),
    CONSTRAINT never_claimed_too_often CHECK (used BETWEEN 0 AND quota),
    UNIQUE (host_id, code)
);

-- At most one a payment. Taken when the buyer begins to pay, kept when the money comes, returned
-- when nobody will pay, or when all that was paid for went back.
CREATE TABLE coupon_uses (
    payment_id      text PRIMARY KEY REFERENCES payments,
    coupon_id       text NOT NULL REFERENCES coupons,
    buyer_id        text NOT NULL REFERENCES accounts,
    discount_minor  bigint NOT NULL CHECK (discount_minor > 0),
    taken_at        timestamptz NOT NULL DEFAULT now(),
    kept_at         timestamptz,
    returned_at     timestamptz
);
CREATE INDEX coupon_uses_of_buyer ON coupon_uses (coupon_id, buyer_id) WHERE returned_at IS NULL;
CREATE INDEX coupon_uses_kept ON coupon_uses (coupon_id) WHERE kept_at IS NOT NULL AND returned_at IS NULL;
-- Few: what is being paid right now.
CREATE INDEX coupon_uses_to_return ON coupon_uses (coupon_id)
    WHERE kept_at IS NULL AND returned_at IS NULL;

CREATE FUNCTION count_coupon_use() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was integer := 0;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        was := (OLD.returned_at IS NULL)::integer;
    END IF;
    UPDATE coupons SET used = used + (NEW.returned_at IS NULL)::integer - was
    WHERE id = NEW.coupon_id AND (NEW.returned_at IS NULL)::integer <> was;
    RETURN NULL;
END $$;
CREATE TRIGGER coupon_uses_counted AFTER INSERT OR UPDATE ON coupon_uses
    FOR EACH ROW EXECUTE FUNCTION count_coupon_use();

-- The coupon on screen in a show.
ALTER TABLE shows ADD COLUMN coupon_id text REFERENCES coupons;
CREATE INDEX shows_of_coupon ON shows (coupon_id) WHERE coupon_id IS NOT NULL;

-- What was taken off the goods; both sums are written anew, because they are made of it.
ALTER TABLE payment_parts
    ADD COLUMN discount_minor bigint NOT NULL DEFAULT 0
        CHECK (discount_minor BETWEEN 0 AND goods_minor),
    DROP COLUMN amount_minor;
ALTER TABLE payment_parts
    ADD COLUMN amount_minor bigint
        GENERATED ALWAYS AS (goods_minor - discount_minor + shipping_minor + tax_minor) STORED,
    ADD CHECK (tax_included_minor <= goods_minor - discount_minor + shipping_minor);

ALTER TABLE orders
    ADD COLUMN discount_minor bigint NOT NULL DEFAULT 0
        CHECK (discount_minor BETWEEN 0 AND unit_price_minor * quantity),
    DROP CONSTRAINT no_more_back_than_paid,
    DROP COLUMN total_minor;
ALTER TABLE orders
    ADD COLUMN total_minor bigint GENERATED ALWAYS AS (
        unit_price_minor * quantity - discount_minor + shipping_minor + tax_minor
    ) STORED,
    ADD CONSTRAINT no_more_back_than_paid CHECK (refunded_minor BETWEEN 0 AND total_minor);
