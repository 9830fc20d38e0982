-- Rehearsals of shows.

-- name: lock
-- Nobody starts the show, or begins another rehearsal of it, before the transaction ends. No row:
-- there is no such show.
SELECT state, rehearses IS NOT NULL AS rehearsal, title FROM shows WHERE id = $1 FOR NO KEY UPDATE;

-- name: current
-- The rehearsal of the show $1 that has not ended. No row: there is none.
SELECT id FROM shows WHERE rehearses = $1 AND state <> 'ended';

-- name: announce
-- The show $2, a rehearsal of $1. One row; no row: its id is taken. Needs `lock`.
INSERT INTO shows (id, title, host_id, rehearses)
SELECT $2, title, host_id, id FROM shows WHERE id = $1
ON CONFLICT (id) DO NOTHING
RETURNING true;

-- name: bag
-- The offers of a show in the order of its bag, whatever became of them.
SELECT id FROM offers WHERE show_id = $1 ORDER BY position, id;

-- name: copy_offers
-- Drafts of the offers $2 in the show $1, under the ids $3, on the same terms. Their units stay in
-- the warehouse until they open.
WITH copies AS (
    SELECT * FROM unnest($2::text[], $3::text[]) AS copy (original, id)
),
items AS (
    INSERT INTO offer_items (offer_id, variant_id, position, count)
    SELECT copies.id, items.variant_id, items.position, items.count
    FROM copies JOIN offer_items AS items ON items.offer_id = copies.original
)
INSERT INTO offers
    (id, variant_id, show_id, title, kind, position, price_minor, was_minor, currency, quantity,
     limit_per_buyer, hold_s, duration_s, entry, policy)
SELECT
    copies.id, variant_id, $1, title, kind, position, price_minor, was_minor, currency, quantity,
    limit_per_buyer, hold_s, duration_s, entry, policy
FROM copies JOIN offers ON offers.id = copies.original;

-- name: copy_notes
-- What is noted of the show $4 and of its offers $2, for the show $1 and its offers $3.
INSERT INTO notes (show_id, subject, text)
SELECT $1, coalesce(copy.id, ''), text
FROM notes LEFT JOIN unnest($2::text[], $3::text[]) AS copy (original, id) ON original = subject
WHERE notes.show_id = $4 AND (subject = '' OR copy.id IS NOT NULL);

-- name: first_rehearsed
-- The first show among those of the orders $1 that is a rehearsal. No row: none is.
SELECT shows.id FROM orders JOIN shows ON shows.id = orders.show_id
WHERE orders.id = ANY($1::text[]) AND shows.rehearses IS NOT NULL
LIMIT 1;

-- name: unpaid
-- At most $1 orders that await payment in rehearsals that ended in the last $2 seconds.
SELECT orders.id
FROM shows JOIN orders ON orders.show_id = shows.id
WHERE shows.rehearses IS NOT NULL
    AND shows.ended_at > now() - $2 * interval '1 second'
    AND orders.status = 'awaiting_payment'
ORDER BY orders.id
LIMIT $1;
