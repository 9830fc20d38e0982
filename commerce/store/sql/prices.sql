-- The prices that were asked. Triggers write them; nobody else does, and nobody changes one.

-- name: history
-- What was asked for the variants $1 in currency $2 after the moment $3 (or still is), the latest
-- first.
SELECT
    variant_id AS variant, minor, currency, ms(at) AS since, ms(until) AS until,
    offer_id AS offer, opening, claimed_minor
FROM (
    SELECT prices.*, lead(at) OVER (PARTITION BY variant_id, offer_id ORDER BY id) AS until
    FROM prices
    WHERE variant_id = ANY($1::text[])
) AS asked
WHERE minor IS NOT NULL AND currency = $2
    AND (until IS NULL OR (until > at AND until > moment($3)))
ORDER BY at DESC, id DESC;

-- name: now
-- The moment that rows of this transaction carry.
SELECT ms(now());

-- name: before
-- Of the SKUs $1, those that are there: what they are said to have cost before.
SELECT id AS variant, sku, was_minor FROM variants WHERE sku = ANY($1::text[]);

-- name: variant
-- No row: there is no such variant.
SELECT sku, currency FROM variants WHERE id = $1;
