-- The ledger's side of offers.

-- name: lock_show
-- Whoever ends the show, or adds to its bag, waits. No row: there is no such show.
SELECT state FROM shows WHERE id = $1 FOR NO KEY UPDATE;

-- name: create
-- Needs the show's lock, for the position. No row: there is no such variant.
INSERT INTO offers
    (id, show_id, variant_id, kind, position, price_minor, was_minor, currency, quantity,
     limit_per_buyer, hold_s, duration_s)
SELECT
    $1, $2, variants.id, $4,
    (SELECT coalesce(max(position), 0) + 1 FROM offers WHERE show_id = $2),
    price.minor,
    CASE
        WHEN variants.price_minor > price.minor THEN variants.price_minor
        WHEN variants.was_minor > price.minor THEN variants.was_minor
    END,
    currency, $6, $7, $8, $9
FROM variants, LATERAL (SELECT coalesce($5::bigint, price_minor) AS minor) AS price
WHERE variants.id = $3
RETURNING true;

-- name: views
-- The offer $1, or every offer of the show $2 in the order of its bag.
SELECT
    offers.id, offers.show_id AS show, offers.kind,
    CASE offers.state WHEN 'closing' THEN 'closed' ELSE offers.state END AS state,
    products.id AS product, products.title, variants.id AS variant, variants.sku,
    variants.options, coalesce(variants.picture, products.pictures[1]) AS picture,
    offers.price_minor, offers.was_minor, offers.currency, offers.quantity,
    CASE offers.state WHEN 'draft' THEN quantity WHEN 'open' THEN allocated - taken ELSE 0 END
        AS left,
    0 AS version, offers.limit_per_buyer, offers.hold_s, offers.position,
    ms(offers.opens_at) AS opens_at, ms(offers.closes_at) AS closes_at
FROM offers
JOIN variants ON variants.id = variant_id
JOIN products ON products.id = product_id
WHERE offers.id IN (SELECT $1::text UNION ALL SELECT id FROM offers WHERE show_id = $2)
ORDER BY offers.position, offers.id;

-- name: open
-- One row: the offer is open, and its units have yet to be taken in the same transaction.
-- No row: it is no draft.
UPDATE offers SET
    state = 'open',
    allocated = quantity,
    opens_at = moment($2),
    duration_s = coalesce($3::integer, duration_s),
    closes_at = moment($2) + coalesce($3::integer, duration_s) * interval '1 second'
WHERE id = $1 AND state = 'draft'
RETURNING allocated;

-- name: take_stock
-- No row: fewer units than $2 are available, and none was taken.
UPDATE variants SET available = available - $2 WHERE id = $1 AND available >= $2 RETURNING true;

-- name: stock
-- For the sentence of a refusal; nothing is decided with it.
SELECT available FROM variants WHERE id = $1;

-- name: start_closing
-- No row: there is no such offer, or it is not open.
UPDATE offers SET state = 'closing' WHERE id = $1 AND state = 'open' RETURNING show_id;

-- name: finish_closing
-- Gives back exactly once. The lock comes first, so that `unsold` counts every order and lapse
-- that was committed. No row: the offer is not closing.
WITH closing AS (
    SELECT id, show_id, variant_id, allocated - taken AS unsold
    FROM offers
    WHERE id = $1 AND state = 'closing'
    FOR NO KEY UPDATE
), closed AS (
    UPDATE offers SET state = 'closed', allocated = taken FROM closing WHERE offers.id = closing.id
), restocked AS (
    UPDATE variants SET available = available + unsold
    FROM closing
    WHERE variants.id = variant_id
)
SELECT show_id, unsold FROM closing;

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
    ms(opens_at) AS opens_at, ms(closes_at) AS closes_at, price_minor, currency
FROM offers
WHERE state = 'open' AND ($1::text IS NULL OR id = $1)
ORDER BY id;
