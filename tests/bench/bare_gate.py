"""
The gate's script and nothing else: how many attempts a second Redis decides, in batches.

``python tests/bench/bare_gate.py SOCKET OFFER ATTEMPTS BATCH < BUYERS`` reads an account a line and
prints the seconds it took and how many units were held. It lives among the tests because load may
not import the server.
"""

import json
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice
from typing import cast
from uuid import uuid4

import redis

from commerce.offers import stock
from commerce.offers.keys import Keys


def batches(offer: str, buyers: list[str], attempts: int, size: int) -> Iterator[list[str]]:
    """Write the arguments of one call after the other."""
    coming = islice(cycle(buyers), attempts)
    while batch := list(islice(coming, size)):
        # The third of a call is for traces, and nobody looks at these; no admission is needed.
        arguments = [offer, ""]
        for buyer in batch:
            arguments += [buyer, "1", f"hld_{uuid4().hex}", ""]
        yield arguments


def main(path: str, offer: str, attempts: int, size: int) -> None:
    """Make the attempts, one call after the other."""
    keys = Keys()
    names = [
        keys.epoch,
        keys.terms(offer),
        keys.buyers(offer),
        keys.holds(offer),
        keys.answers(offer),
        keys.turns(offer),
        keys.orders,
    ]
    buyers = sys.stdin.read().split()
    with redis.Redis(unix_socket_path=path, decode_responses=True) as client:
        script = client.register_script(stock.script("reserve"))
        epoch = cast(str, client.get(keys.epoch))
        prepared = [[epoch, *arguments] for arguments in batches(offer, buyers, attempts, size)]
        began = time.monotonic()
        replies = [script(keys=names, args=arguments) for arguments in prepared]
        took_s = time.monotonic() - began
    answers = [str(answer) for reply in replies for answer in cast(list[str], reply)[4:]]
    held = sum(answer.startswith("held ") for answer in answers)
    found = {"seconds": took_s, "answers": len(answers), "held": held}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
