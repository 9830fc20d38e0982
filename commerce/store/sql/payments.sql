-- Payments: each try to pay for an order, and what became of the money.
-- Locked after their order, never before.

-- name: pending
-- The try that is under way, if any; at most one a gateway, because the order is locked.
SELECT id, order_id AS order, gateway, reference, amount_minor, currency, status
FROM payments
WHERE order_id = $1 AND status = 'pending' AND gateway = $2 AND withdrawn_at IS NULL
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
-- Holds the payment until the transaction ends; its order is locked already, or not needed.
SELECT status FROM payments WHERE id = $1 FOR NO KEY UPDATE;

-- name: decline
-- No row: the payment was not pending.
UPDATE payments SET status = 'declined', updated_at = now()
WHERE id = $1 AND status = 'pending'
RETURNING id;

-- name: capture
-- No row: the payment's money came before. Changes nothing else, so that the order decides.
UPDATE payments SET status = 'captured', captured_at = now(), updated_at = now()
WHERE id = $1 AND status IN ('pending', 'declined')
RETURNING id;

-- name: captured_of
-- The payment that an order was paid with, if some of its money is still here.
SELECT id, order_id AS order, gateway, reference, amount_minor, currency, status
FROM payments
WHERE order_id = $1 AND status = 'captured';

-- name: owe
-- A refund of $3 from the payment $2, due from now on. No row: the payment is not captured, or has
-- not so much left. Fails when the payment has a refund with the key $5 already.
WITH owed AS (
    UPDATE payments SET
        refunded_minor = refunded_minor + $3,
        status = CASE WHEN refunded_minor + $3 = amount_minor THEN 'refund_due' ELSE status END,
        updated_at = now()
    WHERE id = $2 AND status = 'captured' AND refunded_minor + $3 <= amount_minor
    RETURNING id
)
INSERT INTO refunds (id, payment_id, amount_minor, reason, request_key)
SELECT $1, id, $3, $4, $5 FROM owed
RETURNING id;

-- name: owe_all
-- A refund of all of the payment $2, whose money came for nothing. No row: it came before, or there
-- is none of it.
WITH owed AS (
    UPDATE payments SET
        status = 'refund_due', captured_at = now(), refunded_minor = amount_minor,
        updated_at = now()
    WHERE id = $2 AND status IN ('pending', 'declined')
    RETURNING id, amount_minor
)
INSERT INTO refunds (id, payment_id, amount_minor, reason)
SELECT $1, id, amount_minor, $3 FROM owed WHERE amount_minor > 0
RETURNING id;

-- name: refund_of_key
-- The refund that a request with this key made of an order's payment; no row: none.
SELECT refunds.amount_minor
FROM refunds JOIN payments ON payments.id = refunds.payment_id
WHERE payments.order_id = $1 AND refunds.request_key = $2;

-- name: refunds_due
-- In the order of their ids, after the refund $1; without those that were put off.
SELECT
    refunds.id,
    refunds.payment_id AS payment,
    payments.order_id AS order,
    payments.gateway,
    payments.reference,
    refunds.amount_minor,
    payments.currency
FROM refunds JOIN payments ON payments.id = refunds.payment_id
WHERE refunds.status = 'due' AND refunds.due_at <= now() AND refunds.id > $1
ORDER BY refunds.id
LIMIT $2;

-- name: put_off
-- Idempotent: not due again for $2 seconds.
UPDATE refunds SET due_at = now() + $2 * interval '1 second' WHERE id = $1 AND status = 'due';

-- name: payment_of_refund
-- No row: not ours.
SELECT payment_id FROM refunds WHERE id = $1;

-- name: finish_refund
-- No row: it is done already. The payment is locked by the caller.
UPDATE refunds SET status = 'done', done_at = now()
WHERE id = $1 AND status = 'due'
RETURNING payment_id;

-- name: finish_payment
-- Idempotent. A payment is refunded when all of it was, and no part of that is due any more.
UPDATE payments SET status = 'refunded', updated_at = now()
WHERE id = $1 AND status = 'refund_due'
    AND NOT EXISTS (SELECT FROM refunds WHERE payment_id = $1 AND status = 'due');

-- name: to_withdraw
-- Pending payments that nobody should pay any more: the order ended, was paid otherwise, or its
-- buyer chose another gateway since. In the order of their ids, after $1.
SELECT id, order_id AS order, gateway, reference, amount_minor, currency, status
FROM payments
WHERE status = 'pending' AND withdrawn_at IS NULL AND reference IS NOT NULL AND id > $1
    AND (
        NOT EXISTS (SELECT FROM orders WHERE id = order_id AND status = 'awaiting_payment')
        OR EXISTS (
            SELECT FROM payments AS later
            WHERE later.order_id = payments.order_id AND later.id > payments.id
        )
    )
ORDER BY id
LIMIT $2;

-- name: withdrawn
-- Idempotent.
UPDATE payments SET withdrawn_at = now() WHERE id = $1 AND withdrawn_at IS NULL;

-- name: first_time
-- No row: this webhook was acted on before.
INSERT INTO gateway_events (gateway, event_id) VALUES ($1, $2)
ON CONFLICT DO NOTHING
RETURNING event_id;

