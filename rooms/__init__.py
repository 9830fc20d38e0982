"""
Realtime rooms: who is here, what was said, how it reaches everyone.

A room knows no product; events are bytes to it. From pure to impure:

- ``messages``, ``codes``: what crosses the socket, and the reasons to close it
- ``session``, ``moderation``, ``limits``, ``door``, ``bounds``: who may come in and say what
- ``history``, ``sampling``, ``presence``, ``turnstile``, ``quotes``, ``frames``, ``wheel``: the
  rules of a room, without a clock or a socket
- ``brokers``: how a room's events reach every worker, and how they are kept
- ``application``: what a room asks of the program around it
- ``fanout``, ``lanes``: one room on this worker; ``turns``: the loop's time for all of them
- ``connection``: one viewer's socket; ``entrance``: how it comes in; ``speech``: what it says
- ``hub``: the rooms of this worker; ``rulebook``: their rules
- ``node``: the facade, and everything that runs
"""
