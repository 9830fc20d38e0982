-- Refunds that somebody made at the gateway, and that the books learn of afterwards. The orders of
-- the payment are locked, then the payment.

-- name: is_noted
-- Whether the refund that the gateway calls $2 is noted as one of the payment $1.
SELECT EXISTS (
    SELECT FROM refunds WHERE payment_id = $1 AND coalesce(reference, id) = $2
);

-- name: left
-- What orders have left of the money of the payment $1, the oldest first.
SELECT orders.id AS order, orders.total_minor - orders.refunded_minor AS amount_minor
FROM payment_parts AS part JOIN orders ON orders.id = part.order_id
WHERE part.payment_id = $1 AND orders.paid_with = $1
    AND orders.status IN ('paid', 'refunded') AND orders.refunded_minor < orders.total_minor
ORDER BY orders.placed_at, orders.id;

-- name: refused
-- Refunds of the payment $1 that are due, and that its gateway has refused once; the oldest first.
SELECT id AS refund, amount_minor FROM refunds
WHERE payment_id = $1 AND status = 'due' AND due_at > created_at
ORDER BY id;

-- name: note
-- The refund that the gateway calls $1, out of the payment $2: under the ids $3, of the orders $4,
-- of $5 each. No row: the payment is not captured, or has not so much left.
WITH given AS (
    SELECT * FROM unnest($3::text[], $4::text[], $5::bigint[]) AS share (id, order_id, amount_minor)
),
whole AS (
    SELECT sum(amount_minor)::bigint AS minor FROM given
),
owed AS (
    UPDATE payments SET
        refunded_minor = refunded_minor + whole.minor,
        status = CASE
            WHEN refunded_minor + whole.minor = amount_minor THEN 'refund_due' ELSE status
        END,
        updated_at = now()
    FROM whole
    WHERE payments.id = $2 AND status = 'captured' AND refunded_minor + whole.minor <= amount_minor
    RETURNING payments.id
)
INSERT INTO refunds (id, payment_id, amount_minor, reason, status, done_at, order_id, reference)
SELECT given.id, owed.id, given.amount_minor, $6, 'done', now(), given.order_id, $1
FROM owed CROSS JOIN given
RETURNING id;

-- name: adopt
-- The refunds $2 that are due turn out to be what the gateway calls $1.
UPDATE refunds SET reference = $1, status = 'done', done_at = now()
WHERE id = ANY($2::text[]) AND status = 'due';
