-- The ledger's side of offers.

-- name: lock_show
-- Whoever ends the show, or adds to its bag, waits. No row: there is no such show.
SELECT state FROM shows WHERE id = $1 FOR NO KEY UPDATE;

-- name: goods
-- What is to be offered, in the order given; what does not exist is left out. Nobody archives it
-- or changes its price before the transaction ends.
SELECT
    variants.id, variants.sku, products.id AS product, products.status,
    variants.price_minor, variants.was_minor, variants.currency
FROM unnest($1::text[]) WITH ORDINALITY AS wanted (id, place)
JOIN variants ON variants.id = wanted.id
JOIN products ON products.id = variants.product_id
ORDER BY wanted.place
FOR SHARE OF variants, products;

-- name: create
-- Needs the show's lock, for the position. $2 variants, $3 of each, are one unit of the offer.
WITH items AS (
    INSERT INTO offer_items (offer_id, variant_id, position, count)
    SELECT $1, variant_id, position, count
    FROM unnest($2::text[], $3::integer[]) WITH ORDINALITY AS item (variant_id, count, position)
)
INSERT INTO offers
    (id, variant_id, show_id, title, kind, position, price_minor, was_minor, currency, quantity,
     limit_per_buyer, hold_s, duration_s, entry, policy)
SELECT
    $1, ($2::text[])[1], $4, $5, $6,
    (SELECT coalesce(max(position), 0) + 1 FROM offers WHERE show_id = $4),
    $7, $8, $9, $10, $11, $12, $13, $14, $15;

-- name: bundles
-- The items of those of the offers $1 that hold more than one unit of one variant.
SELECT
    items.offer_id AS offer, items.variant_id AS variant, variants.sku, products.title,
    variants.options, coalesce(variants.picture, products.pictures[1]) AS picture, items.count
FROM offer_items AS items
JOIN variants ON variants.id = items.variant_id
JOIN products ON products.id = variants.product_id
WHERE items.offer_id IN (
    SELECT offer_id FROM offer_items WHERE offer_id = ANY($1::text[])
    GROUP BY offer_id HAVING count(*) > 1 OR max(count) > 1
)
ORDER BY items.offer_id, items.position;

-- name: views
-- The offer $1, or every offer of the show $2 in the order of its bag.
SELECT
    offers.id, offers.show_id AS show, offers.kind,
    CASE offers.state WHEN 'closing' THEN 'closed' ELSE offers.state END AS state,
    products.id AS product, coalesce(offers.title, products.title) AS title,
    variants.id AS variant, variants.sku,
    variants.options, coalesce(variants.picture, products.pictures[1]) AS picture,
    nullif(products.alts ->> coalesce(variants.picture, products.pictures[1]), '') AS picture_alt,
    offers.price_minor, offers.was_minor, offers.currency, offers.quantity,
    CASE offers.state WHEN 'draft' THEN quantity WHEN 'open' THEN allocated - taken ELSE 0 END
        AS left,
    0 AS version, offers.limit_per_buyer, offers.hold_s, offers.position,
    ms(offers.opens_at) AS opens_at, ms(offers.closes_at) AS closes_at, offers.entry,
    offers.policy, queues.commitment
FROM offers
LEFT JOIN queues ON queues.offer_id = offers.id
JOIN variants ON variants.id = variant_id
JOIN products ON products.id = product_id
WHERE offers.id IN (SELECT $1::text UNION ALL SELECT id FROM offers WHERE show_id = $2)
ORDER BY offers.position, offers.id;

-- name: open
-- One row: the offer is open, and its units have yet to be carved out in the same transaction.
-- No row: it is no draft.
UPDATE offers SET
    state = 'open',
    opens_at = moment($2),
    duration_s = coalesce($3::integer, duration_s),
    closes_at = moment($2) + coalesce($3::integer, duration_s) * interval '1 second'
WHERE id = $1 AND state = 'draft'
RETURNING quantity;

-- name: items
-- What the offer $1 is made of.
SELECT variant_id, count FROM offer_items WHERE offer_id = $1 ORDER BY position;

-- name: set_was
-- NULL: nothing that it cost before may be said.
UPDATE offers SET was_minor = $2 WHERE id = $1 AND was_minor IS DISTINCT FROM $2::bigint;

-- name: lock_stock
-- The variants of an offer, and how many units of each $2 units of the offer take. A variant is an
-- item once, so `wanted` is all that the offer wants of it. Comes after the offer's lock.
SELECT variants.sku, variants.available, items.count * $2::integer AS wanted
FROM offer_items AS items JOIN variants ON variants.id = items.variant_id
WHERE items.offer_id = $1
ORDER BY variants.id
FOR NO KEY UPDATE OF variants;

-- name: carve_out
-- Takes $2 units of the offer out of the warehouse, for the account $3. Needs `lock_stock`.
INSERT INTO stock_movements
    (variant_id, quantity, origin, destination, why, offer_id, account_id)
SELECT variant_id, count * $2::integer, 'warehouse', 'offer', 'opened', offer_id, $3
FROM offer_items
WHERE offer_id = $1;

-- name: extend
-- No row: there is no such offer, it is not open, has no end, or its time is over.
UPDATE offers SET closes_at = closes_at + $2::integer * interval '1 second'
WHERE id = $1 AND state = 'open' AND closes_at > now()
RETURNING show_id;

-- name: start_closing
-- No row: there is no such offer, or it is not open.
UPDATE offers SET state = 'closing' WHERE id = $1 AND state = 'open' RETURNING show_id;

-- name: finish_closing
-- No row: the offer is not closing. Holding the row, it counts every order and lapse that was
-- committed; what is unsold has yet to be put back in the same transaction.
UPDATE offers SET state = 'closed' WHERE id = $1 AND state = 'closing'
RETURNING show_id, allocated - taken AS unsold;

-- name: put_back
-- Gives $2 units of the offer back to the warehouse. Needs `lock_stock`.
INSERT INTO stock_movements (variant_id, quantity, origin, destination, why, offer_id)
SELECT variant_id, count * $2::integer, 'offer', 'warehouse', 'closed', offer_id
FROM offer_items
WHERE offer_id = $1 AND $2::integer > 0;

-- name: due_to_close
-- Closing ones first, then open ones in the order in which their time was over.
SELECT id FROM offers
WHERE state = 'closing' OR (state = 'open' AND closes_at <= moment($1))
ORDER BY state, closes_at
LIMIT $2;

-- name: gate_terms
-- The open offer $1, or every open offer when that is NULL.
SELECT
    id AS offer, show_id AS show, allocated, taken, limit_per_buyer AS limit, hold_s,
    ms(opens_at) AS opens_at, ms(closes_at) AS closes_at, price_minor, currency, entry, policy,
    (
        SELECT coalesce(sum(racing.quantity), 0)::bigint FROM orders AS racing
        WHERE racing.offer_id = offers.id
            AND racing.status = 'awaiting_payment' AND NOT racing.holds
    ) AS intents
FROM offers
WHERE state = 'open' AND ($1::text IS NULL OR id = $1)
ORDER BY id;
