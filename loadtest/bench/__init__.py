"""
What a crowd costs and how long it waits, beside floors and peers of the same run.

========================  ====================================================================
``rooms`` ``commerce``    ``python -m loadtest.bench.rooms``: the figures of a command
``media``                 the same for the video; ``video/``: who publishes and watches
``suite``                 runs them, shows them, keeps them
``peers/``                ``make bench``: the same fan-out and the same sale, side by side
``growth``                ``make bench-growth``: along the viewers, and along the web processes
``fanout`` ``usual_way``  what `peers` measures: rooms and hubs, gate and INSERT
``figures/``              one figure a file
``publisher``             what peers and bare rooms are told to publish             (pure: lines)
``servers`` ``process``   a server on a core of its own; its CPU and memory
``shop``                  the real ``liveshop serve`` with a show, guests and an offer
``report`` ``machine``    medians, aims, and where they were measured
========================  ====================================================================
"""
