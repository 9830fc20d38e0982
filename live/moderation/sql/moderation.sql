-- Moderation: rules, actions, and the log of both.

-- name: rules
-- No row: there is no such show. Mutes that are over are left out.
SELECT
    coalesce(slow_s, 0) AS slow_s,
    coalesce(audience, 'everyone') AS audience,
    coalesce(links, 'everyone') AS links,
    coalesce(words, '{}') AS words,
    pinned::text AS pinned,
    ARRAY(SELECT account_id FROM show_moderators WHERE show_id = shows.id) AS moderators,
    coalesce(
        (
            SELECT jsonb_object_agg(account_id, ms(until))
            FROM mutes
            WHERE show_id = shows.id AND until > now()
        ),
        '{}'
    )::text AS mutes,
    ARRAY(SELECT account_id FROM bans WHERE host_id = shows.host_id) AS banned,
    ARRAY(SELECT unnest(devices) FROM bans WHERE host_id = shows.host_id) AS banned_devices
FROM shows LEFT JOIN chat_settings ON show_id = shows.id
WHERE shows.id = $1;

-- name: is_banned_from
-- Whether an account ($2) is banned by the host of an offer ($1); always one row.
SELECT EXISTS (
    SELECT
    FROM offers
    JOIN shows ON shows.id = offers.show_id
    JOIN bans ON bans.host_id = shows.host_id
    WHERE offers.id = $1 AND bans.account_id = $2
);

-- name: part_in
-- What an account is in a show: host, moderator, or what kind it is. No row: no such account.
SELECT
    CASE
        WHEN accounts.kind = 'admin' THEN 'admin'
        WHEN accounts.id = shows.host_id THEN 'host'
        WHEN EXISTS (SELECT FROM show_moderators WHERE show_id = $1 AND account_id = accounts.id)
            THEN 'moderator'
        ELSE accounts.kind
    END
FROM accounts, shows
WHERE accounts.id = $2 AND shows.id = $1;

-- name: arrive
-- What is known of accounts ($1) that come into shows ($2) on devices ($3, NULL: unknown): one row
-- each, in their order. A device is only written once an hour: whoever comes back after a lost
-- connection costs a look, not a write. Two who write the same devices do so in one order.
WITH came AS (
    SELECT *
    FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY
        AS c (account_id, show_id, device, place)
),
seen AS (
    INSERT INTO account_devices (account_id, device)
    SELECT DISTINCT came.account_id, came.device
    FROM came JOIN accounts ON accounts.id = came.account_id
    WHERE came.device IS NOT NULL
    ORDER BY came.account_id, came.device
    ON CONFLICT (account_id, device) DO UPDATE SET seen_at = now()
    WHERE account_devices.seen_at < now() - interval '1 hour'
)
SELECT
    EXISTS (
        SELECT FROM follows
        WHERE follows.host_id = shows.host_id AND follows.account_id = came.account_id
    ) AS follows,
    EXISTS (
        SELECT
        FROM orders JOIN shows AS sold_in ON sold_in.id = orders.show_id
        WHERE orders.buyer_id = came.account_id
            AND orders.status IN ('awaiting_payment', 'paid')
            AND sold_in.host_id = shows.host_id
    ) AS buys,
    EXISTS (
        SELECT FROM show_moderators AS m
        WHERE m.show_id = came.show_id AND m.account_id = came.account_id
    ) AS moderates
FROM came LEFT JOIN shows ON shows.id = came.show_id
ORDER BY came.place;

-- name: forget_devices
-- Devices that nobody was seen on for $1 days; bans keep theirs.
DELETE FROM account_devices WHERE seen_at < now() - $1 * interval '1 day' RETURNING true;

-- name: follow
-- Idempotent. No row: there is no such host.
INSERT INTO follows (host_id, account_id)
SELECT id, $2 FROM accounts WHERE id = $1 AND kind IN ('host', 'admin')
ON CONFLICT (host_id, account_id) DO UPDATE SET followed_at = follows.followed_at
RETURNING true;

-- name: unfollow
-- Idempotent.
DELETE FROM follows WHERE host_id = $1 AND account_id = $2;

-- name: lock_settings
-- Always one row, locked, so that what is logged as changed is what changed.
INSERT INTO chat_settings (show_id) VALUES ($1)
ON CONFLICT (show_id) DO UPDATE SET show_id = excluded.show_id
RETURNING slow_s, audience, links, words;

