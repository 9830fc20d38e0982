-- Orders: from the hold that became one to its end.
-- Live = its units are the buyer's: awaiting_payment or paid. An order that holds none (`NOT holds`)
-- has units only once it is paid.

-- name: lock_offers
-- In the order of their ids, so that two who lock several do not wait for each other.
SELECT id FROM offers WHERE id = ANY($1::text[]) ORDER BY id FOR NO KEY UPDATE;

-- name: lock_variants_of_closed
-- A closed offer keeps nothing: units that come back to it go on to the variant.
SELECT id FROM variants
WHERE id IN (
    SELECT items.variant_id
    FROM offers JOIN offer_items AS items ON items.offer_id = offers.id
    WHERE offers.id = ANY($1::text[]) AND offers.state = 'closed'
)
ORDER BY id
FOR NO KEY UPDATE;

-- name: views
-- In the order of the ids given; unknown ones are left out.
SELECT
    orders.id,
    orders.show_id AS show,
    orders.offer_id AS offer,
    orders.hold_id AS hold,
    orders.buyer_id AS buyer,
    accounts.name AS buyer_name,
    coalesce(offers.title, products.title) AS title,
    variants.options,
    coalesce(variants.picture, products.pictures[1]) AS picture,
    orders.quantity,
    orders.unit_price_minor,
    orders.total_minor,
    orders.currency,
    orders.status,
    NOT orders.holds AS first_paid,
    -- Looked for in the few orders that ended so.
    orders.status = 'sold_out' AND EXISTS (
        SELECT FROM payment_parts AS part JOIN payments ON payments.id = part.payment_id
        WHERE part.order_id = orders.id AND part.amount_minor > 0
            AND payments.captured_at IS NOT NULL
    ) AS money_back,
    orders.refunded_minor,
    orders.shipping_minor,
    orders.tax_minor,
    orders.discount_minor,
    orders.shipment_id AS shipment,
    shipments.state AS shipment_state,
    shipments.carrier,
    shipments.tracking,
    ms(orders.placed_at) AS placed_at,
    ms(orders.pay_by) AS pay_by,
    ms(orders.paid_at) AS paid_at,
    CASE WHEN requests.order_id IS NOT NULL THEN
        jsonb_build_object(
            'reason', requests.reason,
            'asked_at', ms(requests.asked_at),
            'status', requests.status,
            'answer', requests.answer
        )
    END AS refund_request
FROM unnest($1::text[]) WITH ORDINALITY AS wanted (id, place)
-- Looked up one by one (OFFSET 0): as a join it may read all orders there are.
CROSS JOIN LATERAL (SELECT * FROM orders WHERE orders.id = wanted.id OFFSET 0) AS orders
JOIN offers ON offers.id = orders.offer_id
JOIN variants ON variants.id = offers.variant_id
JOIN products ON products.id = variants.product_id
JOIN accounts ON accounts.id = orders.buyer_id
LEFT JOIN shipments ON shipments.id = orders.shipment_id
LEFT JOIN refund_requests AS requests ON requests.order_id = orders.id
ORDER BY wanted.place;

-- name: ids_of_buyer
-- Newest first, in one show, or in all that are no rehearsals ($2 NULL), after the order $3 or from
-- the top (NULL).
SELECT id FROM orders
WHERE buyer_id = $1
  AND (
      show_id = $2
      OR ($2::text IS NULL AND (SELECT rehearses IS NULL FROM shows WHERE shows.id = show_id))
  )
  AND ($3::text IS NULL OR (placed_at, id) < (SELECT placed_at, id FROM orders WHERE id = $3))
ORDER BY placed_at DESC, id DESC
LIMIT $4;

-- name: ids_of_show
-- Newest first, after the order $2 or from the top (NULL).
SELECT id FROM orders
WHERE show_id = $1
  AND ($2::text IS NULL OR (placed_at, id) < (SELECT placed_at, id FROM orders WHERE id = $2))
