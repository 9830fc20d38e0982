-- The catalogue.

-- name: create
-- One row: the product is there. No row: another product has the handle.
INSERT INTO products
    (id, handle, title, body_html, vendor, kind, tags, status, options, pictures, alts)
SELECT id, handle, title, body_html, vendor, kind, tags, status, options, pictures, alts
FROM json_populate_recordset(NULL::products, $1::json)
ON CONFLICT (handle) DO NOTHING
RETURNING id;

-- name: put
-- Inserts or updates by handle; a product that was there keeps its id. A row for each.
INSERT INTO products
    (id, handle, title, body_html, vendor, kind, tags, status, options, pictures)
SELECT id, handle, title, body_html, vendor, kind, tags, status, options, pictures
FROM json_populate_recordset(NULL::products, $1::json)
ON CONFLICT (handle) DO UPDATE SET
    title = excluded.title, body_html = excluded.body_html, vendor = excluded.vendor,
    kind = excluded.kind, tags = excluded.tags, status = excluded.status,
    options = excluded.options, pictures = excluded.pictures, updated_at = now()
-- A row that this statement inserted has never been updated.
RETURNING id, handle, xmax = 0 AS created;

-- name: put_variants
-- Inserts or updates by SKU. A row for each; none for a SKU that belongs to another product.
-- Units come and go by movements alone: a new variant has none.
INSERT INTO variants
    (id, product_id, position, sku, options, price_minor, was_minor, currency, picture, grams,
     available)
SELECT
    id, product_id, position, sku, options, price_minor, was_minor, currency, picture, grams, 0
FROM json_populate_recordset(NULL::variants, $1::json)
ON CONFLICT (sku) DO UPDATE SET
    position = excluded.position, options = excluded.options, price_minor = excluded.price_minor,
    was_minor = excluded.was_minor, currency = excluded.currency, picture = excluded.picture,
    grams = excluded.grams
    WHERE variants.product_id = excluded.product_id
RETURNING sku;

-- name: move_unlisted_variants
-- Of products $1, which list $2 variants each, puts those whose SKU is not in $3 at the end.
UPDATE variants SET position = unlisted.position
FROM (
    SELECT variants.id, listed.variants + row_number() OVER (
        PARTITION BY product_id ORDER BY variants.position, variants.id
    ) AS position
    FROM variants
    JOIN unnest($1::text[], $2::integer[]) AS listed (product_id, variants) USING (product_id)
    WHERE NOT EXISTS (SELECT FROM unnest($3::text[]) AS skus (sku) WHERE skus.sku = variants.sku)
) AS unlisted
WHERE variants.id = unlisted.id AND variants.position <> unlisted.position;

-- name: owners
-- A row for each SKU of $1 that is in the catalogue.
SELECT sku, handle
FROM variants JOIN products ON products.id = product_id
WHERE sku = ANY($1::text[]);

-- name: get
-- No row: there is no such product.
SELECT id, handle, title, body_html, vendor, kind, tags, status, options, pictures, alts
FROM products WHERE id = $1;

-- name: variants_of
-- In the order of the products' own lists.
SELECT
    product_id, id, sku, options, price_minor, was_minor, currency, picture, grams, available,
    alert_at, low
FROM variants
WHERE product_id = ANY($1::text[])
ORDER BY product_id, position;

-- name: index
-- Finds the products $1 by what they are called now; after every change of them or their SKUs.
UPDATE products SET words = words_of_product(products) WHERE id = ANY($1::text[]);

-- name: place_of
-- Where a product stands in the order of titles. No row: there is no such product.
SELECT lower(title) AS title, id FROM products WHERE id = $1;

-- name: search
-- At most $6 products in the order of their titles, behind the place ($4, $5): with the words of
-- $1, in the status $2, of the kind $3; see `products_asked`. At first $7 rows are read on in the
-- order of titles, in which whatever is frequent is found; only what is rarer is looked up by its
-- words, and sorted.
WITH asked AS MATERIALIZED (
    SELECT products_asked($1, $2, $3) AS words
),
near AS MATERIALIZED (
    SELECT id FROM (
        SELECT id, lower(title) AS title, words FROM products
        WHERE (lower(title), id) > ($4, $5)
        ORDER BY lower(title), id
        LIMIT $7
    ) AS next
    WHERE next.words @@ (SELECT words FROM asked)
    ORDER BY title, id
    LIMIT $6
),
matching AS MATERIALIZED (
    SELECT id, lower(title) AS title FROM products
    WHERE (SELECT count(*) FROM near) < $6 AND words @@ (SELECT words FROM asked)
),
far AS MATERIALIZED (
    SELECT id FROM matching WHERE (title, id) > ($4, $5) ORDER BY title, id LIMIT $6
)
SELECT id, handle, title, body_html, vendor, kind, tags, status, options, pictures, alts
FROM products
WHERE id = ANY(
    CASE WHEN (SELECT count(*) FROM near) < $6
        THEN ARRAY(SELECT id FROM far) ELSE ARRAY(SELECT id FROM near)
    END
)
ORDER BY lower(title), id;

