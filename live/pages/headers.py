"""
The security headers of every page.

Invariant: no page of ours runs a script or applies a style that is not a file of ours, and none
can be framed by another site.
"""

from typing import Final

POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        # Pictures of products may live anywhere.
        "img-src 'self' data: http: https:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)

HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
}