ORDER BY placed_at DESC, id DESC
LIMIT $3;

-- name: ids_live
-- What each of many buyers ($1) has going on in a show ($2), newest first, at most $3 of each.
SELECT wanted.buyer_id AS buyer, wanted.show_id AS show, live.id
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted (buyer_id, show_id, place)
CROSS JOIN LATERAL (
    SELECT orders.id, orders.placed_at FROM orders
    WHERE orders.buyer_id = wanted.buyer_id
      AND orders.show_id = wanted.show_id
      AND orders.status IN ('awaiting_payment', 'paid')
    ORDER BY orders.placed_at DESC, orders.id DESC
    LIMIT $3
) AS live
ORDER BY wanted.place, live.placed_at DESC, live.id DESC;

-- name: find
-- No row: no such order. Nothing is locked.
SELECT
    orders.id,
    orders.offer_id AS offer,
    orders.show_id AS show,
    orders.buyer_id AS buyer,
    shows.host_id AS host,
    orders.status
FROM orders
JOIN shows ON shows.id = orders.show_id
WHERE orders.id = $1;

-- name: lock
-- Holds the order until the transaction ends, so that its payments can be looked at in peace.
SELECT
    orders.buyer_id AS buyer,
    orders.status,
    orders.pay_by > now() AS in_time,
    orders.total_minor,
    orders.currency
FROM orders
WHERE orders.id = $1
FOR NO KEY UPDATE;

-- name: pay
-- With the payment $2, at the price of its part. No row: the order does not await payment (any
-- more), or holds no unit, and its offer has not so many left; that needs `races.lock`. The row is
-- an event.
WITH part AS (
    SELECT shipping_minor, tax_minor, tax_included_minor, discount_minor FROM payment_parts
    WHERE payment_id = $2 AND order_id = $1
),
moved AS (
    UPDATE orders
    SET
        status = 'paid', paid_at = now(), gate_told_at = NULL, paid_with = $2,
        shipping_minor = coalesce((SELECT shipping_minor FROM part), 0),
        tax_minor = coalesce((SELECT tax_minor FROM part), 0),
        tax_included_minor = coalesce((SELECT tax_included_minor FROM part), 0),
        discount_minor = coalesce((SELECT discount_minor FROM part), 0)
    WHERE id = $1 AND status = 'awaiting_payment'
        AND (
            holds
            OR quantity <= (
                SELECT allocated - taken FROM offers WHERE offers.id = orders.offer_id
            )
        )
    RETURNING *
),
recorded AS (
    INSERT INTO events (type, show_id, subject_id) SELECT 'order.paid', show_id, id FROM moved
),
sold AS (
    INSERT INTO stock_movements
        (variant_id, quantity, origin, destination, why, offer_id, order_id, account_id)
    SELECT
        items.variant_id, moved.quantity * items.count,
        CASE WHEN moved.holds THEN 'held' ELSE 'offer' END::stock_place, 'sold', 'paid',
        moved.offer_id, moved.id, moved.buyer_id
    FROM moved JOIN offer_items AS items ON items.offer_id = moved.offer_id
)
SELECT
    id, hold_id AS hold, offer_id AS offer, show_id AS show, buyer_id AS buyer, status,
    refunded_minor
FROM moved;

-- name: due
-- Candidates only: each is looked at again when it is locked.
SELECT id, offer_id AS offer FROM orders
WHERE status = 'awaiting_payment' AND hold_expires_at <= moment($1)
ORDER BY hold_expires_at
LIMIT $2;

