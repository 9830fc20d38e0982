"""
People as Locust's users: what they do, what is measured, and what must hold afterwards.

========================  ====================================================================
``watcher`` ``chatter``   who watches; who talks
``buyer`` ``bot``         who buys as a person does; who hammers the button over HTTP
``slow_phone``            who reads too slowly
``host``                  who presents, and opens the flash sales
``person``                somebody with a name and a seat                       (abstract user)
``seat``                  a seat in a room, on gevent: the SDK's session over plain sockets
``readings``              frames that everyone got, read once
``board``                 purchases that are not on every screen yet                    (pure)
``evening``               one run in this process: its seats, its sales, its findings
``shapes``                how a run goes: who comes when, when sales open               (pure)
``stamps``                moments that ride in the id of a line                         (pure)
``target``                whom this may be driven against                               (pure)
``account``               how the host signs in
``books``                 the shop's books, checked by ``loadtest.audit`` in a process of its own
========================  ====================================================================

Locust runs on gevent, the SDK on asyncio. What they share is what does no I/O: the session, the
state, the frames, the lane. The sockets around it are gevent's.
"""
