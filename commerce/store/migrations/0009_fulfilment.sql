-- From the win to the parcel: addresses, tariffs, payments for several orders, shipments.

-- What buyers keep. An order's own copy is with its payment and its shipment.
CREATE TABLE addresses (
    id           text PRIMARY KEY,
    account_id   text NOT NULL REFERENCES accounts,
    address      jsonb NOT NULL,
    -- One a place, however often it is typed.
    digest       text NOT NULL,
    used_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (account_id, digest)
);

-- What a shop asks for delivery, and which taxes; a version is published once and never changes.
CREATE TABLE tariffs (
    id            text PRIMARY KEY,
    host_id       text NOT NULL REFERENCES accounts,
    version       integer NOT NULL CHECK (version > 0),
    tariff        jsonb NOT NULL,
    published_at  timestamptz,
    valid_from    timestamptz,
    CHECK ((published_at IS NULL) = (valid_from IS NULL)),
    CHECK (valid_from >= published_at),
    UNIQUE (host_id, version)
);
CREATE UNIQUE INDEX one_draft_a_host ON tariffs (host_id) WHERE published_at IS NULL;
CREATE INDEX tariffs_in_time ON tariffs (host_id, valid_from DESC, version DESC)
    WHERE published_at IS NOT NULL;
CREATE FUNCTION refuse_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published tariff never changes; publish the next version';
END $$;
CREATE TRIGGER published_tariffs_stay BEFORE UPDATE OR DELETE ON tariffs
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION refuse_published();

-- What travels in one parcel: paid orders of one buyer, from one host, to one address.
CREATE TABLE shipments (
    id             text PRIMARY KEY,
    host_id        text NOT NULL REFERENCES accounts,
    buyer_id       text NOT NULL REFERENCES accounts,
    -- Of the first order: where it is told in the event feed.
    show_id        text NOT NULL REFERENCES shows,
    state          text NOT NULL DEFAULT 'open'
                   CHECK (state IN ('open', 'packed', 'shipped', 'delivered', 'cancelled')),
    address        jsonb NOT NULL,
    digest         text NOT NULL,
    option_id      text NOT NULL,
    option_name    text NOT NULL,
    carrier        text CHECK (length(carrier) BETWEEN 1 AND 60),
    tracking       text CHECK (length(tracking) BETWEEN 1 AND 80),
    opened_at      timestamptz NOT NULL DEFAULT now(),
    packed_at      timestamptz,
    shipped_at     timestamptz,
    delivered_at   timestamptz,
    CHECK (state NOT IN ('shipped', 'delivered') OR (carrier IS NOT NULL AND shipped_at IS NOT NULL)),
    CHECK ((delivered_at IS NULL) = (state <> 'delivered'))
);
-- What can still go along does: there is never a second open parcel for the same place.
CREATE UNIQUE INDEX one_open_shipment ON shipments (host_id, buyer_id, digest, option_id)
    WHERE state = 'open';
CREATE INDEX shipments_of_buyer ON shipments (buyer_id, opened_at DESC);
CREATE INDEX shipments_of_host ON shipments (host_id, opened_at DESC);

ALTER TABLE payments
    -- How it was priced, and where it goes: the buyer's copy of the address, frozen. All or none.
    ADD COLUMN quote text,
    ADD COLUMN tariff_id text REFERENCES tariffs,
    ADD COLUMN option_id text,
    ADD COLUMN option_name text,
    ADD COLUMN address jsonb,
    ADD CHECK (num_nonnulls(quote, tariff_id, option_id, option_name, address) IN (0, 5));

-- Addresses of purchases that nobody paid for are forgotten.
CREATE INDEX payments_to_forget ON payments (created_at)
    WHERE quote IS NOT NULL AND captured_at IS NULL;

-- What of a payment is for which order. `payments.order_id` is the first of them.
CREATE TABLE payment_parts (
    payment_id          text NOT NULL REFERENCES payments,
    order_id            text NOT NULL REFERENCES orders,
    goods_minor         bigint NOT NULL CHECK (goods_minor >= 0),
    shipping_minor      bigint NOT NULL DEFAULT 0 CHECK (shipping_minor >= 0),
    -- On top of the price; and what of the price (and shipping) is tax already.
    tax_minor           bigint NOT NULL DEFAULT 0 CHECK (tax_minor >= 0),
    tax_included_minor  bigint NOT NULL DEFAULT 0
                        CHECK (tax_included_minor BETWEEN 0 AND goods_minor + shipping_minor),
    amount_minor        bigint GENERATED ALWAYS AS (goods_minor + shipping_minor + tax_minor) STORED,
    PRIMARY KEY (payment_id, order_id)
);
CREATE INDEX payment_parts_of_order ON payment_parts (order_id);
CREATE FUNCTION refuse_other_sum() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.amount_minor IS DISTINCT FROM (
        SELECT sum(amount_minor) FROM payment_parts WHERE payment_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'the parts of the payment % do not add up to it', NEW.id;
    END IF;
    RETURN NULL;
END $$;
-- Deferred: the parts are written after the payment that they refer to.
CREATE CONSTRAINT TRIGGER parts_add_up AFTER INSERT ON payments
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_other_sum();
INSERT INTO payment_parts (payment_id, order_id, goods_minor)
SELECT id, order_id, amount_minor FROM payments;

ALTER TABLE orders
    -- What was paid beside the goods; known once it was.
    ADD COLUMN shipping_minor bigint NOT NULL DEFAULT 0 CHECK (shipping_minor >= 0),
    ADD COLUMN tax_minor bigint NOT NULL DEFAULT 0 CHECK (tax_minor >= 0),
    ADD COLUMN tax_included_minor bigint NOT NULL DEFAULT 0 CHECK (tax_included_minor >= 0),
    ADD COLUMN total_minor bigint
        GENERATED ALWAYS AS (unit_price_minor * quantity + shipping_minor + tax_minor) STORED,
    -- The payment whose money it keeps: one, because it is paid once.
    ADD COLUMN paid_with text REFERENCES payments,
    ADD COLUMN shipment_id text REFERENCES shipments,
    DROP CONSTRAINT orders_check1,
    ADD CONSTRAINT no_more_back_than_paid CHECK (refunded_minor BETWEEN 0 AND total_minor);
CREATE INDEX orders_of_shipment ON orders (shipment_id) WHERE shipment_id IS NOT NULL;
UPDATE orders SET paid_with = (
    SELECT id FROM payments
    WHERE order_id = orders.id AND captured_at IS NOT NULL
    ORDER BY status <> 'captured', captured_at, id
    LIMIT 1
)
WHERE status IN ('paid', 'refunded');
-- It counted payments by their first order; `paid_with` says the same of every order.
DROP INDEX one_capture_an_order;

ALTER TABLE refunds ADD COLUMN order_id text REFERENCES orders;
UPDATE refunds SET order_id = (SELECT order_id FROM payments WHERE payments.id = payment_id);
ALTER TABLE refunds
    ALTER COLUMN order_id SET NOT NULL,
    DROP CONSTRAINT refunds_payment_id_request_key_key,
    ADD UNIQUE (order_id, request_key);
CREATE INDEX refunds_of_payment ON refunds (payment_id);
