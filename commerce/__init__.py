"""
The shop: what is for sale, who got it, who paid.

It knows no room; what others should hear leaves through ``store.outbox`` and ``announce``. From
pure to impure:

- ``messages``: what a buyer and the shop say to each other
- ``errors``, ``ids``, ``money``, ``slug``: the words for refusals, names, amounts and addresses
- ``catalogue``: products as they arrive; ``table``, ``shopify``: products out of a file
- ``orders``: the states of an order, as a table
- ``store``: the ledger in PostgreSQL; ``catalogue_import``: a file, brought into it
- ``offers``: the gate in Redis, which decides within microseconds who gets a unit
- ``writer``: what the gate promised becomes orders; ``rounds``: work that is done again and again
- ``payments``: the gateways; ``checkout``: from a reservation to a paid order
"""
