-- Orders written from the stream.

-- name: lock_offers
-- In the order of their ids, so that two who lock several do not wait for each other; with what an
-- order shows of its offer.
SELECT
    offers.id,
    offers.show_id AS show,
    offers.price_minor,
    offers.currency,
    coalesce(offers.title, products.title) AS title,
    variants.options,
    coalesce(variants.picture, products.pictures[1]) AS picture
FROM offers
JOIN variants ON variants.id = offers.variant_id
JOIN products ON products.id = variants.product_id
WHERE offers.id = ANY($1::text[])
ORDER BY offers.id
FOR NO KEY UPDATE OF offers;

-- name: place
-- One order a hold, however often it comes, and never more units than are allocated: what does not
-- fit gets no row. The offers are locked by the caller, so that `taken` is the current one. Each
-- row is an event. Returns the new orders, in no order.
WITH entry AS (
    SELECT *
    FROM unnest(
        $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[]
    ) WITH ORDINALITY
        AS e (id, hold_id, offer_id, buyer_id, quantity, expires_at, pay_by, place)
),
fresh AS (
    SELECT
        entry.*,
        sum(entry.quantity) OVER (PARTITION BY entry.offer_id ORDER BY entry.place) AS wanted
    FROM entry
    -- Looked up one by one (OFFSET 0): as a join it may read all orders there are.
    WHERE NOT EXISTS (SELECT FROM orders WHERE orders.hold_id = entry.hold_id OFFSET 0)
),
placed AS (
    INSERT INTO orders (
        id, hold_id, offer_id, show_id, buyer_id, quantity, unit_price_minor, currency,
        pay_by, hold_expires_at
    )
    SELECT
        fresh.id, fresh.hold_id, offers.id, offers.show_id, fresh.buyer_id, fresh.quantity,
        offers.price_minor, offers.currency,
        moment(fresh.pay_by), moment(fresh.expires_at)
    FROM fresh
    JOIN offers ON offers.id = fresh.offer_id
    WHERE offers.taken + fresh.wanted <= offers.allocated
    ON CONFLICT (hold_id) DO NOTHING
    RETURNING id, hold_id, show_id, offer_id, buyer_id, quantity, placed_at
),
recorded AS (
    INSERT INTO events (type, show_id, subject_id) SELECT 'order.placed', show_id, id FROM placed
),
moved AS (
    INSERT INTO stock_movements
        (variant_id, quantity, origin, destination, why, offer_id, order_id, account_id)
    SELECT
        items.variant_id, placed.quantity * items.count, 'offer', 'held', 'placed',
        placed.offer_id, placed.id, placed.buyer_id
    FROM placed JOIN offer_items AS items ON items.offer_id = placed.offer_id
)
SELECT
    placed.id,
    placed.hold_id AS hold,
    -- Looked up one by one: as a join it may read all accounts there are.
    (SELECT name FROM accounts WHERE accounts.id = placed.buyer_id) AS buyer_name,
    ms(placed.placed_at) AS placed_at
FROM placed;

-- name: of_holds
-- Holds without an order are left out.
SELECT id, hold_id AS hold, status FROM orders WHERE hold_id = ANY($1::text[]);
