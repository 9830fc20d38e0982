"""
What one check of ``liveshop doctor`` came to.
"""

from typing import Literal

from msgspec import Struct


class Finding(Struct, frozen=True):
    """Its verdict, and what to do about it; ``warn``: it runs, and something should be better."""

    verdict: Literal["ok", "warn", "fail"]
    subject: str
    detail: str