-- name: lapse
-- Passes over orders that someone is paying for or cancelling right now: their turn comes again.
-- Each row is an event.
WITH moved AS (
    UPDATE orders
    SET status = 'lapsed', ended_at = now(), gate_told_at = NULL
    WHERE id IN (
        SELECT id FROM orders
        WHERE id = ANY($1::text[]) AND status = 'awaiting_payment'
        FOR NO KEY UPDATE SKIP LOCKED
    )
    RETURNING *
),
recorded AS (
    INSERT INTO events (type, show_id, subject_id) SELECT 'order.lapsed', show_id, id FROM moved
)
SELECT
    id, hold_id AS hold, offer_id AS offer, show_id AS show, buyer_id AS buyer, status,
    refunded_minor
FROM moved;

-- name: end_one
-- From $2 to $3; no row: the order was not in $2. The row is an event.
WITH moved AS (
    UPDATE orders
    SET status = $3, ended_at = now(), gate_told_at = NULL
    WHERE id = $1 AND status = $2
    RETURNING *
),
recorded AS (
    INSERT INTO events (type, show_id, subject_id)
    SELECT 'order.' || status, show_id, id FROM moved
)
SELECT
    id, hold_id AS hold, offer_id AS offer, show_id AS show, buyer_id AS buyer, status,
    refunded_minor
FROM moved;

-- name: grant_request
-- With the money, in its transaction. Nobody asked, or it was answered: nothing happens.
UPDATE refund_requests SET status = 'granted', answered_at = now()
WHERE order_id = $1 AND status = 'open';

-- name: refund
-- From a state in $2 to its neighbour in $3, with $4 of the money, or all that is left of it
-- (NULL), and with at least $5. No row: the order is in none of $2, or not so much is left. The
-- row is an event.
WITH possible AS (
    SELECT
        orders.id,
        move.after,
        coalesce($4::bigint, total_minor - refunded_minor) AS back_minor
    FROM orders
    JOIN unnest($2::text[], $3::text[]) AS move (before, after) ON move.before = orders.status
    WHERE orders.id = $1
        AND coalesce($4::bigint, total_minor - refunded_minor)
            BETWEEN $5 AND total_minor - refunded_minor
    FOR NO KEY UPDATE OF orders
),
moved AS (
    UPDATE orders
    SET
        status = possible.after,
        refunded_minor = orders.refunded_minor + possible.back_minor,
        ended_at = CASE WHEN orders.status = possible.after THEN ended_at ELSE now() END,
        gate_told_at = NULL
    FROM possible
    WHERE orders.id = possible.id
    RETURNING orders.*, possible.back_minor
),
recorded AS (
    INSERT INTO events (type, show_id, subject_id) SELECT 'order.refunded', show_id, id FROM moved
)
SELECT
    id, hold_id AS hold, offer_id AS offer, show_id AS show, buyer_id AS buyer, status,
    refunded_minor, back_minor
FROM moved;

-- name: give_back
-- Gives the units of orders that ended in this transaction back to their offers, if they had any; a
-- closed offer hands them on to its variants. Not idempotent: the change of status before it is.
INSERT INTO stock_movements
    (variant_id, quantity, origin, destination, why, offer_id, order_id, account_id)
SELECT
    items.variant_id, orders.quantity * items.count,
    CASE orders.status WHEN 'refunded' THEN 'sold' ELSE 'held' END::stock_place,
    CASE offers.state WHEN 'closed' THEN 'warehouse' ELSE 'offer' END::stock_place,
    orders.status::stock_reason, offers.id, orders.id,
    CASE orders.status WHEN 'cancelled' THEN orders.buyer_id END
FROM orders
JOIN offers ON offers.id = orders.offer_id
JOIN offer_items AS items ON items.offer_id = offers.id
WHERE orders.id = ANY($1::text[]) AND (orders.holds OR orders.status = 'refunded');

-- name: untold
-- Orders whose outcome the gate may not know, although it is $2 seconds old; oldest first.
SELECT
    id, hold_id AS hold, offer_id AS offer, show_id AS show, buyer_id AS buyer, status,
    refunded_minor
FROM orders
WHERE gate_told_at IS NULL AND status <> 'awaiting_payment'
  AND coalesce(ended_at, paid_at) <= now() - $2 * interval '1 second'
