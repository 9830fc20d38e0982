-- What the database has seen of the files in migrations/.

-- name: lock
-- Waits for another process that migrates; given back when the connection closes.
SELECT pg_advisory_lock($1);

-- name: create_table
-- Idempotent.
CREATE TABLE IF NOT EXISTS schema_migrations (
    name        text PRIMARY KEY,
    digest      text NOT NULL,
    applied_at  timestamptz NOT NULL DEFAULT now()
);

-- name: table_exists
-- False for a database that was never migrated.
SELECT to_regclass('schema_migrations') IS NOT NULL;

-- name: applied
-- Every file that was applied, with the digest it had then.
SELECT name, digest FROM schema_migrations;

-- name: record
-- Fails when the file was applied before.
INSERT INTO schema_migrations (name, digest) VALUES ($1, $2);
