-- A refund that somebody made at the gateway may be of several orders that were paid together: as
-- many rows as orders, and each names the gateway's one. (Before, such a refund had the gateway's
-- name as its id.)
ALTER TABLE refunds ADD COLUMN reference text;
CREATE UNIQUE INDEX refunds_elsewhere ON refunds (reference, order_id, payment_id)
    WHERE reference IS NOT NULL;
