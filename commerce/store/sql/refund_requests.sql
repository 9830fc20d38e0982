-- Buyers who ask for their money back.

-- name: ask
-- Of an order that keeps money. While it is open the reason may be said anew; once it was answered,
-- or nothing is left to give back, no row.
WITH asked AS (
    INSERT INTO refund_requests (order_id, reason)
    SELECT orders.id, $2 FROM orders
    WHERE orders.id = $1 AND orders.status = 'paid' AND orders.refunded_minor < orders.total_minor
    ON CONFLICT (order_id) DO UPDATE SET reason = excluded.reason
    WHERE refund_requests.status = 'open'
    -- xmax = 0: it is new.
    RETURNING order_id, xmax = 0 AS new
),
recorded AS (
    INSERT INTO events (type, show_id, subject_id)
    SELECT 'order.refund_requested', orders.show_id, orders.id
    FROM asked JOIN orders ON orders.id = asked.order_id WHERE asked.new
)
SELECT order_id FROM asked;

-- name: withdraw
-- Gone as if never asked, while it is open. No row: there is no open one.
DELETE FROM refund_requests WHERE order_id = $1 AND status = 'open' RETURNING order_id;

-- name: decline
-- No row: there is no open one.
UPDATE refund_requests SET status = 'declined', answer = $2, answered_at = now()
WHERE order_id = $1 AND status = 'open'
RETURNING order_id;
