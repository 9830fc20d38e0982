"""
The ledger in PostgreSQL: functions over a connection, no mapper, the SQL in files.

- ``pool``, ``queries``, ``migrate``: the connection, the SQL texts, the schema
- ``accounts``, ``products``, ``shows``, ``offers``, ``orders``, ``payments``: one aggregate each
- ``outbox``: facts for the rooms; ``idempotency``: answers that were given before
- ``epochs``: which of the gate's data may be trusted

Every change of state is one conditional update; a function that needs several statements is atomic
by itself and joins the caller's transaction. Rows are locked in one order everywhere: show, offer,
variant, order, payment.
"""
