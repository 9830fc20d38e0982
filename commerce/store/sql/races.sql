-- Races: orders that hold no unit, and are paid for as long as their offer has any.

-- name: lock
-- Holds the offers of those of the orders $1 that race, in the order of their ids: whoever pays for
-- one of them next waits, and then counts what is left.
SELECT id FROM offers
WHERE id IN (SELECT offer_id FROM orders WHERE id = ANY($1::text[]) AND NOT holds)
ORDER BY id
FOR NO KEY UPDATE;

-- name: beaten
-- Candidates only: each is looked at again when its offer is locked.
SELECT orders.id, orders.offer_id AS offer
FROM orders JOIN offers ON offers.id = orders.offer_id
WHERE orders.status = 'awaiting_payment' AND NOT orders.holds
    AND orders.quantity > offers.allocated - offers.taken
ORDER BY orders.id
LIMIT $1;

-- name: lose
-- Ends those of the orders $1 that race for more than their offer has left. Needs `lock`. Passes
-- over those that someone is cancelling right now. Each row is an event.
WITH moved AS (
    UPDATE orders
    SET status = 'sold_out', ended_at = now(), gate_told_at = NULL
    WHERE id IN (
        SELECT orders.id FROM orders JOIN offers ON offers.id = orders.offer_id
        WHERE orders.id = ANY($1::text[])
            AND orders.status = 'awaiting_payment' AND NOT orders.holds
            AND orders.quantity > offers.allocated - offers.taken
        FOR NO KEY UPDATE OF orders SKIP LOCKED
    )
    RETURNING *
),
recorded AS (
    INSERT INTO events (type, show_id, subject_id) SELECT 'order.sold_out', show_id, id FROM moved
)
SELECT
    id, hold_id AS hold, offer_id AS offer, show_id AS show, buyer_id AS buyer, status,
    refunded_minor
FROM moved;
