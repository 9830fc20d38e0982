-- Tariffs: what shops ask for delivery, in versions.

-- name: draft
-- The host's one draft, written or overwritten; its version follows on the last.
INSERT INTO tariffs (id, host_id, version, tariff)
SELECT
    $1, $2,
    coalesce((SELECT max(version) FROM tariffs WHERE host_id = $2), 0) + 1,
    $3::jsonb
ON CONFLICT (host_id) WHERE published_at IS NULL DO UPDATE SET tariff = EXCLUDED.tariff
RETURNING id;

-- name: publish
-- From the moment $2, or from now (NULL; the earliest). No row: it is no draft. From here on a
-- trigger refuses every change.
UPDATE tariffs
SET published_at = now(), valid_from = greatest(now(), coalesce(moment($2), now()))
WHERE id = $1 AND published_at IS NULL
RETURNING id;

-- name: of_host
-- Newest first, at most $2.
WITH current AS (
    SELECT id FROM tariffs
    WHERE host_id = $1 AND published_at IS NOT NULL AND valid_from <= now()
    ORDER BY valid_from DESC, version DESC
    LIMIT 1
)
SELECT
    tariffs.id, version, tariff::text AS tariff,
    ms(published_at) AS published_at, ms(valid_from) AS valid_from,
    current.id IS NOT NULL AS in_force
FROM tariffs LEFT JOIN current USING (id)
WHERE host_id = $1
ORDER BY version DESC
LIMIT $2;

-- name: owner
-- No row: no such tariff.
SELECT host_id FROM tariffs WHERE id = $1;

-- name: in_force
-- The published version whose moment came last; of two with one moment, the later version.
SELECT id, tariff::text AS tariff FROM tariffs
WHERE host_id = $1 AND published_at IS NOT NULL AND valid_from <= now()
ORDER BY valid_from DESC, version DESC
LIMIT 1;
