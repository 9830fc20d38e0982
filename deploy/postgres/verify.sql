-- What must hold in a ledger, whatever happened; raises where it does not.
DO $$
DECLARE
    wrong text;
BEGIN
    SELECT string_agg(format('offer %s: %s units taken, %s in live orders', id, taken, live), '; ')
    INTO wrong
    FROM (
        SELECT offers.id, offers.taken, coalesce(sum(orders.quantity), 0) AS live
        FROM offers
        LEFT JOIN orders ON orders.offer_id = offers.id AND orders.status IN ('awaiting_payment', 'paid')
        GROUP BY offers.id
    ) AS each
    WHERE taken <> live;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the ledger does not add up: %', wrong;
    END IF;
    SELECT string_agg(format('payment %s: %s given back, %s in refunds', id, refunded_minor, refunds), '; ')
    INTO wrong
    FROM (
        SELECT payments.id, payments.refunded_minor, coalesce(sum(refunds.amount_minor), 0) AS refunds
        FROM payments
        LEFT JOIN refunds ON refunds.payment_id = payments.id
        GROUP BY payments.id
    ) AS each
    WHERE refunded_minor <> refunds;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the books do not add up: %', wrong;
    END IF;
END
$$;
