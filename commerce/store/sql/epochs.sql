-- Which Redis data the gate may trust.

-- name: latest
-- No row: the gate was never built.
SELECT epoch, run_id FROM gate_epochs ORDER BY epoch DESC LIMIT 1;

-- name: begin
-- The next epoch; fails when someone else began it at the same time.
INSERT INTO gate_epochs (epoch, run_id)
SELECT coalesce(max(epoch), 0) + 1, $1 FROM gate_epochs
RETURNING epoch, run_id;

-- name: take_turn
-- Never waits; false: another connection has it.
SELECT pg_try_advisory_lock($1);

-- name: end_turn
-- Once for each time it was taken.
SELECT pg_advisory_unlock($1);
