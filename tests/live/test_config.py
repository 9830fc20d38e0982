import os
import stat
import tomllib
from pathlib import Path

import pytest

from live.config import SETTINGS, ConfigError, read, signing_secret, unknown, webhook_secret
from live.version import VERSION

ROOT = Path(__file__).parents[2]


def test_without_any_setting_the_defaults_stand() -> None:
    config = read({})

    assert config.host == "127.0.0.1"
    assert config.port == 8000
    assert config.data_dir == Path(".liveshop")
    assert config.database_url is None
    assert config.redis_url is None
    assert config.base_url == "http://127.0.0.1:8000"
    assert config.max_upload_bytes == 10 * 1024 * 1024


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "PORT",
            "abc",
            "LIVESHOP_PORT is 'abc', which is not a whole number from 1 to 65535; "
            "for example LIVESHOP_PORT=8000",
        ),
        (
            "PORT",
            "70000",
            "LIVESHOP_PORT is '70000', which is not a whole number from 1 to 65535; "
            "for example LIVESHOP_PORT=8000",
        ),
        (
            "CURRENCY",
            "usd",
            "LIVESHOP_CURRENCY is 'usd', which is not a currency code of three capital letters "
            "(ISO 4217); for example LIVESHOP_CURRENCY=EUR",
        ),
        (
            "LOG_FORMAT",
            "xml",
            "LIVESHOP_LOG_FORMAT is 'xml', which is not one of console, json; "
            "for example LIVESHOP_LOG_FORMAT=json",
        ),
        (
            "DATABASE_URL",
            "mysql://db/shop",
            "LIVESHOP_DATABASE_URL is 'mysql://db/shop', which is not a URL that begins with "
            "postgresql:// or postgres://; for example "
            "LIVESHOP_DATABASE_URL=postgresql://liveshop:password@db.internal/liveshop",
        ),
        (
            "REDIS_URL",
            "redis+cluster://redis-1.internal",
            "LIVESHOP_REDIS_URL is 'redis+cluster://redis-1.internal', which is not one Redis, "
            "which the gate needs; the rooms may be on a Redis Cluster "
            "(LIVESHOP_ROOMS_REDIS_URL); for example LIVESHOP_REDIS_URL=redis://redis.internal:6379/0",
        ),
        (
            "ROOMS_REDIS_URL",
            "redis+sentinel://redis-1.internal",
            "LIVESHOP_ROOMS_REDIS_URL is 'redis+sentinel://redis-1.internal', which is not a URL "
            "that names, after a slash, the service that the sentinels watch; for example "
            "LIVESHOP_ROOMS_REDIS_URL=redis+cluster://redis-1.internal:6379,redis-2.internal:6379",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_the_fault_and_an_example(
    name: str, value: str, sentence: str
) -> None:
    with pytest.raises(ConfigError) as refusal:
        read({f"LIVESHOP_{name}": value})

    assert str(refusal.value) == sentence


def test_a_short_secret_is_refused_without_being_shown() -> None:
    with pytest.raises(ConfigError) as refusal:
        read({"LIVESHOP_SECRET": "hunter2"})

    assert "hunter2" not in str(refusal.value)
    assert "at least 32 bytes long" in str(refusal.value)


def test_one_server_without_the_other_is_refused() -> None:
    with pytest.raises(ConfigError) as refusal:
        read({"LIVESHOP_DATABASE_URL": "postgresql://db/shop"})

    assert str(refusal.value) == (
        "LIVESHOP_REDIS_URL is missing while LIVESHOP_DATABASE_URL is set: set both, or neither "
        "to use the embedded servers; for example "
        "LIVESHOP_REDIS_URL=redis://redis.internal:6379/0"
    )


def test_every_example_is_a_good_value() -> None:
    for setting in SETTINGS:
        assert setting.read(setting.example.replace("$(", "x" * 32)) is not None


def test_a_misspelt_setting_is_noticed() -> None:
    assert unknown({"LIVESHOP_PROT": "80", "LIVESHOP_PORT": "80", "HOME": "/"}) == ["LIVESHOP_PROT"]


def test_the_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    config = read({"LIVESHOP_DATA_DIR": str(tmp_path / "data")})

    first, second = signing_secret(config), signing_secret(config)

    assert first == second
    assert len(first) >= 32
    assert stat.S_IMODE(os.stat(tmp_path / "data" / "secret").st_mode) == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret"]


def test_the_webhook_secret_is_another_one(tmp_path: Path) -> None:
    config = read({"LIVESHOP_DATA_DIR": str(tmp_path)})

    assert webhook_secret(config) == webhook_secret(config)
    assert webhook_secret(config) != signing_secret(config)


def test_a_data_directory_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    config = read({"LIVESHOP_DATA_DIR": str(tmp_path / "file")})

    with pytest.raises(ConfigError, match="LIVESHOP_DATA_DIR"):
        signing_secret(config)


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["version"] == VERSION
