-- A show, minute by minute.

-- name: note_viewers
-- Adds one reading of who watches, at the moment $4. A show that does not exist is left out.
INSERT INTO minutes (show_id, minute, readings, viewers_sum, viewers_peak, likes)
SELECT id, date_trunc('minute', moment($4)), 1, $2::integer, $2::integer, $3::bigint
FROM shows WHERE id = $1
ON CONFLICT (show_id, minute) DO UPDATE SET
    readings = minutes.readings + 1,
    viewers_sum = minutes.viewers_sum + excluded.viewers_sum,
    viewers_peak = greatest(minutes.viewers_peak, excluded.viewers_peak),
    likes = greatest(minutes.likes, excluded.likes);

-- name: note_clicks
-- Adds to what is known. Offers that are not of the show are left out.
INSERT INTO clicks (show_id, minute, offer_id, count)
SELECT offers.show_id, moment(clicked.minute), offers.id, clicked.count
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
    AS clicked (show_id, offer_id, minute, count)
JOIN offers ON offers.id = clicked.offer_id AND offers.show_id = clicked.show_id
-- In one order, so that two processes that write at once do not wait for each other.
ORDER BY offers.show_id, clicked.minute, offers.id
ON CONFLICT (show_id, minute, offer_id) DO UPDATE SET count = clicks.count + excluded.count;

-- name: note_deliveries
-- Adds $2 to what is known of the minute of the moment $1, bound by bound.
INSERT INTO deliveries (minute, counts) VALUES (date_trunc('minute', moment($1)), $2::bigint[])
ON CONFLICT (minute) DO UPDATE SET counts = ARRAY(
    SELECT coalesce(before.count, 0) + coalesce(more.count, 0)
    FROM unnest(deliveries.counts) WITH ORDINALITY AS before (count, bound)
    FULL JOIN unnest(excluded.counts) WITH ORDINALITY AS more (count, bound) USING (bound)
    ORDER BY bound
);

-- name: of_show
-- Minutes of which anything is known, from the moment $2 on, at most $3. Money is in the currency
-- of the show's first offer; what came in counts when it came, and what went back when it went.
WITH main AS (
    SELECT coalesce(
        (SELECT currency FROM offers WHERE show_id = $1 ORDER BY position LIMIT 1), 'USD'
    ) AS currency
), sampled AS (
    SELECT minute, readings, viewers_sum, viewers_peak, likes, chat_lines
    FROM minutes WHERE show_id = $1 AND minute >= moment($2)
), clicked AS (
    SELECT minute, sum(count)::bigint AS clicks
    FROM clicks WHERE show_id = $1 AND minute >= moment($2) GROUP BY minute
), placed AS (
    SELECT date_trunc('minute', placed_at) AS minute, count(*) AS orders
    FROM orders WHERE show_id = $1 AND placed_at >= moment($2) GROUP BY 1
), paid AS (
    SELECT
        date_trunc('minute', paid_at) AS minute, count(*) AS paid,
        sum(quantity)::bigint AS units,
        (sum(total_minor) FILTER (WHERE orders.currency = main.currency))::bigint AS captured_minor
    FROM orders CROSS JOIN main
    WHERE show_id = $1 AND paid_at >= moment($2) AND status IN ('paid', 'refunded')
    GROUP BY 1
), given_back AS (
    SELECT
        date_trunc('minute', refunds.created_at) AS minute,
        sum(refunds.amount_minor)::bigint AS refunded_minor
    FROM refunds JOIN orders ON orders.id = refunds.order_id JOIN main USING (currency)
    WHERE show_id = $1 AND refunds.created_at >= moment($2)
        AND orders.status IN ('paid', 'refunded')
    GROUP BY 1
)
SELECT
    ms(minute) AS at,
    coalesce(viewers_sum::float8 / nullif(readings, 0), 0) AS viewers,
    coalesce(viewers_peak, 0) AS viewers_peak,
    coalesce(likes, 0) AS likes,
    coalesce(chat_lines, 0) AS chat_lines,
    coalesce(clicks, 0) AS clicks,
    coalesce(orders, 0) AS orders,
    coalesce(paid, 0) AS paid,
    coalesce(units, 0) AS units,
    coalesce(captured_minor, 0) AS captured_minor,
    coalesce(refunded_minor, 0) AS refunded_minor,
    deliveries.counts AS deliveries
FROM sampled
FULL JOIN clicked USING (minute)
FULL JOIN placed USING (minute)
FULL JOIN paid USING (minute)
FULL JOIN given_back USING (minute)
LEFT JOIN deliveries USING (minute)
ORDER BY minute
LIMIT $3;

-- name: totals
-- One row. Watched is in minutes of one viewer: the average of each minute that was read.
SELECT
    coalesce(max(viewers_peak), 0) AS viewers_peak,
    coalesce(sum(viewers_sum)::float8 / nullif(sum(readings), 0), 0) AS viewers_average,
    coalesce(sum(viewers_sum::float8 / readings) FILTER (WHERE readings > 0), 0)
        AS watched_minutes,
    coalesce(max(likes), 0) AS likes,
    coalesce(sum(chat_lines), 0)::bigint AS chat_lines
FROM minutes WHERE show_id = $1;

-- name: sold
-- One row an offer of the show, in the order of its bag.
SELECT
    offers.id AS offer, coalesce(offers.title, products.title) AS title, variants.options,
    variants.sku, offers.kind, offers.price_minor, offers.currency, offers.quantity,
    coalesce(clicked.clicks, 0) AS clicks,
    coalesce(sold.orders, 0) AS orders,
    coalesce(sold.paid, 0) AS paid,
    coalesce(sold.units, 0) AS units,
    coalesce(sold.captured_minor, 0) AS captured_minor,
    coalesce(sold.refunded_minor, 0) AS refunded_minor
FROM offers
JOIN variants ON variants.id = offers.variant_id
JOIN products ON products.id = variants.product_id
LEFT JOIN (
    SELECT offer_id, sum(count)::bigint AS clicks FROM clicks WHERE show_id = $1 GROUP BY 1
) AS clicked ON clicked.offer_id = offers.id
LEFT JOIN (
    SELECT
        offer_id,
        count(*) AS orders,
        count(*) FILTER (WHERE status IN ('paid', 'refunded')) AS paid,
        (sum(quantity) FILTER (WHERE status IN ('paid', 'refunded')))::bigint AS units,
        (sum(total_minor) FILTER (WHERE status IN ('paid', 'refunded')))::bigint
            AS captured_minor,
        (sum(refunded_minor) FILTER (WHERE status IN ('paid', 'refunded')))::bigint
            AS refunded_minor
    FROM orders WHERE show_id = $1 GROUP BY 1
) AS sold ON sold.offer_id = offers.id
WHERE offers.show_id = $1
ORDER BY offers.position, offers.id;

-- name: purge
-- Takes only deliveries of more than $1 seconds ago; a show's own minutes stay with it.
DELETE FROM deliveries WHERE minute < now() - $1 * interval '1 second';
