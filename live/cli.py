"""
The ``liveshop`` command.

Whatever can be expected to go wrong is one sentence on standard error and exit code 1; wrong usage
is code 2. Nobody is shown a traceback for a port in use.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from redis.exceptions import RedisError

from commerce.errors import ShopError
from commerce.rounds import leaves
from live import commands
from live.config import SETTINGS, ConfigError, read
from live.demo import NotReady
from live.embedded import DataDirectoryError
from live.listener import AddressInUse
from live.telemetry import configure_logging
from live.version import VERSION
from rooms.brokers import BrokerUnavailable

EXPECTED: Final = (
    AddressInUse,
    BrokerUnavailable,
    ConfigError,
    DataDirectoryError,
    NotReady,
    ShopError,
    RedisError,
    commands.Failed,
)
"""What is told in a sentence."""

INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    options = _parser().parse_args(arguments)
    overridden = {
        name.removeprefix("set_").upper(): str(value)
        for name, value in vars(options).items()
        if name.startswith("set_") and value is not None
    }
    environ = {**os.environ, **{f"LIVESHOP_{name}": text for name, text in overridden.items()}}
    try:
        config = read(environ)
        configure_logging(config.log_format, config.log_level)
        command: commands.Command = options.command
        return command(config, options)
    except EXPECTED as error:
        return _say(error)
    except BaseExceptionGroup as group:
        expected, others = group.split(EXPECTED)
        if expected is None or others is not None:
            raise
        return _say(next(leaves(expected)))
    except KeyboardInterrupt:
        return INTERRUPTED


def _say(error: BaseException) -> int:
    said = f"Redis cannot be used: {error}" if isinstance(error, RedisError) else str(error)
    sys.stderr.write(f"liveshop: {said}\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="liveshop",
        description="A self-hosted live shopping server.",
        epilog=_settings(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=VERSION)
    listed = parser.add_subparsers(required=True, metavar="COMMAND")
    folder = argparse.ArgumentParser(add_help=False)
    folder.add_argument("--data-dir", dest="set_data_dir", metavar="FOLDER")
    address = argparse.ArgumentParser(add_help=False)
    address.add_argument("--host", dest="set_host", metavar="ADDRESS")
    address.add_argument("--port", dest="set_port", metavar="PORT")

    def add(
        name: str, command: commands.Command, *parents: argparse.ArgumentParser
    ) -> argparse.ArgumentParser:
        summary = (command.__doc__ or "").partition("\n")[0]
        added = listed.add_parser(
            name, help=summary, description=summary, parents=[folder, *parents]
        )
        added.set_defaults(command=command)
        return added

    demo = add("demo", commands.demo, address)
    demo.add_argument("--viewers", type=_count, default=60, metavar="N", help="size of the crowd")
    demo.add_argument("--no-crowd", dest="crowd", action="store_false", help="you alone")
    demo.add_argument(
        "--no-video", dest="video", action="store_false", help="no test picture; your camera works"
    )
    serve = add("serve", commands.serve, address)
    serve.add_argument("--workers", dest="set_workers", metavar="N", help="web processes")
    serve.add_argument("--no-work", action="store_true", help="run liveshop work elsewhere")
    add("work", commands.work)
    add("media", commands.media, address)
    add("migrate", commands.migrate)
    imported = add("import-products", commands.import_products)
    imported.add_argument("file", type=Path, help="CSV, as Shopify exports it")
    imported.add_argument(
        "--skip-refused", action="store_true", help="import the products that are in order"
    )
    token = add("token", commands.token)
    token.add_argument("--user", required=True, metavar="NAME", help="shown to everyone")
    token.add_argument("--role", choices=("viewer", "host", "admin"), default="viewer")
    token.add_argument("--email", metavar="ADDRESS", help="an account that can sign in, too")
    reconcile = add("reconcile", commands.reconcile)
    reconcile.add_argument("--mend", action="store_true", help="put right what can be")
    reconcile.add_argument(
        "--payments", action="store_true", help="compare the payment gateways with the ledger"
    )
    reconcile.add_argument(
        "--days", type=_days, default=3, metavar="N", help="how far back; 3 unless given"
    )
    add("doctor", commands.doctor)
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError("a whole number from 1 to 10000")
    return int(text)


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 366:
        raise argparse.ArgumentTypeError("a whole number from 1 to 366")
    return int(text)


def _settings() -> str:
    """Return the settings, a line each, from the one table there is."""
    width = max(len(setting.variable) for setting in SETTINGS)
    lines = [f"  {each.variable:<{width}}  {each.meaning}" for each in SETTINGS]
    return "\n".join(["settings (environment variables):", *lines])


if __name__ == "__main__":
    sys.exit(main())
