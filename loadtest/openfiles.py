"""
How many files a process may have open: each viewer is one.
"""

import resource


def allow(wanted: int) -> None:
    """Raise the limit to ``wanted``, or as far as it goes, for this process and its children."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
