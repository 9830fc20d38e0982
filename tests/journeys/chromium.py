"""
Finds a Chromium for the journeys: the machine's own, else one from the system's packages.

``LIVESHOP_TEST_BROWSER`` may name an executable, or say ``required``: then a missing browser fails
the tests instead of skipping them.
"""

import os
import shutil

from tests.debian import found_or_installed

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # Nothing but the page under test is fetched: the machine may have no way out.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # A camera that shows a moving picture and a beep, and nobody who has to allow it.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    # Pages in the background are pages of other people here.
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
]


class NoBrowser(Exception):
    """No Chromium is here and none can be installed."""


def executable() -> str:
    """
    Return the path of a Chromium, installing Debian's where that is allowed.

    Raises:
        NoBrowser: with the sentence to show.

    """
    found = found_or_installed("LIVESHOP_TEST_BROWSER", "chromium", _found)
    if found is not None:
        return found
    raise NoBrowser(
        "browser journeys skipped: no Chromium on this machine; install one, "
        "or name it in LIVESHOP_TEST_BROWSER"
    )


def required() -> bool:
    """Whether the journeys must run."""
    return os.environ.get("LIVESHOP_TEST_BROWSER") == "required"


def _found() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)
