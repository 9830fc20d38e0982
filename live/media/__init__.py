"""
Live video: in by WHIP, out by WHEP, forwarded packet by packet and never decoded.

- ``whip``, ``whep``, ``signalling``: offers and answers over HTTP; ``door``: who may
- ``sdp``, ``keyframes``, ``feedback``: pure
- ``ice``, ``peer``: one UDP port, and the connections on it
- ``publisher``, ``forwarding``, ``viewer``, ``stage``: from one to many
- ``tap``: what else may listen to a stage's packets
- ``process``, ``studio``: `liveshop media`; ``front``, ``wire``: its side in `liveshop serve`
- ``backend``, ``builtin``, ``mediamtx``, ``urls``: who carries the video
- ``onair``: whose video comes in, told to PostgreSQL
- ``checkup``: whether video can work here, for `liveshop doctor`
"""
