-- No Redis server has this run_id, so every process is fenced until the gate is rebuilt from what is here.
INSERT INTO gate_epochs (epoch, run_id)
SELECT coalesce(max(epoch), 0) + 1, 'none: restored from a backup' FROM gate_epochs;
