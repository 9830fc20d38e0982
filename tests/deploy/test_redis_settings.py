"""The shipped Redis settings, as a real Redis understands them and as liveshop wants them."""

from pathlib import Path
from typing import Any, Final

import pytest

from live.doctor import collect
from live.embedded import Services
from tests.live.shops import config_for
from tests.redis_servers import running_server

REDIS: Final = Path(__file__).parents[2] / "deploy" / "redis"


def settings(server: Any, *names: str) -> dict[str, str]:
    with server.client() as client:
        return {name: client.config_get(name)[name] for name in names}


async def test_the_gates_settings_keep_what_the_gate_needs(
    database_url: str, redis_program: str, tmp_path: Path
) -> None:
    with running_server(str(REDIS / "gate.conf")) as server:
        found = settings(server, "appendonly", "appendfsync", "maxmemory-policy")
        services = Services(database_url=database_url, redis_url=server.url)
        findings = await collect(config_for(tmp_path), services, {})

    assert found == {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
    }
    said = {each.subject: (each.verdict, each.detail) for each in findings}
    assert said["Redis AOF"] == ("ok", "on")
    assert said["Redis memory"] == ("ok", "noeviction")


@pytest.mark.parametrize("name", ["rooms-cluster.conf"])
def test_a_node_of_the_rooms_understands_its_settings(redis_program: str, name: str) -> None:
    with running_server(str(REDIS / name)) as server:
        found = settings(server, "cluster-enabled", "maxmemory-policy", "appendonly")

    assert found == {
        "cluster-enabled": "yes",
        "maxmemory-policy": "noeviction",
        "appendonly": "yes",
    }
