"""
Programs to compare with: each sends the same frames to whoever is connected, in its own way.

Each is a process, ``python -m loadtest.bench.peers.NAME``, told what to publish by `publisher`.
"""
