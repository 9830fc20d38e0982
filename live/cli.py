"""
The ``liveshop`` command.

Whatever can be expected to go wrong is one sentence on standard error and exit code 1; wrong usage
is code 2. Nobody is shown a traceback for a port in use.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Final

import uvloop
from rich.console import Console

from commerce.errors import ShopError
from live import commands, embedded
from live.config import PREFIX, SETTINGS, Config, ConfigError, read
from live.embedded import DataDirectoryError, Services
from live.serve import AddressInUse
from live.telemetry import configure_logging
from rooms.brokers import BrokerUnavailable

EXPECTED: Final = (
    ConfigError,
    DataDirectoryError,
    AddressInUse,
    ShopError,
    BrokerUnavailable,
    commands.Failed,
)
"""What is told in a sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        config = read(_environ(options))
        configure_logging(config.log_format, config.log_level)
        command: commands.Command = options.command
        return command(config, options)
    except EXPECTED as error:
        return _say(error)
    except BaseExceptionGroup as group:
        expected, others = group.split(EXPECTED)
        if expected is None or others is not None:
            raise
        return _say(next(_leaves(expected)))
    except KeyboardInterrupt:
        return 130


def _say(error: BaseException) -> int:
    text = str(error)
    Console(stderr=True, soft_wrap=True, highlight=False, markup=False).print(
        f"liveshop: {text}"
    )
    return 1
