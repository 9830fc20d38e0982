-- What hosts write down for themselves. An empty subject is the whole show.

-- name: of_show
-- What was never written is missing.
SELECT subject AS offer, text, revision FROM notes WHERE show_id = $1 ORDER BY subject;

-- name: write
-- No row: somebody wrote one meanwhile.
INSERT INTO notes (show_id, subject, text) VALUES ($1, $2, $3)
ON CONFLICT (show_id, subject) DO NOTHING
RETURNING subject AS offer, text, revision;

-- name: write_again
-- No row: the note is at another revision than $4 by now.
UPDATE notes SET text = $3, revision = revision + 1, written_at = now()
WHERE show_id = $1 AND subject = $2 AND revision = $4
RETURNING subject AS offer, text, revision;

-- name: get
-- No row: nothing was written.
SELECT subject AS offer, text, revision FROM notes WHERE show_id = $1 AND subject = $2;

-- name: has_offer
-- Whether the offer $2 is of the show.
SELECT EXISTS (SELECT FROM offers WHERE show_id = $1 AND id = $2);
