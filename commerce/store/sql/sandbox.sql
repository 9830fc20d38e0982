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

-- name: decide
-- No row: the charge is not open. $3 is the moment (Unix ms).
UPDATE sandbox_charges SET
    status = $2,
    captured_at = CASE $2 WHEN 'succeeded' THEN moment($3) END
WHERE reference = $1 AND status = 'open'
RETURNING payment_id, amount_minor, currency;

-- name: lock
-- What is left to refund of a charge, held until the transaction ends. No row: nothing was captured
-- under the reference.
SELECT
    sandbox_charges.amount_minor - coalesce(
        (SELECT sum(amount_minor) FROM sandbox_refunds WHERE reference = $1), 0
    )::bigint AS left_minor
FROM sandbox_charges
WHERE reference = $1 AND captured_at IS NOT NULL
FOR NO KEY UPDATE;

-- name: refund
-- One a name, however often it is asked for. No row: it was made before.
INSERT INTO sandbox_refunds (id, reference, amount_minor, created_at)
VALUES ($1, $2, $3, moment($4))
ON CONFLICT (id) DO NOTHING
RETURNING id;

-- name: refund_exists
-- No row: there is none of this name.
SELECT true FROM sandbox_refunds WHERE id = $1;

-- name: refunded
-- Idempotent; comes after a refund that left nothing.
UPDATE sandbox_charges SET status = 'refunded' WHERE reference = $1;

-- name: statement
-- What moved from $1 to before $2 (Unix ms).
SELECT
    'captured' AS kind, reference AS id, payment_id AS payment, reference, amount_minor, currency,
    ms(captured_at) AS at, NULL AS refund
FROM sandbox_charges
WHERE captured_at >= moment($1) AND captured_at < moment($2)
UNION ALL
SELECT
    'refunded', sandbox_refunds.id, payment_id, reference, sandbox_refunds.amount_minor, currency,
    ms(sandbox_refunds.created_at), sandbox_refunds.id
FROM sandbox_refunds JOIN sandbox_charges USING (reference)
WHERE sandbox_refunds.created_at >= moment($1) AND sandbox_refunds.created_at < moment($2)
ORDER BY at;

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
