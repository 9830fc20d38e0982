-- A catalogue to find things in, and the prices that were asked.

-- A word as it stands between spaces, cut where letters and digits end, and where a script that
-- writes no spaces begins or ends.
CREATE FUNCTION runs_of(chunk text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT run
    FROM regexp_split_to_table(
        regexp_replace(chunk, '([\u2e80-\u9fff\uac00-\ud7af]+)', ' \1 ', 'g'), '[^[:alnum:]]+'
    ) AS run
    WHERE run <> ''
$$;

-- Whether a run is of a script that writes no spaces: Chinese, Japanese, Korean.
CREATE FUNCTION is_dense(run text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN run ~ '^[\u2e80-\u9fff\uac00-\ud7af]';

-- What texts are found by: their words as they stand, the runs in them, and of dense runs each
-- character and each pair. `words_asked` cuts alike, so that what is asked for finds what is there.
CREATE FUNCTION words_of(texts text[]) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH chunks AS (
        SELECT DISTINCT chunk
        FROM unnest(texts) AS text,
            regexp_split_to_table(lower(normalize(text, NFKC)), '\s+') AS chunk
        WHERE chunk <> ''
    ),
    runs AS (
        SELECT DISTINCT run FROM chunks, runs_of(chunk) AS run
    )
    SELECT coalesce(array_agg(DISTINCT left(word, 64)), '{}')
    FROM (
        SELECT chunk FROM chunks
        UNION ALL
        SELECT run FROM runs WHERE NOT is_dense(run)
        UNION ALL
        SELECT substr(run, place, size)
        FROM runs, generate_series(1, length(run)) AS place, generate_series(1, 2) AS size
        WHERE is_dense(run) AND place + size - 1 <= length(run)
    ) AS found (word)
$$;

-- A word as a query spells it.
CREATE FUNCTION quote_word(word text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN '''' || replace(replace(left(word, 64), '\', '\\'), '''', '''''') || '''';

-- What finds the products that have every word of $1, or a word that begins with it; NULL: there
-- is no word in it. A dense run has to have all of its pairs.
CREATE FUNCTION words_asked(asked text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT string_agg(
        '(' || quote_word(chunk) || ':*' || coalesce(' | (' || parts.query || ')', '') || ')', ' & '
    )::tsquery
    FROM regexp_split_to_table(lower(normalize(asked, NFKC)), '\s+') AS chunk,
        LATERAL (
            SELECT string_agg(part, ' & ') AS query
            FROM (
                SELECT quote_word(run) || ':*' FROM runs_of(chunk) AS run WHERE NOT is_dense(run)
                UNION ALL
                SELECT quote_word(substr(run, place, 2))
                FROM runs_of(chunk) AS run,
                    generate_series(1, greatest(1, length(run) - 1)) AS place
                WHERE is_dense(run)
            ) AS cut (part)
        ) AS parts
    WHERE chunk <> ''
$$;

-- What finds the products with the words of $1 (NULL: any), in the status $2 (NULL: any but
-- archived), of the kind $3 (NULL: any).
CREATE FUNCTION products_asked(asked text, status text, kind text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT
        CASE
            WHEN status IS NULL THEN
                quote_word(chr(1) || 'active') || ' | ' || quote_word(chr(1) || 'draft')
            ELSE quote_word(chr(1) || status)
        END::tsquery
        && coalesce(quote_word(chr(2) || left(lower(kind), 60))::tsquery, ''::tsquery)
        && coalesce(words_asked(asked), ''::tsquery)
$$;

-- What a product is found by. Status and kind are among the words, behind a character that no word
-- begins with: a filter is a word like any other.
CREATE FUNCTION words_of_product(product products) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT array_to_tsvector(
        ARRAY[chr(1) || product.status, chr(2) || left(lower(product.kind), 60)]
        || words_of(
            ARRAY[product.title, product.handle, product.vendor, product.kind] || product.tags
            || coalesce((SELECT array_agg(sku) FROM variants WHERE product_id = product.id), '{}')
        )
    )
$$;
ALTER TABLE products ADD COLUMN words tsvector NOT NULL DEFAULT '';
UPDATE products SET words = words_of_product(products);
CREATE INDEX products_by_word ON products USING gin (words) WITH (fastupdate = off);
CREATE INDEX products_by_title ON products (lower(title), id);

-- What was asked for variants, and when: each row from its moment to the next of its kind, which
-- is the price of a variant (no offer) or the price of an offer. No amount: it is asked no longer.
CREATE TABLE prices (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- NULL: of a bundle, whose price is none of its variants'.
    variant_id     text REFERENCES variants,
    offer_id       text REFERENCES offers,
    minor          bigint CHECK (minor >= 0),
    currency       text NOT NULL,
    -- The first price of a variant here. What was asked before is the merchant's word: so much.
    opening        boolean NOT NULL DEFAULT false,
    claimed_minor  bigint,
    at             timestamptz NOT NULL DEFAULT now(),
    CHECK (variant_id IS NOT NULL OR offer_id IS NOT NULL),
    CHECK (offer_id IS NOT NULL OR minor IS NOT NULL)
);
CREATE INDEX prices_of_variant ON prices (variant_id, id);
INSERT INTO prices (variant_id, minor, currency, opening, claimed_minor)
SELECT id, price_minor, currency, true, was_minor FROM variants ORDER BY id;
INSERT INTO prices (variant_id, offer_id, minor, currency, at)
SELECT variant_id, id, price_minor, currency, greatest(opens_at, now())
FROM offers WHERE state = 'open' ORDER BY id;

-- The history writes itself, whoever changes a price.
CREATE FUNCTION keep_price() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO prices (variant_id, minor, currency, opening, claimed_minor)
    VALUES (
        NEW.id, NEW.price_minor, NEW.currency, TG_OP = 'INSERT',
        CASE TG_OP WHEN 'INSERT' THEN NEW.was_minor END
    );
    RETURN NULL;
END $$;
CREATE TRIGGER new_variants_have_a_price AFTER INSERT ON variants
    FOR EACH ROW EXECUTE FUNCTION keep_price();
CREATE TRIGGER variants_keep_their_prices AFTER UPDATE OF price_minor, currency ON variants
    FOR EACH ROW
    WHEN (OLD.price_minor <> NEW.price_minor OR OLD.currency <> NEW.currency)
    EXECUTE FUNCTION keep_price();

CREATE FUNCTION keep_offer_price() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
CREATE TRIGGER offers_keep_their_prices AFTER UPDATE OF state ON offers
    FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND (NEW.state = 'open' OR OLD.state = 'open'))
    EXECUTE FUNCTION keep_offer_price();

CREATE TRIGGER prices_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON prices
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
