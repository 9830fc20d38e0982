-- Payments: each try to pay for an order, and what became of the money.
-- Locked after their order, never before.

-- name: pending
-- The try that is under way, if any; at most one, because the order is locked.
SELECT id, order_id AS order, gateway, reference, amount_minor, currency, status
FROM payments
WHERE order_id = $1 AND status = 'pending' AND gateway = $2
ORDER BY id DESC
LIMIT 1;

-- name: begin
-- Before the gateway hears of it, so that no charge is without a payment.
INSERT INTO payments (id, order_id, gateway, amount_minor, currency)
VALUES ($1, $2, $3, $4, $5)
RETURNING id, order_id AS order, gateway, reference, amount_minor, currency, status;

-- name: set_reference
-- Once; the gateway's webhook may have come first.
UPDATE payments SET reference = $2, updated_at = now() WHERE id = $1 AND reference IS NULL;

-- name: find
-- No row: not ours.
SELECT id, order_id AS order, gateway, reference, amount_minor, currency, status
FROM payments
WHERE gateway = $1 AND id = $2;

-- name: lock
-- Holds the payment until the transaction ends; its order is locked already.
SELECT status FROM payments WHERE id = $1 FOR NO KEY UPDATE;

-- name: move
-- No row: the payment was not in $2.
UPDATE payments SET status = $3, updated_at = now() WHERE id = $1 AND status = $2 RETURNING id;

-- name: owe_refund
-- The captured payment of an order that ended; none for one that was free of charge.
UPDATE payments SET status = 'refund_due', updated_at = now()
WHERE order_id = $1 AND status = 'captured'
RETURNING id;

-- name: refunds_due
-- Oldest first, after the payment $1.
SELECT id, order_id AS order, gateway, reference, amount_minor, currency, status
FROM payments
WHERE status = 'refund_due' AND id > $1
ORDER BY id
LIMIT $2;

-- name: first_time
-- No row: this webhook was acted on before.
INSERT INTO gateway_events (gateway, event_id) VALUES ($1, $2)
ON CONFLICT DO NOTHING
RETURNING event_id;

-- name: purge_events
-- Idempotent. After 30 days no gateway repeats itself: Stripe, the most patient, gives up after 3.
DELETE FROM gateway_events WHERE received_at < now() - interval '30 days';

-- name: mismatched
-- Orders whose money and state disagree: paid without a capture, or captured without being paid.
SELECT orders.id, orders.status, count(payments.id) AS captured
FROM orders
LEFT JOIN payments ON payments.order_id = orders.id AND payments.status = 'captured'
GROUP BY orders.id
HAVING (orders.status = 'paid') <> (count(payments.id) = 1)
ORDER BY orders.id;
