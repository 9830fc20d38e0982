-- Rehearsals: shows that practise another one. Nobody but their host's team sees them, nothing in
-- them is paid for, and no price that is asked in them was ever asked.

ALTER TABLE shows
    -- The show that is practised. It stays what it was made as: whoever was kept out, or let pay,
    -- can rely on that for good.
    ADD COLUMN rehearses text REFERENCES shows CHECK (rehearses <> id);
CREATE UNIQUE INDEX one_rehearsal_at_a_time ON shows (rehearses)
    WHERE rehearses IS NOT NULL AND state <> 'ended';
CREATE INDEX rehearsals_by_end ON shows (ended_at) WHERE rehearses IS NOT NULL;

CREATE FUNCTION refuse_recasting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a show stays a show, and a rehearsal a rehearsal'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER rehearsals_stay_rehearsals BEFORE UPDATE OF rehearses ON shows
    FOR EACH ROW WHEN (OLD.rehearses IS DISTINCT FROM NEW.rehearses)
    EXECUTE FUNCTION refuse_recasting();

-- No payment has a part for an order of a rehearsal. Once a statement: one look a payment.
CREATE FUNCTION refuse_rehearsed_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM begun
        JOIN orders ON orders.id = begun.order_id
        JOIN shows ON shows.id = orders.show_id
        WHERE shows.rehearses IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'nothing in a rehearsal is paid for' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rehearsals_are_free AFTER INSERT ON payment_parts
    REFERENCING NEW TABLE AS begun
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rehearsed_payment();

-- As before, but for rehearsals: what is low later, or was the price before, is decided by what
-- somebody could have paid.
CREATE OR REPLACE FUNCTION keep_offer_price() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM shows WHERE id = NEW.show_id AND rehearses IS NOT NULL) THEN
        RETURN NULL;
    END IF;
    INSERT INTO prices (variant_id, offer_id, minor, currency, at)
    VALUES (
        (
            SELECT min(variant_id) FROM offer_items WHERE offer_id = NEW.id
            HAVING count(*) = 1 AND max(count) = 1
        ),
        NEW.id,
        CASE NEW.state WHEN 'open' THEN NEW.price_minor END,
        NEW.currency,
        CASE NEW.state
            WHEN 'open' THEN greatest(now(), NEW.opens_at)
            -- An offer may be closed before it opened, or some moments after its time.
            ELSE greatest(NEW.opens_at, least(now(), NEW.closes_at))
        END
    );
    RETURN NULL;
END $$;

-- What of an offer is left to sell: what is held in a rehearsal comes back.
CREATE FUNCTION left_to_sell(offer offers) RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE
    RETURN offer.allocated - CASE
        WHEN (SELECT rehearses IS NULL FROM shows WHERE id = offer.show_id) THEN offer.taken ELSE 0
    END;

-- As before, but for rehearsals: none makes a variant low, and none is told instead of a show.
CREATE OR REPLACE FUNCTION tell_low_stock(text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH level AS (
        SELECT
            variants.id,
            variants.available + coalesce(sum(left_to_sell(offers) * items.count), 0)
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
        WHERE crossed.low AND shows.rehearses IS NULL AND (
            shows.state <> 'ended'
            OR offers.id = (
                SELECT max(offered.offer_id)
                FROM offer_items AS offered
                JOIN offers AS last ON last.id = offered.offer_id
                JOIN shows AS sold_in ON sold_in.id = last.show_id
                WHERE offered.variant_id = crossed.id AND sold_in.rehearses IS NULL
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
