-- What a quote is made of. Nothing is written here.

-- name: lines
-- In the order of the ids given; unknown orders are left out.
SELECT
    orders.id AS order,
    orders.buyer_id AS buyer,
    shows.host_id AS host,
    orders.show_id AS show,
    products.id AS product,
    orders.status,
    orders.pay_by > now() AS in_time,
    orders.holds OR orders.quantity <= offers.allocated - offers.taken AS to_be_had,
    ms(orders.pay_by) AS pay_by,
    orders.unit_price_minor * orders.quantity AS goods_minor,
    orders.currency,
    weight.grams * orders.quantity AS grams,
    products.kind
FROM unnest($1::text[]) WITH ORDINALITY AS wanted (id, place)
JOIN orders ON orders.id = wanted.id
JOIN shows ON shows.id = orders.show_id
JOIN offers ON offers.id = orders.offer_id
JOIN variants ON variants.id = offers.variant_id
JOIN products ON products.id = variants.product_id
CROSS JOIN LATERAL (
    SELECT sum(weighed.grams::bigint * items.count)::bigint AS grams
    FROM offer_items AS items JOIN variants AS weighed ON weighed.id = items.variant_id
    WHERE items.offer_id = offers.id
) AS weight
ORDER BY wanted.place;

-- name: aboard
-- What is in the open shipments of a buyer for an address already, one an option.
SELECT
    shipments.option_id AS option,
    shipments.id AS shipment,
    coalesce(sum(orders.unit_price_minor * orders.quantity), 0)::bigint AS goods_minor,
    coalesce(sum(weight.grams * orders.quantity), 0)::bigint AS grams,
    coalesce(sum(orders.shipping_minor), 0)::bigint AS shipping_minor
FROM shipments
JOIN orders ON orders.shipment_id = shipments.id
CROSS JOIN LATERAL (
    SELECT sum(weighed.grams::bigint * items.count)::bigint AS grams
    FROM offer_items AS items JOIN variants AS weighed ON weighed.id = items.variant_id
    WHERE items.offer_id = orders.offer_id
) AS weight
WHERE shipments.host_id = $1 AND shipments.buyer_id = $2 AND shipments.digest = $3
    AND shipments.state = 'open'
GROUP BY shipments.id;
