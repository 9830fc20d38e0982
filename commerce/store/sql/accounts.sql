-- People.

-- name: create_guest
-- Always one row.
INSERT INTO accounts (id, kind, name) VALUES ($1, 'guest', $2)
RETURNING id, kind, name, email;

-- name: register
-- No row: the address belongs to someone else.
INSERT INTO accounts (id, kind, name, email, password_hash) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (email) DO NOTHING
RETURNING id, kind, name, email;

-- name: find
-- No row: there is no such account.
SELECT id, kind, name, email FROM accounts WHERE id = $1;

-- name: find_by_email
-- No row: nobody has this address; it is asked for in lower case.
SELECT id, kind, name, email, password_hash FROM accounts WHERE email = $1;

-- name: rename
-- Idempotent. No row: there is no such account.
UPDATE accounts SET name = $2 WHERE id = $1 RETURNING id, kind, name, email;
