"""
Offers on sale: the gate in Redis, and everything that keeps it true to the ledger.

- ``outcomes``: what a buyer asks and what the gate answers; ``schedule``: pay windows (both pure)
- ``stock``: the gate, one method a script in ``lua/``; ``keys``: where it keeps what
- ``batcher``: attempts that arrive together go to the gate together; ``latch``: what is sold out
  need not (pure)
- ``waitlist``: who gets what comes back; ``answers``: what the scripts say, as outcomes (pure)
- ``draw``: who stands where in a queue, for anyone to check; ``admission``: signed turns (both
  pure); ``doorman``: draws queues and admits people
- ``fence``: which Redis data may be trusted; ``epoch``: watching, and rebuilding the gate
- ``telling``: the gate hears what became of its holds; ``sweeper``: whatever is due
- ``ledger``: where every unit is; ``reconcile``: finding and mending drift
- ``link``: clients of the gate's Redis
"""
