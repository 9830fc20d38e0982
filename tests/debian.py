"""
Programs that the tests need and Debian has: the machine's own, else installed where it may be.
"""

import os
import shutil
import subprocess
from collections.abc import Callable


def found_or_installed(setting: str, package: str, find: Callable[[], str | None]) -> str | None:
    """
    Return the path of a program; None where it is missing and cannot be installed.

    ``setting`` names an environment variable that may hold the path, or say ``required``.
    """
    wish = os.environ.get(setting, "")
    if wish not in ("", "required"):
        return wish
    if found := find():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package],
        ):
            subprocess.run(command, capture_output=True, check=False)
        return find()
    return None
