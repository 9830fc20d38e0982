"""
Low-latency HLS (RFC 8216bis), made of a publisher's packets without encoding the picture anew.

::

    packets ─▶ reorder ─▶ h264 · vp8 · opus ─▶ clock ─▶ segmenter ─▶ shelf ─▶ playlist
                               vp8 ─▶ transcode ─┘        │
                              opus ─▶ aac ────────────────┘

Everything but the edge (``channel``, ``channels``, ``routes``, ``transcode``) is told the time and
never waits.
"""
