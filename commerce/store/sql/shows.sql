-- Shows.

-- name: host_exists
-- No row: there is no such account.
SELECT true FROM accounts WHERE id = $1;

-- name: create
-- No row: another show has the id.
INSERT INTO shows (id, title, host_id, starts_at) VALUES ($1, $2, $3, moment($4))
ON CONFLICT (id) DO NOTHING
RETURNING true;

-- name: change
-- No row: there is no such show, or it is not a draft. The time is $4 where $3 says so; the
-- revision grows exactly when something is different.
UPDATE shows SET
    title = changed.title,
    starts_at = changed.starts_at,
    plan_revision = plan_revision + changed.differs::int,
    planned_at = CASE WHEN changed.differs THEN now() ELSE planned_at END
FROM (
    SELECT
        new.id, new.title, new.starts_at,
        (new.title, new.starts_at) IS DISTINCT FROM (old.title, old.starts_at) AS differs
    FROM (SELECT * FROM shows WHERE id = $1 FOR NO KEY UPDATE) AS old
    CROSS JOIN LATERAL (
        SELECT
            old.id, coalesce($2, old.title) AS title,
            CASE WHEN $3::boolean THEN moment($4) ELSE old.starts_at END AS starts_at
    ) AS new
) AS changed
WHERE shows.id = changed.id AND state = 'draft'
RETURNING true;

-- name: plan
-- No row: there is no such show.
SELECT
    shows.id AS show, title, accounts.name AS host_name, ms(shows.created_at) AS created_at,
    ms(planned_at) AS changed_at, plan_revision AS revision, ms(starts_at) AS starts_at
FROM shows JOIN accounts ON accounts.id = host_id
WHERE shows.id = $1;

-- name: get
-- No row: there is no such show.
SELECT
    shows.id, title, host_id AS host, accounts.name AS host_name, state,
    ms(starts_at) AS starts_at, ms(started_at) AS started_at, ms(ended_at) AS ended_at,
    on_air, rehearses, pinned_id AS pinned
FROM shows JOIN accounts ON accounts.id = host_id
WHERE shows.id = $1;

-- name: list_shows
-- In any state when $1 is NULL. For everybody to read, so without rehearsals.
SELECT
    shows.id, title, host_id AS host, accounts.name AS host_name, state,
    ms(starts_at) AS starts_at, ms(started_at) AS started_at, ms(ended_at) AS ended_at,
    on_air
FROM shows JOIN accounts ON accounts.id = host_id
WHERE ($1::text IS NULL OR state = $1) AND rehearses IS NULL
ORDER BY array_position(ARRAY['live', 'draft', 'ended'], state), shows.created_at DESC, shows.id
LIMIT $2;

-- name: on_stage
-- At most $1 live shows, rehearsals among them, the newest first.
SELECT id FROM shows WHERE state = 'live' ORDER BY created_at DESC, id LIMIT $1;

-- name: start
-- No row: there is no such show, or it is not a draft.
UPDATE shows SET state = 'live', started_at = now()
WHERE id = $1 AND state = 'draft'
RETURNING true;

-- name: end
-- No row: there is no such show, or it is not live. A rehearsal may end before it begins.
UPDATE shows SET state = 'ended', ended_at = now(), pinned_id = NULL
WHERE id = $1 AND (state = 'live' OR (state = 'draft' AND rehearses IS NOT NULL))
RETURNING true;

-- name: rehearsal
-- Of the show $1, the one that has not ended, and held until the transaction does. No row: there is
-- none.
SELECT id FROM shows WHERE rehearses = $1 AND state <> 'ended' FOR NO KEY UPDATE;

-- name: take_off_coupon
-- Idempotent. No row: no coupon is on screen.
UPDATE shows SET coupon_id = NULL WHERE id = $1 AND coupon_id IS NOT NULL RETURNING true;

-- name: close_offers
-- Comes after `end`: whoever opens an offer holds the show's row, so none is opened in between.
UPDATE offers SET state = 'closing' WHERE show_id = $1 AND state = 'open' RETURNING id;

-- name: pin
-- No row: there is no such show or offer, the show ended, or the offer is closed.
UPDATE shows SET pinned_id = $2
WHERE id = $1 AND state <> 'ended'
    AND EXISTS (
        SELECT FROM offers WHERE id = $2 AND show_id = $1 AND state IN ('draft', 'open')
    )
RETURNING true;

-- name: unpin
-- Idempotent. No row: there is no such show.
UPDATE shows SET pinned_id = NULL WHERE id = $1 RETURNING true;

-- name: state_of_offer
-- No row: the show has no such offer.
SELECT state FROM offers WHERE show_id = $1 AND id = $2;

-- name: set_on_air
-- Idempotent. No row: there is no such show, or it is so already.
UPDATE shows SET on_air = $2 WHERE id = $1 AND on_air <> $2 RETURNING true;

-- name: on_air
-- In any state: a show may have ended while its host was still on air.
SELECT id, state FROM shows WHERE on_air;
