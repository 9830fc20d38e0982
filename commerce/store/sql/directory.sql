-- The shop's front.

-- name: windows
-- At most $1 shows of each state, each with at most $2 pictures; no draft that is $3 s late, and no
-- rehearsal.
WITH placed AS (
    SELECT
        shows.*,
        row_number() OVER (
            PARTITION BY state
            ORDER BY
                CASE WHEN state = 'draft' THEN starts_at END NULLS LAST,
                coalesce(ended_at, started_at, created_at) DESC,
                id
        ) AS place
    FROM shows
    WHERE rehearses IS NULL
        AND (state <> 'draft' OR starts_at IS NULL OR starts_at > now() - $3 * interval '1 second')
)
SELECT
    placed.id, title, host_id AS host, accounts.name AS host_name, state,
    ms(starts_at) AS starts_at, ms(started_at) AS started_at, ms(ended_at) AS ended_at,
    on_air,
    ARRAY(
        SELECT shown.picture
        FROM (
            SELECT
                coalesce(variants.picture, products.pictures[1]) AS picture,
                min(CASE WHEN offers.id = placed.pinned_id THEN -1 ELSE offers.position END) AS first
            FROM offers
            JOIN variants ON variants.id = offers.variant_id
            JOIN products ON products.id = variants.product_id
            WHERE offers.show_id = placed.id
            GROUP BY 1
        ) AS shown
        WHERE shown.picture IS NOT NULL
        ORDER BY shown.first
        LIMIT $2
    ) AS pictures
FROM placed JOIN accounts ON accounts.id = host_id
WHERE place <= $1
ORDER BY array_position(ARRAY['live', 'draft', 'ended'], state), place;
