-- Payments: each try to pay for one order or several, and what became of the money.
-- Locked after their orders, never before.

-- name: pending
-- The try that is under way for exactly the orders $1, through $2, priced as $3 (NULL: as they
-- stand) with the coupon $4 (NULL: none), if any; at most one, because the orders are locked.
SELECT id, order_id AS order, gateway, reference, amount_minor, currency, status
FROM payments
WHERE id IN (SELECT payment_id FROM payment_parts WHERE order_id = ANY($1::text[]))
    AND status = 'pending' AND gateway = $2 AND withdrawn_at IS NULL
    AND quote IS NOT DISTINCT FROM $3
    AND (SELECT coupon_id FROM coupon_uses WHERE payment_id = payments.id)
        IS NOT DISTINCT FROM $4
    AND (SELECT array_agg(order_id ORDER BY order_id) FROM payment_parts WHERE payment_id = id)
        = (SELECT array_agg(wanted ORDER BY wanted) FROM unnest($1::text[]) AS wanted)
ORDER BY id DESC
LIMIT 1;

-- name: begin
-- Before the gateway hears of it, so that no charge is without a payment. Its parts follow.
INSERT INTO payments (
    id, order_id, gateway, amount_minor, currency,
    quote, tariff_id, option_id, option_name, address
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb)
RETURNING id, order_id AS order, gateway, reference, amount_minor, currency, status;

-- name: begin_parts
-- What of the payment $1 is for which order.
INSERT INTO payment_parts (
    payment_id, order_id, goods_minor, shipping_minor, tax_minor, tax_included_minor, discount_minor
)
SELECT $1, part.*
FROM unnest(
    $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[]
) AS part;

-- name: parts
-- In the order of the orders' ids. `races`: the order holds no unit, and never did.
SELECT part.order_id AS order, part.amount_minor, NOT orders.holds AS races
FROM payment_parts AS part JOIN orders ON orders.id = part.order_id
WHERE part.payment_id = $1
ORDER BY part.order_id;

-- name: destination
-- Where what it pays for goes. No row: the payment was not priced for delivery.
SELECT
    quote, tariff_id AS tariff, option_id AS option, option_name,
    address::text AS address
FROM payments
WHERE id = $1 AND quote IS NOT NULL;

-- name: forget_destinations
-- Idempotent. Of payments that are $1 seconds old and whose money never came: their orders are long
-- over, so nothing will ever be sent there.
UPDATE payments
SET quote = NULL, tariff_id = NULL, option_id = NULL, option_name = NULL, address = NULL
WHERE quote IS NOT NULL AND captured_at IS NULL
    AND created_at < now() - $1 * interval '1 second';

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
SELECT
    payments.id, payments.order_id AS order, gateway, reference, amount_minor, payments.currency,
    payments.status
FROM payments JOIN orders ON orders.paid_with = payments.id
WHERE orders.id = $1 AND payments.status = 'captured';

-- name: came_for
-- Those of the orders $1 for which money ever came, if only to go back.
SELECT DISTINCT part.order_id AS order
FROM payment_parts AS part JOIN payments ON payments.id = part.payment_id
WHERE part.order_id = ANY($1::text[]) AND part.amount_minor > 0
    AND payments.captured_at IS NOT NULL;

-- name: owe
-- A refund of $3 of the order $6 from the payment $2, due from now on. No row: the payment is not
-- captured, or has not so much left. Fails when the order has a refund with the key $5 already.
WITH owed AS (
    UPDATE payments SET
        refunded_minor = refunded_minor + $3,
        status = CASE WHEN refunded_minor + $3 = amount_minor THEN 'refund_due' ELSE status END,
        updated_at = now()
    WHERE id = $2 AND status = 'captured' AND refunded_minor + $3 <= amount_minor
    RETURNING id
)
INSERT INTO refunds (id, payment_id, amount_minor, reason, request_key, order_id)
SELECT $1, id, $3, $4, $5, $6 FROM owed
RETURNING id;

-- name: owe_all
-- A refund of each part of the payment $2, whose money came for nothing: under the ids $1, for the
-- orders $4. No row: it came before, or there is none of it.
WITH owed AS (
    UPDATE payments SET
        status = 'refund_due', captured_at = now(), refunded_minor = amount_minor,
        updated_at = now()
    WHERE id = $2 AND status IN ('pending', 'declined')
    RETURNING id
)
INSERT INTO refunds (id, payment_id, amount_minor, reason, order_id)
SELECT entry.id, owed.id, part.amount_minor, $3, part.order_id
FROM owed
JOIN payment_parts AS part ON part.payment_id = owed.id
JOIN unnest($1::text[], $4::text[]) AS entry (id, order_id) ON entry.order_id = part.order_id
WHERE part.amount_minor > 0
RETURNING id;

