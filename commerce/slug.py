"""Words for addresses: a title as lower-case letters, digits and hyphens. Nothing here waits."""

import re
import unicodedata


def slug(text: str, *, characters: int) -> str:
    """
    Return ``text`` as it may stand in an address, cut to ``characters``.

    Accents are dropped; other scripts leave nothing, so the result may be empty.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:characters].strip("-")