ORDER BY id
LIMIT $1;

-- name: mark_told
-- Only where the order is still as it was told. Idempotent.
UPDATE orders SET gate_told_at = now()
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS told (id, status, refunded_minor)
WHERE orders.id = told.id AND orders.status = told.status
    AND orders.refunded_minor = told.refunded_minor AND orders.gate_told_at IS NULL;

-- name: live_holds
-- The live orders of an offer as holds, in the order of their ids, after the order $2.
SELECT
    id,
    hold_id AS hold,
    buyer_id AS buyer,
    quantity,
    ms(hold_expires_at) AS expires_at,
    CASE WHEN status = 'paid' THEN 's' WHEN holds THEN 'h' ELSE 'i' END AS kind
FROM orders
WHERE offer_id = $1 AND status IN ('awaiting_payment', 'paid') AND id > $2
ORDER BY id
LIMIT $3;

-- name: counts
-- The ledger's side of an offer: what it has, what its live orders hold, and how many of its orders
-- have or gave back units that the gate has not heard of. One reading.
SELECT
    offers.show_id AS show,
    offers.state,
    offers.policy,
    offers.allocated,
    offers.taken,
    coalesce(
        sum(orders.quantity) FILTER (WHERE orders.status = 'awaiting_payment' AND orders.holds), 0
    )::bigint AS held,
    coalesce(sum(orders.quantity) FILTER (WHERE orders.status = 'paid'), 0)::bigint AS sold,
    count(*) FILTER (
        WHERE orders.status IN ('paid', 'refunded') AND orders.gate_told_at IS NULL
    ) AS untold
FROM offers
LEFT JOIN orders ON orders.offer_id = offers.id
    AND orders.status IN ('awaiting_payment', 'paid', 'refunded')
WHERE offers.id = $1
GROUP BY offers.id;

-- name: miscounted
-- Offers whose `taken` is not what their live orders hold; there are none unless someone wrote to
-- the tables by hand.
SELECT offers.id, offers.taken, coalesce(sum(orders.quantity), 0)::bigint AS live
FROM offers
LEFT JOIN orders ON orders.offer_id = offers.id
    AND (orders.status = 'paid' OR (orders.status = 'awaiting_payment' AND orders.holds))
GROUP BY offers.id
HAVING offers.taken <> coalesce(sum(orders.quantity), 0)
ORDER BY offers.id;

-- name: of_state
-- Offers in this state, in the order of their ids.
SELECT id FROM offers WHERE state = $1 ORDER BY id;

-- name: tally
-- One row, of zeros for a show without orders. Takings are in the currency of the show's first
-- offer, less what went back.
SELECT
    count(orders.id) AS orders,
    count(*) FILTER (WHERE orders.status = 'paid') AS paid,
    count(*) FILTER (WHERE orders.status = 'awaiting_payment') AS awaiting,
    coalesce(sum(orders.quantity) FILTER (WHERE orders.status = 'paid'), 0)::bigint AS units,
    coalesce(
        sum(orders.total_minor - orders.refunded_minor) FILTER (
            WHERE orders.status IN ('paid', 'refunded') AND orders.currency = main.currency
        ),
        0
    )::bigint AS takings_minor,
    main.currency
FROM (
    SELECT coalesce(
        (SELECT currency FROM offers WHERE show_id = $1 ORDER BY position LIMIT 1), 'USD'
    ) AS currency
) AS main
LEFT JOIN orders ON orders.show_id = $1
GROUP BY main.currency;

-- name: known_holds
-- The live orders of an offer, and whatever became of the holds $2.
SELECT
    hold_id AS hold, status, gate_told_at IS NOT NULL OR status = 'awaiting_payment' AS told
FROM orders
WHERE offer_id = $1 AND (status IN ('awaiting_payment', 'paid') OR hold_id = ANY($2::text[]));
