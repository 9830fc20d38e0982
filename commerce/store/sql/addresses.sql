-- Address books. An order's own copy is elsewhere, and outlives what is deleted here.

-- name: full
-- Whether the account $1 has $2 addresses, this one ($3) not counted.
SELECT count(*) >= $2 FROM addresses WHERE account_id = $1 AND digest <> $3;

-- name: keep
-- Idempotent: a place is kept once, and typed again it is the one that was used last.
INSERT INTO addresses (id, account_id, address, digest) VALUES ($1, $2, $3::jsonb, $4)
ON CONFLICT (account_id, digest) DO UPDATE SET used_at = now(), address = EXCLUDED.address
RETURNING id, address::text AS address;

-- name: absorb
-- Idempotent: another entry of the account $1 than $2 that is the same place ($3) goes.
DELETE FROM addresses WHERE account_id = $1 AND id <> $2 AND digest = $3;

-- name: change
-- No row: not in this account's book. Nothing else of it is the same place, which `absorb` saw to.
UPDATE addresses SET address = $3::jsonb, digest = $4, used_at = now()
WHERE account_id = $1 AND id = $2
RETURNING id, address::text AS address;

-- name: of_account
-- The one that was used last comes first.
SELECT id, address::text AS address FROM addresses
WHERE account_id = $1
ORDER BY used_at DESC, id DESC;

-- name: find
-- No row: not in this account's book.
SELECT id, address::text AS address FROM addresses WHERE account_id = $1 AND id = $2;

-- name: used
-- Idempotent; nothing happens to one that was deleted meanwhile.
UPDATE addresses SET used_at = now() WHERE account_id = $1 AND digest = $2;

-- name: delete
-- No row: not in this account's book.
DELETE FROM addresses WHERE account_id = $1 AND id = $2 RETURNING id;
