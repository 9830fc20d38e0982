"""
What a WebSocket close code asks of a client: come back, or stay away.

The range decides, so that a server may add codes without breaking clients. Nothing here waits.
"""

from typing import Final

OWN_FAULT: Final = frozenset({1003, 1007, 1009})
"""What this client sent cannot be read (RFC 6455, section 7.4.1); it would send it again."""

ABNORMAL: Final = 1006
"""Never on the wire: the connection ended without a close frame."""

LEAVING: Final = 1000
"""The viewer goes, or goes away to come back and resume."""


def may_return(code: int) -> bool:
    """Return whether a client that was closed with ``code`` should connect again."""
    return not (3500 <= code <= 3999 or code in OWN_FAULT)