-- name: purge_events
-- Idempotent. After 30 days no gateway repeats itself: Stripe, the most patient, gives up after 3.
DELETE FROM gateway_events WHERE received_at < now() - interval '30 days';

-- name: booked
-- What the books have of payments through a gateway; those that are not ours are left out.
SELECT id, order_id AS order, status, amount_minor, currency, captured_at IS NOT NULL AS captured
FROM payments
WHERE gateway = $1 AND id = ANY($2::text[]);

-- name: booked_refunds
-- What the books have of refunds; those that are not ours are left out.
SELECT id, payment_id AS payment, amount_minor, status = 'done' AS done
FROM refunds
WHERE id = ANY($1::text[]);

-- name: captured_between
-- Payments through a gateway whose money came from $2 to before $3 (Unix ms).
SELECT id, order_id AS order, status, amount_minor, currency, true AS captured
FROM payments
WHERE gateway = $1 AND captured_at >= moment($2) AND captured_at < moment($3)
    -- Of nothing there is no statement.
    AND amount_minor > 0;

-- name: refunded_between
-- Refunds through a gateway that were done from $2 to before $3 (Unix ms).
SELECT refunds.id, payment_id AS payment, refunds.amount_minor, true AS done
FROM refunds JOIN payments ON payments.id = payment_id
WHERE gateway = $1 AND done_at >= moment($2) AND done_at < moment($3);

-- name: overdue
-- Refunds that are owed for longer than $1 seconds, oldest first, at most $2.
SELECT
    refunds.id,
    refunds.payment_id AS payment,
    payments.order_id AS order,
    payments.gateway,
    payments.reference,
    refunds.amount_minor,
    payments.currency
FROM refunds JOIN payments ON payments.id = refunds.payment_id
WHERE refunds.status = 'due' AND refunds.created_at < now() - $1 * interval '1 second'
ORDER BY refunds.id
LIMIT $2;

-- name: note_refund
-- A refund of $3 out of the payment $2 that somebody made at the gateway, under its name $1. No row:
-- the payment is not captured, or has not so much left.
WITH given AS (
    UPDATE payments SET
        refunded_minor = refunded_minor + $3,
        status = CASE WHEN refunded_minor + $3 = amount_minor THEN 'refund_due' ELSE status END,
        updated_at = now()
    WHERE id = $2 AND status = 'captured' AND refunded_minor + $3 <= amount_minor
    RETURNING id
)
INSERT INTO refunds (id, payment_id, amount_minor, reason, status, done_at)
SELECT $1, id, $3, $4, 'done', now() FROM given
RETURNING id;

-- name: adopt_refund
-- A refund of $3 that the payment $2 owes, and that was refused, turns out to be the gateway's $1.
-- No row: there is none.
UPDATE refunds SET id = $1, status = 'done', done_at = now()
WHERE id = (
    SELECT id FROM refunds
    WHERE payment_id = $2 AND amount_minor = $3 AND status = 'due' AND due_at > created_at
    ORDER BY id
    LIMIT 1
)
RETURNING id;

-- name: mismatched
-- Orders that keep other money than they should: a paid or refunded one its total less what went
-- back, any other none. `kept` is what their payments keep.
SELECT orders.id, orders.status, due.kept AS due_minor, money.kept AS kept_minor
FROM orders
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN status IN ('paid', 'refunded') THEN unit_price_minor * quantity - refunded_minor
        ELSE 0
    END AS kept
) AS due
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_minor - payments.refunded_minor), 0)::bigint AS kept
    FROM payments
    WHERE order_id = orders.id AND captured_at IS NOT NULL
) AS money
WHERE due.kept <> money.kept
ORDER BY orders.id;

-- name: miscounted
-- Payments that say that more or less goes back than their refunds do.
SELECT
    payments.id,
    payments.refunded_minor,
    coalesce(sum(refunds.amount_minor), 0)::bigint AS listed_minor
FROM payments LEFT JOIN refunds ON refunds.payment_id = payments.id
GROUP BY payments.id
HAVING payments.refunded_minor <> coalesce(sum(refunds.amount_minor), 0)
ORDER BY payments.id;

-- name: totals
-- All the money of the show $1 or of all (NULL), a row a currency; one reading. captured = kept +
-- refunded, and kept = due, which is what paid and refunded orders should keep.
WITH money AS (
    SELECT
        payments.currency,
        sum(amount_minor) AS captured_minor,
        sum(payments.refunded_minor) AS refunded_minor
    FROM payments JOIN orders ON orders.id = order_id
    WHERE captured_at IS NOT NULL AND ($1::text IS NULL OR show_id = $1)
    GROUP BY payments.currency
),
due AS (
    SELECT currency, sum(unit_price_minor * quantity - refunded_minor) AS due_minor
    FROM orders
    WHERE status IN ('paid', 'refunded') AND ($1::text IS NULL OR show_id = $1)
    GROUP BY currency
)
SELECT
    currency,
    coalesce(captured_minor, 0)::bigint AS captured_minor,
    (coalesce(captured_minor, 0) - coalesce(refunded_minor, 0))::bigint AS kept_minor,
    coalesce(refunded_minor, 0)::bigint AS refunded_minor,
    coalesce(due_minor, 0)::bigint AS due_minor
FROM money FULL JOIN due USING (currency)
ORDER BY currency;
