-- Movements of stock, and the counters that are their sums.

-- name: adjust
-- One row: done. No row: fewer units than are to leave are in the warehouse, or there is no such
-- variant, and nothing moved.
WITH variant AS (
    SELECT id FROM variants WHERE id = $1 AND available + $2::integer >= 0 FOR NO KEY UPDATE
)
INSERT INTO stock_movements (variant_id, quantity, origin, destination, why, account_id, note)
SELECT
    id, abs($2::integer),
    CASE WHEN $2 > 0 THEN 'outside' ELSE 'warehouse' END::stock_place,
    CASE WHEN $2 > 0 THEN 'warehouse' ELSE 'outside' END::stock_place,
    $3::text::stock_reason, $4, $5
FROM variant
RETURNING true;

-- name: available
-- No row: there is no such variant.
SELECT sku, available FROM variants WHERE id = $1;

-- name: low_stock
-- What is left to sell of a variant. No row: there is none, or nobody wants to hear of it.
SELECT
    variants.id AS variant, products.id AS product, variants.sku, products.title, variants.options,
    variants.alert_at,
    variants.available + (
        SELECT coalesce(sum(left_to_sell(offers) * items.count), 0)
        FROM offer_items AS items
        JOIN offers ON offers.id = items.offer_id AND offers.state IN ('open', 'closing')
        WHERE items.variant_id = variants.id
    ) AS left
FROM variants JOIN products ON products.id = variants.product_id
WHERE variants.id = $1 AND variants.alert_at IS NOT NULL;

-- name: lock_variants
-- Those of the SKUs $1 that exist, in the order in which everyone locks variants.
SELECT id FROM variants WHERE sku = ANY($1::text[]) ORDER BY id FOR NO KEY UPDATE;

-- name: take_stock
-- Brings the warehouse to what a file says is in it: $2 units of each SKU $1, of which those that
-- open offers took out to sell are no longer available. Needs `lock_variants`.
WITH counted AS (
    SELECT
        variants.id,
        greatest(0, file.units - coalesce(sum(offers.allocated * items.count), 0))
            - variants.available AS change
    FROM unnest($1::text[], $2::bigint[]) AS file (sku, units)
    JOIN variants ON variants.sku = file.sku
    LEFT JOIN offer_items AS items ON items.variant_id = variants.id
    LEFT JOIN offers ON offers.id = items.offer_id AND offers.state IN ('open', 'closing')
    GROUP BY variants.id, file.units
)
INSERT INTO stock_movements (variant_id, quantity, origin, destination, why, account_id)
SELECT
    id, abs(change),
    CASE WHEN change > 0 THEN 'outside' ELSE 'warehouse' END::stock_place,
    CASE WHEN change > 0 THEN 'warehouse' ELSE 'outside' END::stock_place,
    'imported', $3
FROM counted
WHERE change <> 0;

-- name: of_variant
-- Newest first, before the movement $2 or from the top (NULL), at most $3.
SELECT
    moved.id, moved.variant_id AS variant, variants.sku, moved.quantity, moved.origin,
    moved.destination, moved.why, ms(moved.at) AS at, moved.offer_id AS offer,
    moved.order_id AS order, moved.account_id AS account, coalesce(moved.note, '') AS note
FROM stock_movements AS moved JOIN variants ON variants.id = moved.variant_id
WHERE moved.variant_id = $1 AND ($2::bigint IS NULL OR moved.id < $2)
ORDER BY moved.id DESC
LIMIT $3;

-- name: of_offer
-- As above, of all variants of an offer.
SELECT
    moved.id, moved.variant_id AS variant, variants.sku, moved.quantity, moved.origin,
    moved.destination, moved.why, ms(moved.at) AS at, moved.offer_id AS offer,
    moved.order_id AS order, moved.account_id AS account, coalesce(moved.note, '') AS note
FROM stock_movements AS moved JOIN variants ON variants.id = moved.variant_id
WHERE moved.offer_id = $1 AND ($2::bigint IS NULL OR moved.id < $2)
ORDER BY moved.id DESC
LIMIT $3;

-- name: balance_of_offer
-- Where the units of an offer are by its movements, in units of each item.
SELECT
    items.variant_id AS variant, variants.sku, items.count,
    coalesce(moved.offered, 0) AS offered,
    coalesce(moved.held, 0) AS held,
    coalesce(moved.sold, 0) AS sold
FROM offer_items AS items
JOIN variants ON variants.id = items.variant_id
LEFT JOIN stock_by_offer AS moved
    ON moved.offer_id = items.offer_id AND moved.variant_id = items.variant_id
WHERE items.offer_id = $1
ORDER BY items.position;

-- name: miscounted_variants
-- Variants whose counter is not the sum of its movements.
SELECT variants.id, variants.sku, variants.available, coalesce(moved.available, 0) AS moved
FROM variants LEFT JOIN stock_by_variant AS moved ON moved.variant_id = variants.id
WHERE variants.available <> coalesce(moved.available, 0)
ORDER BY variants.id;

-- name: miscounted_offers
-- Offers of which a counter is not the sum of its movements, by any of their items. `live` is what
-- their orders hold, a third witness.
SELECT
    offers.id, offers.allocated, offers.taken,
    coalesce(moved.offered + moved.held + moved.sold, 0) / items.count AS moved_allocated,
    coalesce(moved.held + moved.sold, 0) / items.count AS moved_taken,
    (
        SELECT coalesce(sum(quantity), 0)::bigint FROM orders
        WHERE orders.offer_id = offers.id
            AND (status = 'paid' OR (status = 'awaiting_payment' AND holds))
    ) AS live
FROM offers
JOIN offer_items AS items ON items.offer_id = offers.id
LEFT JOIN stock_by_offer AS moved
    ON moved.offer_id = items.offer_id AND moved.variant_id = items.variant_id
WHERE offers.allocated * items.count <> coalesce(moved.offered + moved.held + moved.sold, 0)
    OR offers.taken * items.count <> coalesce(moved.held + moved.sold, 0)
ORDER BY offers.id, items.position DESC;

-- name: may_mend
-- Ends with the transaction.
SELECT set_config('liveshop.mends_stock', 'on', true);

-- name: lock_offer
-- Before its movements are counted again.
SELECT id FROM offers WHERE id = $1 FOR NO KEY UPDATE;

-- name: mend_offer
-- Counts the movements of an offer again, by the item that counts for it. Needs its lock.
UPDATE offers SET (allocated, taken) = (
    SELECT
        coalesce(max(moved.offered + moved.held + moved.sold), 0) / max(items.count),
        coalesce(max(moved.held + moved.sold), 0) / max(items.count)
    FROM offer_items AS items
    LEFT JOIN stock_by_offer AS moved
        ON moved.offer_id = items.offer_id AND moved.variant_id = items.variant_id
    WHERE items.offer_id = offers.id AND items.variant_id = offers.variant_id
)
WHERE id = $1;

-- name: lock_variant
-- Before its movements are counted again.
SELECT id FROM variants WHERE id = $1 FOR NO KEY UPDATE;

-- name: mend_variant
-- Counts the movements of a variant again. Needs its lock.
UPDATE variants
SET available = coalesce(
    (SELECT available FROM stock_by_variant WHERE variant_id = variants.id), 0
)
WHERE id = $1;
