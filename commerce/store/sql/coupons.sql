-- Coupons and their uses. Locked after orders and payments, a coupon before its uses.

-- name: create
-- No row: this host has had the code.
INSERT INTO coupons (
    id, host_id, code, show_id, percent_bp, amount_minor, currency, minimum_minor, products,
    quota, limit_per_buyer, valid_from, valid_until
)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
    coalesce(moment($12), now()), moment($13)
)
ON CONFLICT (host_id, code) DO NOTHING
RETURNING id;

-- name: unknown_products
-- Of the products $1, those that are none.
SELECT wanted FROM unnest($1::text[]) AS wanted
WHERE NOT EXISTS (SELECT FROM products WHERE id = wanted);

-- name: views
-- Of the host $1, newest first: all, or those for the show $2 and for any show; one ($3) or all (NULL).
SELECT
    coupons.id, code, show_id AS show, percent_bp, amount_minor, currency, minimum_minor, products,
    quota, limit_per_buyer, used,
    ms(valid_from) AS valid_from, ms(valid_until) AS valid_until, ms(ended_at) AS ended_at,
    coalesce(
        (
            SELECT sum(discount_minor) FROM coupon_uses
            WHERE coupon_id = coupons.id AND kept_at IS NOT NULL AND returned_at IS NULL
        ), 0
    )::bigint AS given_minor,
    ARRAY(SELECT shows.id FROM shows WHERE shows.coupon_id = coupons.id ORDER BY shows.id) AS shown_in
FROM coupons
WHERE host_id = $1
    AND ($2::text IS NULL OR show_id IS NULL OR show_id = $2)
    AND ($3::text IS NULL OR coupons.id = $3)
ORDER BY coupons.id DESC
LIMIT $4;

-- name: by_code
-- No row: this host has none. Nothing is locked.
SELECT
    id, host_id AS host, code, show_id AS show, percent_bp, amount_minor, currency, minimum_minor,
    products, quota, limit_per_buyer, used,
    ms(valid_from) AS valid_from, ms(valid_until) AS valid_until, ended_at IS NOT NULL AS ended,
    ms(now()) AS now
FROM coupons
WHERE host_id = $1 AND code = $2;

-- name: yours
-- How many uses of the coupon $1 the buyer $2 has, and how many of those would be given up for a
-- purchase of the orders $3: taken for them before, and not paid.
SELECT
    count(*) AS taken,
    count(*) FILTER (
        WHERE kept_at IS NULL AND EXISTS (
            SELECT FROM payment_parts AS part
            WHERE part.payment_id = coupon_uses.payment_id AND part.order_id = ANY($3::text[])
        )
    ) AS given_up
FROM coupon_uses
WHERE coupon_id = $1 AND buyer_id = $2 AND returned_at IS NULL;

-- name: lock
-- Holds the coupon until the transaction ends: whoever takes or returns a use does.
SELECT host_id AS host, code, quota, limit_per_buyer, used, ended_at IS NOT NULL AS ended
FROM coupons
WHERE id = $1
FOR NO KEY UPDATE;

-- name: give_up
-- Returns what the buyer $2 took of the coupon $1 for other payments of an order of the payment $3.
UPDATE coupon_uses SET returned_at = now()
WHERE coupon_id = $1 AND buyer_id = $2 AND payment_id <> $3
    AND kept_at IS NULL AND returned_at IS NULL
    AND EXISTS (
        SELECT FROM payment_parts AS part JOIN payment_parts AS mine USING (order_id)
        WHERE part.payment_id = coupon_uses.payment_id AND mine.payment_id = $3
    );

-- name: held
-- Whether the payment $1 has its use, and has not returned it; and whether an order waits for it,
-- and can be won, for those whose first to pay are served are locked with their offers. No row: it
-- was priced without.
SELECT
    coupon_id AS coupon, buyer_id AS buyer, discount_minor, returned_at IS NULL AS held,
    EXISTS (
        SELECT FROM payment_parts AS part
        JOIN orders ON orders.id = part.order_id
        JOIN offers ON offers.id = orders.offer_id
        WHERE part.payment_id = coupon_uses.payment_id AND orders.status = 'awaiting_payment'
            AND (orders.holds OR orders.quantity <= offers.allocated - offers.taken)
    ) AS wanted
FROM coupon_uses
WHERE payment_id = $1;

