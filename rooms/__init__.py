"""
Realtime rooms: who is here, what was said, how it reaches everyone.

A room knows no product; events are bytes to it. From pure to impure:

- ``messages``, ``codes``: what crosses the socket, and the reasons to close it
- ``history``, ``limits``, ``frames``, ``session``: the rules, without a clock or a socket
- ``brokers``: how a room's events reach every worker, and how they are kept
- ``application``: what a room asks of the program around it
- ``fanout``: one room on this worker; ``connection``: one viewer's socket
- ``node``: the rooms of this worker, and everything that runs for them
"""
