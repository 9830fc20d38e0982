"""
The application: composes rooms and commerce, and runs them.

- ``config``, ``auth``, ``telemetry``: settings, who is asking, what the program says about itself
- ``wire``: every message of the socket; ``protocol``: what clients are generated from
- ``api``: the HTTP interface; ``pages``: what people look at
- ``dispatch``: rooms ask, commerce answers; ``relay``, ``announcer``, ``ticker``: commerce tells,
  rooms hear
- ``app``, ``work``: everything that runs in the web process and in the worker, in its order
- ``serve``, ``supervisor``, ``demo``, ``seed``, ``embedded``: processes, and who starts them
- ``cli``, ``doctor``, ``finding``: the command
"""