-- name: count_yours
-- What the buyer $2 has of the coupon $1 beside the payment $3; the coupon is locked.
SELECT count(*) FROM coupon_uses
WHERE coupon_id = $1 AND buyer_id = $2 AND payment_id <> $3 AND returned_at IS NULL;

-- name: take
-- A use of the coupon $2 for the payment $1, or the one that it returned, again. A trigger counts
-- it, and a constraint refuses one too many.
INSERT INTO coupon_uses (payment_id, coupon_id, buyer_id, discount_minor) VALUES ($1, $2, $3, $4)
ON CONFLICT (payment_id) DO UPDATE SET returned_at = NULL, taken_at = now();

-- name: keep
-- Idempotent. The money of the payment came.
UPDATE coupon_uses SET kept_at = now() WHERE payment_id = $1 AND kept_at IS NULL;

-- name: idle
-- Coupons with uses that nobody will pay for: the payment failed, none of its orders waits for it
-- any more, or its buyer began another for one of them since.
SELECT DISTINCT coupon_id
FROM coupon_uses JOIN payments ON payments.id = coupon_uses.payment_id
WHERE kept_at IS NULL AND returned_at IS NULL AND (
    payments.status = 'declined'
    OR NOT EXISTS (
        SELECT FROM payment_parts AS part JOIN orders ON orders.id = part.order_id
        WHERE part.payment_id = payments.id AND orders.status = 'awaiting_payment'
    )
    OR EXISTS (
        SELECT FROM payment_parts AS part JOIN payment_parts AS later USING (order_id)
        WHERE part.payment_id = payments.id AND later.payment_id > payments.id
    )
)
ORDER BY coupon_id;

-- name: return_idle
-- Of one coupon, which is locked, so that a use that was kept meanwhile is not returned.
UPDATE coupon_uses SET returned_at = now()
FROM payments
WHERE payments.id = coupon_uses.payment_id AND coupon_id = $1
    AND kept_at IS NULL AND returned_at IS NULL
    AND (
        payments.status = 'declined'
        OR NOT EXISTS (
            SELECT FROM payment_parts AS part JOIN orders ON orders.id = part.order_id
            WHERE part.payment_id = payments.id AND orders.status = 'awaiting_payment'
        )
        OR EXISTS (
            SELECT FROM payment_parts AS part JOIN payment_parts AS later USING (order_id)
            WHERE part.payment_id = payments.id AND later.payment_id > payments.id
        )
    );

-- name: of_order
-- The coupon that the order $1 was paid with. No row: none, or its use was returned.
SELECT coupon_id FROM coupon_uses JOIN orders ON orders.paid_with = coupon_uses.payment_id
WHERE orders.id = $1 AND returned_at IS NULL;

-- name: return_refunded
-- The use with which the order $1 was paid, if nothing that was paid with it is still its buyer's.
UPDATE coupon_uses SET returned_at = now()
FROM orders
WHERE orders.id = $1 AND coupon_uses.payment_id = orders.paid_with AND returned_at IS NULL
    AND NOT EXISTS (
        SELECT FROM orders AS other
        WHERE other.id IN (
            SELECT order_id FROM payment_parts WHERE payment_id = coupon_uses.payment_id
        )
        AND other.paid_with = coupon_uses.payment_id AND other.status = 'paid'
    );

-- name: end
-- Idempotent. The first end stays.
UPDATE coupons SET ended_at = now() WHERE id = $1 AND ended_at IS NULL;

-- name: shows_of
-- Where the coupon $1 is on screen.
SELECT id FROM shows WHERE coupon_id = $1 ORDER BY id;

-- name: put_on_screen
-- No row: there is no such show, or it ended.
UPDATE shows SET coupon_id = $2 WHERE id = $1 AND state <> 'ended' RETURNING id;

-- name: take_off_screen
-- Idempotent. No row: there is none on screen.
UPDATE shows SET coupon_id = NULL WHERE id = $1 AND coupon_id IS NOT NULL RETURNING id;

-- name: take_off_screens
-- The coupon $1, from wherever it is on screen.
UPDATE shows SET coupon_id = NULL WHERE coupon_id = $1 RETURNING id;

-- name: on_screen
-- No row: no coupon is on screen in the show $1.
SELECT
    coupons.id, code, percent_bp, amount_minor, currency, minimum_minor,
    cardinality(products) > 0 AS some_products,
    ms(valid_from) AS valid_from, ms(valid_until) AS valid_until, used >= quota AS used_up
FROM shows JOIN coupons ON coupons.id = shows.coupon_id
WHERE shows.id = $1;
