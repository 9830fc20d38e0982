"""
Live video: in by WHIP, out by WHEP, forwarded packet by packet and never decoded.

- ``tap``: what else may listen to a stage's packets
"""
