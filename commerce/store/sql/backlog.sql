-- What waits in the ledger for a program to act on it.

-- name: look
-- Reads indexes of what waits alone, so it costs the same however long the shop has been running.
SELECT
    (SELECT count(*) FROM orders WHERE status = 'awaiting_payment') AS orders_awaiting,
    (SELECT count(*) FROM orders WHERE gate_told_at IS NULL AND status <> 'awaiting_payment')
        AS orders_untold,
    (SELECT count(*) FROM outbox WHERE relayed_at IS NULL) AS facts,
    (SELECT coalesce(extract(epoch FROM now() - min(recorded_at)), 0)::float8
     FROM outbox WHERE relayed_at IS NULL) AS facts_age_s,
    (SELECT count(*) FROM refunds WHERE status = 'due') AS refunds,
    (SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8
     FROM refunds WHERE status = 'due') AS refunds_age_s,
    (SELECT count(*) FROM webhook_deliveries WHERE due_at <= now()) AS deliveries,
    (SELECT count(*) FROM shows WHERE on_air) AS shows_on_air;
