-- Teams: members, invitations, and who did what.

-- name: host_of_show
-- No row: there is no such show.
SELECT host_id FROM shows WHERE id = $1;

-- name: host_of_offer
-- No row: there is no such offer.
SELECT host_id FROM offers JOIN shows ON shows.id = show_id WHERE offers.id = $1;

-- name: host_of_order
-- No row: there is no such order.
SELECT host_id FROM orders JOIN shows ON shows.id = show_id WHERE orders.id = $1;

-- name: host_of_shipment
-- No row: there is no such shipment.
SELECT host_id FROM shipments WHERE id = $1;

-- name: host_of_coupon
-- No row: there is no such coupon.
SELECT host_id FROM coupons WHERE id = $1;

-- name: host_of_webhook
-- No row: there is no such webhook.
SELECT account_id FROM webhooks WHERE id = $1;

-- name: stage_of_show
-- No row: there is no such show.
SELECT host_id AS host, id AS show, rehearses IS NOT NULL AS rehearsal FROM shows WHERE id = $1;

-- name: stage_of_offer
-- No row: there is no such offer.
SELECT host_id AS host, shows.id AS show, rehearses IS NOT NULL AS rehearsal
FROM offers JOIN shows ON shows.id = show_id WHERE offers.id = $1;

-- name: stage_of_order
-- No row: there is no such order.
SELECT host_id AS host, shows.id AS show, rehearses IS NOT NULL AS rehearsal
FROM orders JOIN shows ON shows.id = show_id WHERE orders.id = $1;

-- name: is_host
-- Always one row.
SELECT EXISTS (SELECT FROM accounts WHERE id = $1 AND kind IN ('host', 'admin'));

-- name: has_place
-- Whether an account ($1) is in any team, or moderates the show $2; always one row.
SELECT EXISTS (SELECT FROM team_members WHERE account_id = $1)
    OR EXISTS (SELECT FROM moderators WHERE account_id = $1 AND show_id = $2);

-- name: permissions
-- What an account ($2) may do in the shop of a host ($1), moderating the show $3; always one row.
SELECT coalesce((
    SELECT permissions FROM team_members WHERE host_id = $1 AND account_id = $2
), '{}') || CASE
    WHEN EXISTS (SELECT FROM moderators WHERE show_id = $3 AND account_id = $2)
        THEN ARRAY['moderate'] ELSE '{}'
END;

-- name: holders
-- Members of a host's ($1) team with a permission ($2).
SELECT account_id FROM team_members WHERE host_id = $1 AND $2 = ANY (permissions);

-- name: places
-- The shops that an account ($1) may do something in, its own first if it has one.
SELECT accounts.id AS host, accounts.name AS host_name, NULL::text[] AS permissions, 0 AS rank
FROM accounts WHERE id = $1 AND kind IN ('host', 'admin')
UNION ALL
SELECT host_id, accounts.name, permissions, 1
FROM team_members JOIN accounts ON accounts.id = host_id
WHERE account_id = $1
ORDER BY rank, host_name, host;

-- name: members
-- The team of a host, by name.
SELECT account_id AS account, name, permissions, ms(joined_at) AS joined_at
FROM team_members JOIN accounts ON accounts.id = account_id
WHERE host_id = $1
ORDER BY name, account_id;

-- name: invitations
-- What a host's team waits for, the newest first.
SELECT
    team_invitations.id, team_invitations.name, permissions,
    accounts.name AS invited_by, ms(expires_at) AS expires_at
FROM team_invitations JOIN accounts ON accounts.id = team_invitations.invited_by
WHERE host_id = $1 AND expires_at > now()
ORDER BY invited_at DESC;

-- name: lock_team
-- One change of a team at a time; always one row.
SELECT id FROM accounts WHERE id = $1 FOR NO KEY UPDATE;

-- name: size
-- Members and invitations of a team; always one row.
SELECT (SELECT count(*) FROM team_members WHERE host_id = $1)
    + (SELECT count(*) FROM team_invitations WHERE host_id = $1 AND expires_at > now());

-- name: invite
-- Comes after `lock_team`. One row.
INSERT INTO team_invitations (id, host_id, digest, name, permissions, invited_by, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second')
RETURNING ms(expires_at);

-- name: withdraw
-- No row: it is not there any more.
DELETE FROM team_invitations WHERE id = $1 AND host_id = $2 RETURNING name, permissions;

-- name: redeem
-- No row: there is none with this digest, it was used, or it is too late.
DELETE FROM team_invitations WHERE digest = $1 AND expires_at > now()
RETURNING host_id, name, permissions;

-- name: forget_expired
-- Invitations that nobody followed.
DELETE FROM team_invitations WHERE host_id = $1 AND expires_at <= now();

-- name: member
-- No row: not in the team. Comes after `lock_team`.
SELECT permissions FROM team_members WHERE host_id = $1 AND account_id = $2;

-- name: put_member
-- Idempotent.
INSERT INTO team_members (host_id, account_id, permissions) VALUES ($1, $2, $3)
ON CONFLICT (host_id, account_id) DO UPDATE SET permissions = excluded.permissions;

-- name: remove_member
-- Idempotent.
DELETE FROM team_members WHERE host_id = $1 AND account_id = $2;

-- name: rooms
-- The rooms of a host that have not ended.
SELECT id FROM shows WHERE host_id = $1 AND state <> 'ended';

-- name: log
-- One row.
INSERT INTO audit_log (host_id, actor_id, area, action, subject_id, text, permissions)
VALUES ($1, $2, 'team', $3, $4, $5, $6);

-- name: entries
-- The newest $5 entries of a host ($1) before entry $2, of an area ($3), by an account ($4); each of
-- these may be NULL.
SELECT
    log.id, log.area, log.action,
    log.actor_id AS actor, actors.name AS actor_name,
    log.subject_id AS subject, subjects.name AS subject_name,
    log.show_id AS show, shows.title AS show_title,
    log.text, log.reason, log.permissions, ms(log.at) AS at
FROM audit_log AS log
JOIN accounts AS actors ON actors.id = log.actor_id
LEFT JOIN accounts AS subjects ON subjects.id = log.subject_id
LEFT JOIN shows ON shows.id = log.show_id
WHERE log.host_id = $1
    AND ($2::bigint IS NULL OR log.id < $2)
    AND ($3::text IS NULL OR log.area = $3)
    AND ($4::text IS NULL OR log.actor_id = $4)
ORDER BY log.id DESC
LIMIT $5;
