-- Where every unit went, and what an offer is made of.

-- What one unit of an offer takes out of the warehouse: one unit of one variant, or several of
-- several. `offers.variant_id` is the item that lends the offer its picture.
CREATE TABLE offer_items (
    offer_id    text NOT NULL REFERENCES offers,
    variant_id  text NOT NULL REFERENCES variants,
    position    integer NOT NULL,
    count       integer NOT NULL CHECK (count > 0),
    -- A variant is an item once, so that nobody can check its demand in parts.
    PRIMARY KEY (offer_id, variant_id),
    UNIQUE (offer_id, position)
);
CREATE INDEX offer_items_of_variant ON offer_items (variant_id);
INSERT INTO offer_items (offer_id, variant_id, position, count) SELECT id, variant_id, 1, 1 FROM offers;
ALTER TABLE offers
    ADD COLUMN title text CHECK (length(title) BETWEEN 1 AND 255),
    ADD FOREIGN KEY (id, variant_id) REFERENCES offer_items (offer_id, variant_id)
        DEFERRABLE INITIALLY DEFERRED;

-- What is left to sell of a variant is what is available and what nobody took in open offers. At
-- `alert_at` units it is low; `low` remembers that this was told.
ALTER TABLE variants
    ADD COLUMN alert_at integer CHECK (alert_at >= 0),
    ADD COLUMN low boolean NOT NULL DEFAULT false;

-- The history of all stock, in units of variants. Every counter is the sum of its movements:
-- `variants.available` is what is in the warehouse, `offers.taken` what is held or sold, and
-- `offers.allocated` that and what is in the offer.
CREATE TYPE stock_place AS ENUM ('outside', 'warehouse', 'offer', 'held', 'sold');
CREATE TYPE stock_reason AS ENUM (
    'carried_over', 'imported',
    'received', 'returned', 'counted', 'damaged', 'lost',
    'opened', 'closed',
    'placed', 'paid', 'lapsed', 'cancelled', 'refunded'
);
CREATE TABLE stock_movements (
    id           bigint GENERATED ALWAYS AS IDENTITY,
    -- No foreign keys: whoever writes a movement reads these rows in the same statement, and nobody
    -- deletes them. Checking them again would cost PostgreSQL 43 us an order instead of 33.
    variant_id   text NOT NULL,
    quantity     integer NOT NULL CHECK (quantity > 0),
    origin       stock_place NOT NULL,
    destination  stock_place NOT NULL,
    why          stock_reason NOT NULL,
    offer_id     text,
    order_id     text,
    -- Who did it; NULL: the shop itself.
    account_id   text,
    note         text,
    at           timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (variant_id, id),
    CHECK (origin <> destination),
    CHECK (offer_id IS NOT NULL OR (origin <= 'warehouse' AND destination <= 'warehouse')),
    CHECK (order_id IS NOT NULL OR why < 'placed')
);
CREATE INDEX stock_movements_of_offer ON stock_movements (offer_id, id) WHERE offer_id IS NOT NULL;

-- What is there already came from somewhere.
INSERT INTO stock_movements (variant_id, quantity, origin, destination, why, offer_id, order_id)
SELECT
    id, available, 'outside'::stock_place, 'warehouse'::stock_place,
    'carried_over'::stock_reason, NULL, NULL
FROM variants WHERE available > 0
UNION ALL
SELECT variant_id, allocated - taken, 'outside', 'offer', 'carried_over', id, NULL
FROM offers WHERE allocated > taken
UNION ALL
SELECT
    offers.variant_id, orders.quantity, 'outside',
    CASE orders.status WHEN 'paid' THEN 'sold' ELSE 'held' END::stock_place,
    'carried_over', offers.id, orders.id
FROM orders JOIN offers ON offers.id = orders.offer_id
WHERE orders.status IN ('awaiting_payment', 'paid');

