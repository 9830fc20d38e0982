-- The sandbox gateway's own books; the shop never reads them.

-- name: begin
-- One charge a payment, however often it is asked for.
INSERT INTO sandbox_charges (reference, payment_id, amount_minor, currency, description, return_url)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (payment_id) DO NOTHING;

-- name: of_payment
-- No row: never asked for.
SELECT reference FROM sandbox_charges WHERE payment_id = $1;

-- name: charge
-- No row: no such charge.
SELECT reference, payment_id AS payment, amount_minor, currency, description, return_url, status
FROM sandbox_charges
WHERE reference = $1;

-- name: move
-- No row: the charge is not in $2.
UPDATE sandbox_charges SET status = $3 WHERE reference = $1 AND status = $2 RETURNING payment_id;

-- name: queue
-- To be delivered at $4 (Unix ms) or later.
INSERT INTO sandbox_events (id, reference, body, due_at)
VALUES ($1, $2, $3, moment($4));

-- name: take_due
-- Takes events that are due at $1, and moves them to their next try, in case this one fails: 1, 2,
-- 4 … seconds on, at most $3. Two who do this at once take different ones.
UPDATE sandbox_events
SET
    attempts = attempts + 1,
    due_at = moment($1) + least(power(2, attempts), $3) * interval '1 second'
WHERE id IN (
    SELECT id FROM sandbox_events
    WHERE delivered_at IS NULL AND due_at <= moment($1) AND attempts < $2
    ORDER BY due_at
    LIMIT $4
    FOR UPDATE SKIP LOCKED
)
RETURNING id, body, attempts;

-- name: delivered
-- Idempotent.
UPDATE sandbox_events SET delivered_at = now() WHERE id = $1 AND delivered_at IS NULL;
