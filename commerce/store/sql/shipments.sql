-- Shipments: paid orders of one buyer, on their way to one address.
-- Locked after orders and payments, never before.

-- name: board
-- The open shipment that goes there by that option, or a new one under the id $1. Idempotent; who
-- packs it at this moment comes first, and a new one is opened.
INSERT INTO shipments (
    id, host_id, buyer_id, show_id, address, digest, option_id, option_name
)
VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8)
ON CONFLICT (host_id, buyer_id, digest, option_id) WHERE state = 'open'
    DO UPDATE SET option_name = EXCLUDED.option_name
RETURNING id;

-- name: put_in
-- Idempotent. The orders are locked by the caller.
UPDATE orders SET shipment_id = $1 WHERE id = ANY($2::text[]);

-- name: record
-- An event, in the transaction that makes it true.
INSERT INTO events (type, show_id, subject_id)
SELECT 'shipment.' || $2, show_id, id FROM shipments WHERE id = $1;

-- name: move
-- From a state in $2 to its neighbour in $3, with a carrier and its number where they are given. No
-- row: the shipment is in none of $2. The row is an event.
WITH moved AS (
    UPDATE shipments
    SET
        state = move.after,
        carrier = coalesce($4, carrier),
        tracking = coalesce($5, tracking),
        packed_at = CASE WHEN move.after = 'packed' THEN now() ELSE packed_at END,
        shipped_at = CASE WHEN move.after = 'shipped' THEN now() ELSE shipped_at END,
        delivered_at = CASE WHEN move.after = 'delivered' THEN now() ELSE delivered_at END
    FROM unnest($2::text[], $3::text[]) AS move (before, after)
    WHERE shipments.id = $1 AND shipments.state = move.before
    RETURNING shipments.id, shipments.show_id, shipments.state
)
INSERT INTO events (type, show_id, subject_id)
SELECT 'shipment.' || state, show_id, id FROM moved
RETURNING subject_id;

-- name: lock_of_order
-- The shipment of an order, held until the transaction ends. No row: it travels in none of these
-- states ($2).
SELECT id FROM shipments
WHERE id = (SELECT shipment_id FROM orders WHERE id = $1) AND state = ANY($2::text[])
FOR NO KEY UPDATE;

-- name: take_out
-- The shipment is locked by the caller. True: nothing is left in it.
WITH taken AS (
    UPDATE orders SET shipment_id = NULL WHERE id = $1 AND shipment_id = $2 RETURNING id
)
SELECT NOT EXISTS (
    SELECT FROM orders WHERE shipment_id = $2 AND id NOT IN (SELECT id FROM taken)
);

-- name: parties
-- No row: no such shipment.
SELECT host_id AS host, buyer_id AS buyer, state FROM shipments WHERE id = $1;

-- name: shows
-- The shows that its orders were won in.
SELECT DISTINCT show_id AS show FROM orders WHERE shipment_id = $1 ORDER BY show_id;

-- name: views
-- In the order of the ids given; unknown ones are left out.
SELECT
    shipments.id,
    shipments.show_id AS show,
    shipments.buyer_id AS buyer,
    accounts.name AS buyer_name,
    shipments.state,
    shipments.option_name AS option,
    ARRAY(SELECT id FROM orders WHERE shipment_id = shipments.id ORDER BY placed_at, id) AS orders,
    ms(shipments.opened_at) AS opened_at,
    ms(shipments.packed_at) AS packed_at,
    ms(shipments.shipped_at) AS shipped_at,
    ms(shipments.delivered_at) AS delivered_at,
    shipments.carrier,
    shipments.tracking
FROM unnest($1::text[]) WITH ORDINALITY AS wanted (id, place)
JOIN shipments ON shipments.id = wanted.id
JOIN accounts ON accounts.id = shipments.buyer_id
ORDER BY wanted.place;

-- name: addresses
-- For the buyer and the host alone: whoever asks has made sure.
SELECT id, address::text AS address FROM shipments WHERE id = ANY($1::text[]);

-- name: contents
-- What goes into shipments, order by order.
SELECT
    orders.shipment_id AS shipment,
    orders.id AS order,
    orders.show_id AS show,
    variants.sku,
    products.title,
    variants.options,
    orders.quantity,
    variants.grams * orders.quantity AS grams
FROM orders
JOIN offers ON offers.id = orders.offer_id
JOIN variants ON variants.id = offers.variant_id
JOIN products ON products.id = variants.product_id
WHERE orders.shipment_id = ANY($1::text[])
ORDER BY orders.shipment_id, orders.placed_at, orders.id;

-- name: to_pack
-- Shipments with something of the show $1 in them and in one of the states $2, oldest first, after
-- the shipment $3 or from the top (NULL), at most $4.
SELECT id FROM shipments
WHERE state = ANY($2::text[])
    AND id IN (SELECT shipment_id FROM orders WHERE show_id = $1 AND shipment_id IS NOT NULL)
    AND ($3::text IS NULL OR id > $3)
ORDER BY id
LIMIT $4;
