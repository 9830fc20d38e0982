-- The order of a show's bag.

-- name: lock
-- The offers of a show in the order of its bag. Needs the show's lock; takes the rows in the order
-- of their ids, as whoever writes orders does.
SELECT id FROM (
    SELECT id, position FROM offers WHERE show_id = $1 ORDER BY id FOR NO KEY UPDATE
) AS locked
ORDER BY position, id;

-- name: place
-- One row for each offer of $2 that stands elsewhere than the list says; it stands there now.
UPDATE offers SET position = wanted.position
FROM unnest($2::text[]) WITH ORDINALITY AS wanted (id, position)
WHERE offers.show_id = $1 AND offers.id = wanted.id AND offers.position <> wanted.position
RETURNING offers.id;
