"""
What a crowd costs and how long it waits, beside floors and peers of the same run.

========================  ====================================================================
``rooms`` ``commerce``    ``python -m loadtest.bench.rooms``: the figures of a command
``media``                 the same for the video; ``video/``: who publishes and watches
``suite``                 runs them, shows them, keeps them
``figures/``              one figure a file
``peers/``                programs to compare with, a process each
``publisher``             what peers and bare rooms are told to publish             (pure: lines)
``servers`` ``process``   a server on a core of its own; its CPU and memory
``shop``                  the real ``liveshop serve`` with a show, guests and an offer
``report`` ``machine``    medians, aims, and where they were measured
========================  ====================================================================
"""