-- name: lock
-- No row: there is no such product.
SELECT handle, options, status FROM products WHERE id = $1 FOR NO KEY UPDATE;

-- name: change
-- Sets what is given of a product; NULL leaves a column as it is.
UPDATE products SET
    title = coalesce($2, title),
    body_html = coalesce($3, body_html),
    vendor = coalesce($4, vendor),
    kind = coalesce($5, kind),
    tags = coalesce($6::text[], tags),
    status = coalesce($7, status),
    pictures = coalesce($8::text[], pictures),
    alts = coalesce($9::jsonb, alts),
    updated_at = now()
WHERE id = $1;

-- name: offered
-- An offer that sells a product, or is about to: it cannot be archived meanwhile.
SELECT offers.id
FROM offers
JOIN offer_items AS items ON items.offer_id = offers.id
JOIN variants ON variants.id = items.variant_id
WHERE variants.product_id = $1 AND offers.state IN ('open', 'closing')
LIMIT 1;

-- name: change_variant
-- Sets what is given of a variant; NULL leaves a column as it is, and $4 says whether the price
-- before goes. No row: there is no such variant.
UPDATE variants SET
    price_minor = coalesce($2, price_minor),
    was_minor = CASE WHEN $4 THEN NULL ELSE coalesce($3, was_minor) END,
    picture = coalesce($5, picture),
    grams = coalesce($6, grams),
    alert_at = CASE WHEN $8 THEN NULL ELSE coalesce($7, alert_at) END
WHERE id = $1
RETURNING product_id;

-- name: set_low
-- Sets whether a variant is low by what is left to sell of it now, and tells nobody.
UPDATE variants SET low = alert_at IS NOT NULL AND alert_at >= available + (
    SELECT coalesce(sum(left_to_sell(offers) * items.count), 0)
    FROM offer_items AS items
    JOIN offers ON offers.id = items.offer_id AND offers.state IN ('open', 'closing')
    WHERE items.variant_id = variants.id
)
WHERE id = $1;

-- name: variant
-- Holds the variant and shows it. No row: there is no such variant.
SELECT id, product_id, sku, price_minor, was_minor, currency, options
FROM variants WHERE id = $1 FOR NO KEY UPDATE;

-- name: add_variant
-- Behind the product's others. No row: the SKU belongs to another variant.
INSERT INTO variants
    (id, product_id, position, sku, options, price_minor, was_minor, currency, picture, grams,
     available)
SELECT
    $1, $2, (SELECT coalesce(max(position), 0) + 1 FROM variants WHERE product_id = $2),
    $3, $4, $5, $6, $7, $8, $9, 0
ON CONFLICT (sku) DO NOTHING
RETURNING true;

-- name: export
-- At most $4 products in the order of their titles, behind the place ($2, $3), whose variants are
-- all priced in currency $1.
SELECT id, handle, title, body_html, vendor, kind, tags, status, options, pictures
FROM products
WHERE (lower(title), id) > ($2, $3)
    AND NOT EXISTS (SELECT FROM variants WHERE product_id = products.id AND currency <> $1)
ORDER BY lower(title), id
LIMIT $4;

-- name: export_variants
-- As a file has them: `available` is what is in the warehouse, with the units that open offers took
-- out to sell, for an import subtracts them again.
SELECT
    product_id, sku, options, price_minor, was_minor, currency, picture, grams,
    available + (
        SELECT coalesce(sum(offers.allocated * items.count), 0)::integer
        FROM offer_items AS items
        JOIN offers ON offers.id = items.offer_id AND offers.state IN ('open', 'closing')
        WHERE items.variant_id = variants.id
    ) AS available
FROM variants
WHERE product_id = ANY($1::text[])
ORDER BY product_id, position;