-- name: change_settings
-- Comes after `lock_settings`, in its transaction.
UPDATE chat_settings SET slow_s = $2, audience = $3, links = $4, words = $5 WHERE show_id = $1;

-- name: mute
-- The later end of two mutes does not win: the newer word does.
INSERT INTO mutes (show_id, account_id, until) VALUES ($1, $2, moment($3))
ON CONFLICT (show_id, account_id) DO UPDATE SET until = excluded.until;

-- name: unmute
-- Idempotent.
DELETE FROM mutes WHERE show_id = $1 AND account_id = $2;

-- name: ban
-- Returns how many devices the ban holds; with $3, the five the account was last seen on.
INSERT INTO bans (host_id, account_id, devices)
SELECT
    host_id,
    $2,
    ARRAY(
        SELECT device FROM account_devices
        WHERE account_id = $2 AND $3::boolean
        ORDER BY seen_at DESC
        LIMIT 5
    )
FROM shows
WHERE id = $1
ON CONFLICT (host_id, account_id) DO UPDATE SET devices = ARRAY(
    SELECT DISTINCT unnest(bans.devices || excluded.devices)
)
RETURNING cardinality(devices);

-- name: unban
-- Idempotent.
DELETE FROM bans USING shows
WHERE shows.id = $1 AND bans.host_id = shows.host_id AND bans.account_id = $2;

-- name: rooms_of_host
-- This show, and the others of its host that have not ended.
SELECT other.id
FROM shows JOIN shows AS other ON other.host_id = shows.host_id
WHERE shows.id = $1 AND (other.id = $1 OR other.state <> 'ended');

-- name: appoint
-- Idempotent.
INSERT INTO moderators (show_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: dismiss
-- Idempotent.
DELETE FROM moderators WHERE show_id = $1 AND account_id = $2;

-- name: pin
-- Idempotent; in place of any other line.
INSERT INTO chat_settings (show_id, pinned) VALUES ($1, $2::jsonb)
ON CONFLICT (show_id) DO UPDATE SET pinned = excluded.pinned;

-- name: unpin
-- No row: nothing of the kind was pinned. With $2 only that line, with $3 only a line of that sender.
UPDATE chat_settings SET pinned = NULL
WHERE show_id = $1 AND pinned IS NOT NULL
    AND ($2::text IS NULL OR pinned->>'id' = $2)
    AND ($3::text IS NULL OR pinned->'from'->>'id' = $3)
RETURNING true;

-- name: log
-- One row.
INSERT INTO moderation_log (
    show_id, actor_id, action, subject_id, line_id, line, until, reason, details
)
VALUES ($1, $2, $3, $4, $5, $6::jsonb, moment($7), $8, $9::jsonb)
RETURNING id;

-- name: entries
-- The newest $3 entries of a show before entry $2, or of all when that is NULL.
SELECT
    log.id,
    log.action,
    log.actor_id AS actor,
    actors.name AS actor_name,
    log.subject_id AS subject,
    subjects.name AS subject_name,
    log.line_id AS line,
    log.line->>'text' AS text,
    ms(log.until) AS until,
    log.reason,
    log.details::text AS details,
    ms(log.at) AS at
FROM moderation_log AS log
JOIN accounts AS actors ON actors.id = log.actor_id
LEFT JOIN accounts AS subjects ON subjects.id = log.subject_id
WHERE log.show_id = $1 AND ($2::bigint IS NULL OR log.id < $2)
ORDER BY log.id DESC
LIMIT $3;

-- name: said
-- No row: there is no such entry.
SELECT line::text FROM moderation_log WHERE id = $1 AND action = 'say';

-- name: people
-- Who is muted, banned and a moderator in a show, by name; as many as anyone looks through.
SELECT account_id AS id, accounts.name, 'muted' AS what, ms(until) AS until
FROM mutes JOIN accounts ON accounts.id = account_id
WHERE show_id = $1 AND until > now()
UNION ALL
SELECT account_id, accounts.name, 'banned', NULL
FROM bans JOIN accounts ON accounts.id = account_id JOIN shows ON shows.host_id = bans.host_id
WHERE shows.id = $1
UNION ALL
SELECT account_id, accounts.name, 'moderator', NULL
FROM moderators JOIN accounts ON accounts.id = account_id
WHERE show_id = $1
ORDER BY name, id, what
LIMIT 1000;
