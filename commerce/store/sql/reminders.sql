-- Who is told when a show starts.

-- name: lock_account
-- Who asks twice at a time is counted one after the other.
SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE;

-- name: full
-- Whether the account $1 waits for $3 shows that have not ended, this one ($2) not counted.
SELECT count(*) >= $3
FROM reminders JOIN shows ON shows.id = show_id
WHERE account_id = $1 AND show_id <> $2 AND state <> 'ended';

-- name: remind
-- Idempotent. Comes after `lock_account` and `full`, in their transaction.
INSERT INTO reminders (account_id, show_id) VALUES ($1, $2)
ON CONFLICT (account_id, show_id) DO NOTHING;

-- name: forget
-- Idempotent.
DELETE FROM reminders WHERE account_id = $1 AND show_id = $2;

-- name: of_account
-- Live ones first, then the soonest; a show that was asked for and whose host is followed, once.
-- Nobody is reminded of a rehearsal.
SELECT
    shows.id, title, shows.host_id AS host, accounts.name AS host_name, state,
    ms(starts_at) AS starts_at, ms(started_at) AS started_at, ms(ended_at) AS ended_at,
    on_air,
    CASE WHEN follows.account_id IS NULL THEN 'asked' ELSE 'follows' END AS why
FROM shows
JOIN accounts ON accounts.id = shows.host_id
LEFT JOIN reminders ON reminders.show_id = shows.id AND reminders.account_id = $1
LEFT JOIN follows ON follows.host_id = shows.host_id AND follows.account_id = $1
WHERE state <> 'ended' AND rehearses IS NULL
    AND (reminders.account_id IS NOT NULL OR follows.account_id IS NOT NULL)
ORDER BY state <> 'live', starts_at NULLS LAST, shows.id
LIMIT $2;

-- name: purge
-- Idempotent. A row for each reminder of a show that has ended.
DELETE FROM reminders USING shows
WHERE shows.id = reminders.show_id AND state = 'ended'
RETURNING true;
