"""
Recordings: what was packaged, kept as files, and played again with all that happened.

- ``tape``: one show's fragments, appended to a file that survives a killed process
- ``recorder``: the tapes of this process, and the thread that writes
- ``remux``: fragments made a plain MP4 that browsers seek in
- ``library``: what there is to play
"""