-- Remembers which of the variants $1 are low now, and records that one became so: for every show
-- that has it in its bag and did not end, and for the last one that had it.
CREATE FUNCTION tell_low_stock(text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH level AS (
        SELECT
            variants.id,
            variants.available + coalesce(sum((offers.allocated - offers.taken) * items.count), 0)
                <= variants.alert_at AS low
        FROM variants
        LEFT JOIN offer_items AS items ON items.variant_id = variants.id
        LEFT JOIN offers ON offers.id = items.offer_id AND offers.state IN ('open', 'closing')
        WHERE variants.id = ANY($1) AND variants.alert_at IS NOT NULL
        GROUP BY variants.id
    ),
    crossed AS (
        UPDATE variants SET low = level.low FROM level
        WHERE variants.id = level.id AND variants.low <> level.low
        RETURNING variants.id, variants.low
    ),
    concerned AS (
        SELECT DISTINCT offers.show_id, crossed.id
        FROM crossed
        JOIN offer_items AS items ON items.variant_id = crossed.id
        JOIN offers ON offers.id = items.offer_id
        JOIN shows ON shows.id = offers.show_id
        WHERE crossed.low AND (
            shows.state <> 'ended'
            OR offers.id = (
                SELECT max(offer_id) FROM offer_items WHERE variant_id = crossed.id
            )
        )
    ),
    recorded AS (
        INSERT INTO events (type, show_id, subject_id) SELECT 'stock.low', show_id, id FROM concerned
    )
    INSERT INTO outbox (topic, show_id, subject_id) SELECT 'stock_low', show_id, id FROM concerned;
    IF FOUND THEN
        PERFORM pg_notify('outbox', '');
    END IF;
END $$;

-- Counts what moved, once a statement: a batch of 512 orders costs two updates. Whoever inserts
-- movements has locked the offers and then the variants that they count in, by their ids.
CREATE FUNCTION count_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE offers
    SET
        allocated = offers.allocated + moved_units.allocated / items.count,
        taken = offers.taken + moved_units.taken / items.count
    FROM (
        SELECT
            offer_id, variant_id,
            sum(
                CASE WHEN destination >= 'offer' THEN quantity ELSE 0 END
                - CASE WHEN origin >= 'offer' THEN quantity ELSE 0 END
            ) AS allocated,
            sum(
                CASE WHEN destination >= 'held' THEN quantity ELSE 0 END
                - CASE WHEN origin >= 'held' THEN quantity ELSE 0 END
            ) AS taken
        FROM moved
        WHERE offer_id IS NOT NULL
        GROUP BY offer_id, variant_id
    ) AS moved_units
    JOIN offer_items AS items USING (offer_id, variant_id)
    WHERE offers.id = moved_units.offer_id
        -- All items of an offer move together, so one of them counts for it.
        AND offers.variant_id = moved_units.variant_id
        AND (moved_units.allocated <> 0 OR moved_units.taken <> 0);

    UPDATE variants SET available = variants.available + moved_units.available
    FROM (
        SELECT
            variant_id,
            sum(CASE destination WHEN 'warehouse' THEN quantity ELSE -quantity END) AS available
        FROM moved
        WHERE 'warehouse' IN (origin, destination)
        GROUP BY variant_id
    ) AS moved_units
    WHERE variants.id = moved_units.variant_id AND moved_units.available <> 0;

    -- Who is watched is locked, so that of two who cross together the second sees the first.
    PERFORM FROM variants
    WHERE id IN (SELECT variant_id FROM moved) AND alert_at IS NOT NULL
    ORDER BY id
    FOR NO KEY UPDATE;
    IF FOUND THEN
        PERFORM tell_low_stock(array(SELECT DISTINCT variant_id FROM moved));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER stock_movements_count AFTER INSERT ON stock_movements
    REFERENCING NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION count_moved();

-- Nothing else counts: not by mistake, and not by hand. `liveshop.mends_stock` is for
-- reconciliation, which sets a counter to the sum of its movements.
CREATE FUNCTION refuse_counting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the units of % are only counted by stock_movements', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER variants_are_counted BEFORE UPDATE OF available ON variants
    FOR EACH ROW
    WHEN (
        OLD.available <> NEW.available AND pg_trigger_depth() = 0
        AND coalesce(current_setting('liveshop.mends_stock', true), '') <> 'on'
    )
    EXECUTE FUNCTION refuse_counting();
CREATE TRIGGER new_variants_are_counted BEFORE INSERT ON variants
    FOR EACH ROW WHEN (NEW.available <> 0) EXECUTE FUNCTION refuse_counting();
CREATE TRIGGER offers_are_counted BEFORE UPDATE OF allocated, taken ON offers
    FOR EACH ROW
    WHEN (
        (OLD.allocated <> NEW.allocated OR OLD.taken <> NEW.taken) AND pg_trigger_depth() = 0
        AND coalesce(current_setting('liveshop.mends_stock', true), '') <> 'on'
    )
    EXECUTE FUNCTION refuse_counting();
CREATE TRIGGER new_offers_are_counted BEFORE INSERT ON offers
    FOR EACH ROW WHEN (NEW.allocated <> 0 OR NEW.taken <> 0) EXECUTE FUNCTION refuse_counting();

CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER stock_movements_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_movements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

-- The sums themselves, to compare the counters with.
CREATE VIEW stock_by_variant AS
SELECT
    variant_id,
    sum(CASE destination WHEN 'warehouse' THEN quantity ELSE -quantity END)::bigint AS available
FROM stock_movements
WHERE 'warehouse' IN (origin, destination)
GROUP BY variant_id;

CREATE VIEW stock_by_offer AS
SELECT
    offer_id, variant_id,
    coalesce(sum(quantity) FILTER (WHERE destination = 'offer'), 0)
        - coalesce(sum(quantity) FILTER (WHERE origin = 'offer'), 0) AS offered,
    coalesce(sum(quantity) FILTER (WHERE destination = 'held'), 0)
        - coalesce(sum(quantity) FILTER (WHERE origin = 'held'), 0) AS held,
    coalesce(sum(quantity) FILTER (WHERE destination = 'sold'), 0)
        - coalesce(sum(quantity) FILTER (WHERE origin = 'sold'), 0) AS sold
FROM stock_movements
WHERE offer_id IS NOT NULL
GROUP BY offer_id, variant_id;
