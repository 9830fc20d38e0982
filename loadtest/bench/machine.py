"""Where and when figures were measured: without that they say nothing."""

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

QUIET: Final = 0.7
"""A load average above it says that something else was running a moment ago."""

CORES_OF: Final = (
    "The server has core 0 to itself; the crowd, and the databases where there are any, "
    "share core 1."
)
_CPUINFO: Final = Path("/proc/cpuinfo")
_ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine, a moment and a version; ``load`` is the load average when the run began."""

    cpu: str
    cores: int
    kernel: str
    python: str
    commit: str
    date: str
    load: float
    # Words for how large the run was.
    run: str
    # Words for which core was whose.
    cores_of: str = CORES_OF

    def sentences(self) -> list[str]:
        """Return all of it for a page."""
        busy = [] if self.load < QUIET else ["**The machine was busy: do not quote this.**"]
        return [
            *busy,
            f"Measured {self.date} at commit `{self.commit}`, {self.run}.",
            f"{self.cores} cores ({self.cpu}), Linux {self.kernel}, Python {self.python}; the load "
            f"average was {self.load:.2f} when the run began.",
            self.cores_of,
        ]


def this_machine(run: str, cores_of: str = CORES_OF) -> Machine:
    """Describe the machine that this runs on."""
    models = [
        line.partition(":")[2].strip()
        for line in _CPUINFO.read_text().splitlines()
        if line.startswith("model name")
    ]
    return Machine(
        cpu=models[0] if models else platform.machine(),
        cores=os.cpu_count() or 1,
        kernel=platform.release(),
        python=platform.python_version(),
        commit=_commit(),
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        load=os.getloadavg()[0],
        run=run,
        cores_of=cores_of,
    )


def _commit() -> str:
    """Return the version in the work tree, with a mark where it was changed."""
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=10"],
            cwd=_ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return described.stdout.strip()
