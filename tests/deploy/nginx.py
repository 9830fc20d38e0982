"""
A real nginx of the machine's own, with the configuration that is shipped, on a loopback port.

``LIVESHOP_TEST_NGINX`` may name the executable, or say ``required``: then a missing one fails the
tests instead of skipping them.
"""

import asyncio
import json
import os
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.debian import found_or_installed
from tests.demo import free_port

SETTING: Final = "LIVESHOP_TEST_NGINX"
TEMPLATE: Final = Path(__file__).parents[2] / "deploy" / "nginx" / "liveshop.conf.template"
START_S: Final = 10.0
HOST: Final = "localhost"


def executable() -> str:
    """Return the path of nginx; where there is none, the test is skipped or fails."""
    found = found_or_installed(SETTING, "nginx-light", _found)
    if found is not None:
        return found
    sentence = f"no nginx on this machine; install one, or name it in {SETTING}"
    if os.environ.get(SETTING) == "required":
        pytest.fail(sentence)
    pytest.skip(sentence)


def _found() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


class Nginx:
    """One that runs; made by `in_front`."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self.url = f"https://{HOST}:{port}"
        self.certificate = folder / "certificate.pem"
        self._log = folder / "access.log"
        # The certificate is for this name alone, and signed by itself.
        self.trust = ssl.create_default_context(cafile=str(self.certificate))

    def log(self) -> list[dict[str, Any]]:
        """Return what it wrote of requests."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]


def configured(folder: Path, port: int, ports: Sequence[int]) -> Path:
    """Fill in the shipped configuration as its head says, and return the one of nginx itself."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", f"/CN={HOST}"),
            *("-addext", f"subjectAltName=DNS:{HOST}"),
            *("-keyout", folder / "key.pem", "-out", folder / "certificate.pem"),
        ],
        check=True,
        capture_output=True,
    )
    text = TEMPLATE.read_text()
    for name, value in {
        "WEB_SERVERS": " ".join(f"server 127.0.0.1:{each} max_fails=0;" for each in ports),
        "SERVER_NAME": HOST,
        "HTTPS_PORT": f"127.0.0.1:{port}",
        "CERTIFICATE": str(folder / "certificate.pem"),
        "CERTIFICATE_KEY": str(folder / "key.pem"),
        "CACHE": str(folder / "cache"),
        "ACCESS_LOG": str(folder / "access.log"),
    }.items():
        text = text.replace(f"${{{name}}}", value)
    (folder / "liveshop.conf").write_text(text)
    temporary = "".join(
        f"{kind}_temp_path {folder / kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "nginx.conf"
    # As root, nginx would run its workers as somebody who may not enter the test's folder.
    user = "user root;\n" if os.geteuid() == 0 else ""
    main.write_text(
        f"daemon off;\n{user}worker_processes 1;\npid {folder / 'pid'};\n"
        f"events {{ worker_connections 1024; }}\n"
        f"http {{\n{temporary}include {folder / 'liveshop.conf'};\n}}\n"
    )
    return main


@asynccontextmanager
async def in_front(folder: Path, ports: Sequence[int]) -> AsyncIterator[Nginx]:
    """Run it in front of web processes for as long as the block lasts."""
    program, port, errors = executable(), free_port(), folder / "error.log"
    main = await asyncio.to_thread(configured, folder, port, ports)
    process = await asyncio.create_subprocess_exec(
        program, "-p", str(folder), "-c", str(main), "-e", str(errors)
    )
    try:
        nginx = Nginx(port, folder)
        async with asyncio.timeout(START_S), httpx.AsyncClient(verify=nginx.trust) as client:
            while not await _answers(client, nginx.url):
                assert process.returncode is None, errors.read_text()
        yield nginx
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(f"{url}/metrics")).status_code == 404
    except httpx.TransportError:
        return False
