"""
People and load for a shop, from outside: nothing here imports the server.

========================  ====================================================================
``crowd``                 ``python -m loadtest.crowd``: a show's worth of people
``viewer`` ``host``       what one of them does: watch, talk and buy; present and open sales
``temperament``           who watches, who talks, who pays                               (pure)
``phrases`` ``topics``    what they say, in English and Chinese                          (pure)
``cashier``               pays on the gateway's page, as a browser would
``counts``                what happened, for the status line
``parent``                ends a program when the one that started it is gone
``locustfile`` ``people/``  ``make locust``: people as Locust's users, and what they wait for
``swarm`` ``spectator``   thousands of sockets in one process, and one of them
``openfiles``             how many sockets a process may have
``arena``                 ``python -m loadtest.swarm``: the swarm's command line
``frames`` ``hearing``    WebSocket frames, and what they tell without being decoded     (pure)
``contiguity`` ``latency``  whether everyone saw everything once, and how soon           (pure)
``bench/``                what it costs, beside floors and peers of the same run
``invariants``            what must hold for a show, whatever the load was
``audit``                 ``python -m loadtest.audit``: whether a show's books add up
========================  ====================================================================
"""
