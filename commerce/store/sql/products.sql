-- The catalogue.

-- name: create
-- One row: the product is there. No row: another product has the handle.
INSERT INTO products
    (id, handle, title, body_html, vendor, kind, tags, status, options, pictures)
SELECT id, handle, title, body_html, vendor, kind, tags, status, options, pictures
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
-- The file says what is in the warehouse; what offers have taken out of it to sell is in there too,
-- and must not be sold twice.
INSERT INTO variants
    (id, product_id, position, sku, options, price_minor, was_minor, currency, picture, grams,
     available)
SELECT
    id, product_id, position, sku, options, price_minor, was_minor, currency, picture, grams,
    available
FROM json_populate_recordset(NULL::variants, $1::json)
ON CONFLICT (sku) DO UPDATE SET
    position = excluded.position, options = excluded.options, price_minor = excluded.price_minor,
    was_minor = excluded.was_minor, currency = excluded.currency, picture = excluded.picture,
    grams = excluded.grams,
    available = greatest(
        0,
        excluded.available - (
            SELECT coalesce(sum(allocated), 0) FROM offers
            WHERE variant_id = variants.id AND state IN ('open', 'closing')
        )
    )
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
SELECT id, handle, title, body_html, vendor, kind, tags, status, options, pictures
FROM products WHERE id = $1;

-- name: variants_of
-- In the order of the products' own lists.
SELECT
    product_id, id, sku, options, price_minor, was_minor, currency, picture, grams, available
FROM variants
WHERE product_id = ANY($1::text[])
ORDER BY product_id, position;

-- name: search
-- Everything when $1 is NULL; from the beginning when $2 is NULL, else after that product.
SELECT id, handle, title, body_html, vendor, kind, tags, status, options, pictures
FROM products
WHERE (
        $1::text IS NULL
        OR strpos(lower(concat_ws(' ', title, handle, vendor)), lower($1)) > 0
        OR EXISTS (
            SELECT FROM variants
            WHERE product_id = products.id AND strpos(lower(sku), lower($1)) > 0
        )
    )
    AND (
        $2::text IS NULL
        OR (lower(title), id) > (SELECT lower(title), id FROM products WHERE id = $2)
    )
ORDER BY lower(title), id
LIMIT $3;