-- name: refund_of_key
-- The refund that a request with this key made of an order; no row: none.
SELECT amount_minor FROM refunds WHERE order_id = $1 AND request_key = $2;

-- name: refunds_due
-- In the order of their ids, after the refund $1; without those that were put off.
SELECT
    refunds.id,
    refunds.payment_id AS payment,
    refunds.order_id AS order,
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
-- Pending payments that nobody should pay any more: none of their orders waits for them, or the
-- buyer began another for one of these since. In the order of their ids, after $1.
SELECT id, order_id AS order, gateway, reference, amount_minor, currency, status
FROM payments
WHERE status = 'pending' AND withdrawn_at IS NULL AND reference IS NOT NULL AND id > $1
    AND (
        NOT EXISTS (
            SELECT FROM payment_parts AS part JOIN orders ON orders.id = part.order_id
            WHERE part.payment_id = payments.id AND orders.status = 'awaiting_payment'
        )
        OR EXISTS (
            SELECT FROM payment_parts AS part JOIN payment_parts AS later USING (order_id)
            WHERE part.payment_id = payments.id AND later.payment_id > payments.id
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
-- What the books have of refunds, by our names or the gateway's; what is not here is left out. One
-- that somebody made at the gateway may be several rows: its orders'.
SELECT
    coalesce(reference, id) AS id,
    payment_id AS payment,
    sum(amount_minor)::bigint AS amount_minor,
    bool_and(status = 'done') AS done
FROM refunds
WHERE id = ANY($1::text[]) OR reference = ANY($1::text[])
GROUP BY 1, 2;

-- name: captured_between
-- Payments through a gateway whose money came from $2 to before $3 (Unix ms).
SELECT id, order_id AS order, status, amount_minor, currency, true AS captured
FROM payments
WHERE gateway = $1 AND captured_at >= moment($2) AND captured_at < moment($3)
    -- Of nothing there is no statement.
    AND amount_minor > 0;

-- name: refunded_between
-- Refunds through a gateway that were done from $2 to before $3 (Unix ms), as the gateway has them.
SELECT
    coalesce(refunds.reference, refunds.id) AS id,
    payment_id AS payment,
    sum(refunds.amount_minor)::bigint AS amount_minor,
    true AS done
FROM refunds JOIN payments ON payments.id = payment_id
WHERE gateway = $1 AND done_at >= moment($2) AND done_at < moment($3)
GROUP BY 1, 2;

-- name: overdue
-- Refunds that are owed for longer than $1 seconds, oldest first, at most $2.
SELECT
    refunds.id,
    refunds.payment_id AS payment,
    refunds.order_id AS order,
    payments.gateway,
    payments.reference,
    refunds.amount_minor,
    payments.currency
FROM refunds JOIN payments ON payments.id = refunds.payment_id
WHERE refunds.status = 'due' AND refunds.created_at < now() - $1 * interval '1 second'
ORDER BY refunds.id
LIMIT $2;

-- name: mismatched
-- Orders that keep other money than they should: a paid or refunded one its total less what went
-- back, any other none. `kept` is what came for them, in parts of payments, less their refunds.
SELECT orders.id, orders.status, due.kept AS due_minor, came.minor - back.minor AS kept_minor
FROM orders
CROSS JOIN LATERAL (
    SELECT CASE WHEN status IN ('paid', 'refunded') THEN total_minor - refunded_minor ELSE 0 END
        AS kept
) AS due
CROSS JOIN LATERAL (
    SELECT coalesce(sum(part.amount_minor), 0)::bigint AS minor
    FROM payment_parts AS part JOIN payments ON payments.id = part.payment_id
    WHERE part.order_id = orders.id AND payments.captured_at IS NOT NULL
) AS came
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_minor), 0)::bigint AS minor FROM refunds
    WHERE refunds.order_id = orders.id
) AS back
WHERE due.kept <> came.minor - back.minor
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
WITH came AS (
    SELECT payments.currency, sum(part.amount_minor) AS captured_minor
    FROM payments
    JOIN payment_parts AS part ON part.payment_id = payments.id
    JOIN orders ON orders.id = part.order_id
    WHERE captured_at IS NOT NULL AND ($1::text IS NULL OR show_id = $1)
    GROUP BY payments.currency
),
back AS (
    SELECT orders.currency, sum(refunds.amount_minor) AS refunded_minor
    FROM refunds JOIN orders ON orders.id = refunds.order_id
    WHERE $1::text IS NULL OR show_id = $1
    GROUP BY orders.currency
),
due AS (
    SELECT currency, sum(total_minor - refunded_minor) AS due_minor
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
FROM came FULL JOIN back USING (currency) FULL JOIN due USING (currency)
ORDER BY currency;
