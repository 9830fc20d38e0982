"""``python -m live.protocol [--check]``: write ``clients/protocol``, or say what is outdated."""

import argparse
import sys

from live.protocol.documents import FOLDER, outdated, write


def main() -> int:
    """Return the exit code: 1 when ``--check`` finds a file that is not what would be written."""
    parser = argparse.ArgumentParser(prog="python -m live.protocol", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    if not parser.parse_args().check:
        write()
        return 0
    wrong = outdated()
    for name in wrong:
        sys.stderr.write(f"{FOLDER.name}/{name} is outdated: run python -m live.protocol\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
