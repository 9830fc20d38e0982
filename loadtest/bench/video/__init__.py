"""
Those who publish and watch while the video is measured, and the process that carries it.

- ``film``: a publisher whose pictures carry the moment they were sent; ``watchers``: those who read
  it again, with ``receiver``; each in a process of its own, spoken to by ``actor``
- ``screens``: two browsers, one filming the clock and one reading it off its screen
- ``studio``: the media process beside a shop, and a show on air in it
"""
