"""
The settings, read once from ``LIVESHOP_*`` and never changed.

``SETTINGS`` is the one list of them: what is read, what ``liveshop --help`` and the README say.
A setting that cannot be understood stops the program with a sentence; nothing is guessed.
"""

import hmac
import ipaddress
import os
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from msgspec import Struct

from rooms.brokers.topology import read_topology

PREFIX: Final = "LIVESHOP_"
SECRET_BYTES: Final = 32
"""HMAC-SHA256 wants a key as long as its digest (RFC 7518, section 3.2)."""


class ConfigError(Exception):
    """A setting is missing or wrong; ``str`` names it, says what is wrong and shows a good one."""


class IceServer(Struct, frozen=True):
    """A STUN or TURN server that browsers may use; `url` as RFC 7064 and RFC 7065 write it."""

    url: str
    username: str | None = None
    credential: str | None = None


class Config(Struct, frozen=True, kw_only=True):
    """
    Every setting.

    ``database_url`` and ``redis_url`` are None where the embedded ones run, ``rooms_redis_url``
    where the rooms are on the gate's Redis.
    """

    database_url: str | None
    redis_url: str | None
    rooms_redis_url: str | None
    data_dir: Path
    host: str
    port: int
    public_url: str | None
    secret: str | None
    token_hours: int
    origins: tuple[str, ...]
    workers: int
    trusted_proxies: tuple[str, ...]
    connections: int
    connections_per_address: int
    joins_per_second: int
    chat_lines_per_second: int
    drain_seconds: int
    max_upload_bytes: int
    currency: str
    gateways: tuple[str, ...]
    sandbox_secret: str | None
    stripe_secret_key: str | None
    stripe_webhook_secret: str | None
    stripe_api_url: str
    webhook_targets: Literal["public", "any"]
    media: Literal["builtin", "mediamtx", "off"]
    media_url: str | None
    media_api_url: str | None
    media_port: int
    media_addresses: tuple[str, ...]
    media_viewers: int
    ice_servers: tuple[IceServer, ...]
    recording_days: int
    metrics_port: int
    log_format: Literal["console", "json"]
    log_level: Literal["debug", "info", "warning", "error"]

    @property
    def recordings(self) -> Path:
        """Where shows are recorded, a folder each."""
        return self.data_dir / "recordings"

    @property
    def pictures(self) -> Path:
        """Where uploaded pictures are, for every web process."""
        return self.data_dir / "pictures"

    @property
    def base_url(self) -> str:
        """How this server is reached: as told, or as it listens."""
        if self.public_url is not None:
            return self.public_url
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


class Setting(Struct, frozen=True):
    """One setting: the field it fills, how it is read, and what to tell people."""

    field: str
    default: str
    meaning: str
    example: str
    read: Callable[[str], Any]

    @property
    def variable(self) -> str:
        """The environment variable."""
        return PREFIX + self.field.upper()


def read(environ: Mapping[str, str]) -> Config:
    """
    Return the settings in ``environ``; an empty variable counts as absent.

    Raises:
        ConfigError: a setting is missing or cannot be understood.

    """
    values = {setting.field: _value(setting, environ) for setting in SETTINGS}
    if (values["database_url"] is None) != (values["redis_url"] is None):
        missing = "REDIS_URL" if values["redis_url"] is None else "DATABASE_URL"
        given = "DATABASE_URL" if values["redis_url"] is None else "REDIS_URL"
        example = next(s.example for s in SETTINGS if s.field == missing.lower())
        raise ConfigError(
            f"{PREFIX}{missing} is missing while {PREFIX}{given} is set: set both, or neither to "
            f"use the embedded servers; for example {PREFIX}{missing}={example}"
        )
    if (values["stripe_secret_key"] is None) != (values["stripe_webhook_secret"] is None):
        raise ConfigError(
            f"set {PREFIX}STRIPE_SECRET_KEY and {PREFIX}STRIPE_WEBHOOK_SECRET both, or neither: "
            "money that nobody can tell us of would be taken for nothing"
        )
    stripe = values["stripe_secret_key"] is not None
    values["gateways"] = values["gateways"] or (("stripe",) if stripe else ("sandbox",))
    if "stripe" in values["gateways"] and not stripe:
        raise ConfigError(
            f"{PREFIX}GATEWAYS names stripe, and {PREFIX}STRIPE_SECRET_KEY is not set"
        )
    if values["media"] == "mediamtx":
        for field in ("media_url", "media_api_url"):
            if values[field] is None:
                example = next(s.example for s in SETTINGS if s.field == field)
                raise ConfigError(
                    f"{PREFIX}{field.upper()} is missing while {PREFIX}MEDIA is mediamtx; "
                    f"for example {PREFIX}{field.upper()}={example}"
                )
    return Config(**values)


def unknown(environ: Mapping[str, str]) -> list[str]:
    """Name the ``LIVESHOP_*`` variables that are no setting: most likely misspelt."""
    known = {setting.variable for setting in SETTINGS} | _INTERNAL
    return sorted(name for name in environ if name.startswith(PREFIX) and name not in known)


def signing_secret(config: Config) -> bytes:
    """
    Return the key that tokens are signed with, made on first use and kept for its owner's eyes.

    Callable from several processes at once: all get the same key.

    Raises:
        ConfigError: the file cannot be read or written.

    """
    if config.secret is not None:
        return config.secret.encode()
    path = config.data_dir / "secret"
    try:
        config.data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _create_whole(path, secrets.token_urlsafe(SECRET_BYTES))
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"the secret in {path} cannot be used: {error.strerror}; set {PREFIX}SECRET or choose "
            f"another folder with {PREFIX}DATA_DIR"
        ) from error


def webhook_secret(config: Config) -> bytes:
    """Return the key that the sandbox signs its webhooks with; of its own, or derived."""
    if config.sandbox_secret is not None:
        return config.sandbox_secret.encode()
    return hmac.digest(signing_secret(config), b"liveshop sandbox webhooks", "sha256")


def admission_secret(config: Config) -> bytes:
    """Return the key that the keys of admissions are derived from."""
    return hmac.digest(signing_secret(config), b"liveshop admissions", "sha256")


def _create_whole(path: Path, text: str) -> None:
    """Create ``path`` with ``text`` in it, readable by its owner; leave an existing file alone."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    try:
        # A link appears with its contents, or not at all: nobody reads half a secret.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


# -- Reading one value: return it, or raise ValueError with the end of the sentence ---------------


def _value(setting: Setting, environ: Mapping[str, str]) -> Any:
    text = environ.get(setting.variable, "").strip() or setting.default
    if not text:
        return () if setting.read in _LISTS else None
    try:
        return setting.read(text)
    except ValueError as error:
        hidden = "SECRET" in setting.variable or setting.field == "ice_servers"
        shown = "set to something" if hidden else repr(text)
        raise ConfigError(
            f"{setting.variable} is {shown}, which is not {error}; "
            f"for example {setting.variable}={setting.example}"
        ) from None


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read_whole(text: str) -> int:
        if not text.isascii() or not text.isdecimal() or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return read_whole


def _one_of(*words: str) -> Callable[[str], str]:
    def read_one_of(text: str) -> str:
        if text not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return text

    return read_one_of


def _some_of(*words: str) -> Callable[[str], tuple[str, ...]]:
    def read_some_of(text: str) -> tuple[str, ...]:
        named = tuple(part.strip() for part in text.split(",") if part.strip())
        if not named or len(set(named)) < len(named) or not set(named) <= set(words):
            raise ValueError(f"a list of {' and '.join(words)}, separated by commas")
        return named

    return read_some_of


def _url(*schemes: str) -> Callable[[str], str]:
    def read_url(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in schemes or not (parts.netloc or parts.path):
            raise ValueError(f"a URL that begins with {' or '.join(f'{s}://' for s in schemes)}")
        return text.rstrip("/")

    return read_url


def _gate_url(text: str) -> str:
    if urlsplit(text).scheme.endswith("+cluster"):
        raise ValueError(
            "one Redis, which the gate needs; the rooms may be on a Redis Cluster "
            f"({PREFIX}ROOMS_REDIS_URL)"
        )
    return _rooms_url(text)


def _rooms_url(text: str) -> str:
    read_topology(text)
    return text


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
    for origin in origins:
        parts = urlsplit(origin)
        if origin != "*" and (
            parts.scheme not in ("http", "https") or not parts.netloc or parts.path
        ):
            raise ValueError("a list of origins, each a scheme and a host, separated by commas")
    return origins


def _addresses(text: str) -> tuple[str, ...]:
    addresses = tuple(part.strip() for part in text.split(",") if part.strip())
    for address in addresses:
        try:
            ipaddress.ip_address(address)
        except ValueError:
            raise ValueError("a list of IP addresses, separated by commas") from None
    return addresses


def _currency(text: str) -> str:
    if len(text) != 3 or not text.isascii() or not text.isupper():
        raise ValueError("a currency code of three capital letters (ISO 4217)")
    return text


def _ice_servers(text: str) -> tuple[IceServer, ...]:
    servers = []
    for part in text.replace(",", " ").split():
        found = _ICE_SERVER.fullmatch(part)
        if found is None or (found["user"] is None) != found["scheme"].startswith("stun"):
            raise ValueError(
                "a list of stun:host:port and turn:user:secret@host:port, separated by commas"
            )
        servers.append(
            IceServer(f"{found['scheme']}:{found['host']}", found["user"], found["secret"])
        )
    return tuple(servers)


_ICE_SERVER: Final = re.compile(
    r"(?P<scheme>stuns?|turns?):(?:(?P<user>[^:@\s\"<>]+):(?P<secret>[^@\s\"<>]+)@)?"
    r"(?P<host>[A-Za-z0-9.\-\[\]:]+(?:\?transport=(?:udp|tcp))?)"
)


_LISTS: Final = (_origins, _addresses, _ice_servers)
"""What reads an absent value as an empty list."""


def _secret(text: str) -> str:
    if len(text.encode()) < SECRET_BYTES:
        raise ValueError(f"at least {SECRET_BYTES} bytes long")
    return text


SETTINGS: Final = (
    Setting(
        "database_url",
        "",
        "PostgreSQL 14 or newer; without it an embedded one runs in the data directory",
        "postgresql://liveshop:password@db.internal/liveshop",
        _url("postgresql", "postgres"),
    ),
    Setting(
        "redis_url",
        "",
        "Redis 6.2 or newer with AOF; without it an embedded one runs in the data directory",
        "redis://redis.internal:6379/0",
        _gate_url,
    ),
    Setting(
        "rooms_redis_url",
        "",
        "where the rooms are, unless with the gate: another Redis, a Redis Cluster or sentinels",
        "redis+cluster://redis-1.internal:6379,redis-2.internal:6379",
        _rooms_url,
    ),
    Setting(
        "data_dir",
        ".liveshop",
        "folder of the embedded servers and of the generated secret",
        "/var/lib/liveshop",
        Path,
    ),
    Setting("host", "127.0.0.1", "address to listen on", "0.0.0.0", str),
    Setting("port", "8000", "port to listen on", "8000", _whole(1, 65_535)),
    Setting(
        "public_url",
        "",
        "how browsers and gateways reach this server; unless set, as they asked for it",
        "https://live.example.com",
        _url("http", "https"),
    ),
    Setting(
        "secret",
        "",
        "signs the tokens; made on the first start and kept in the data directory unless set",
        "$(openssl rand -base64 48)",
        _secret,
    ),
    Setting("token_hours", "168", "hours a sign-in lasts", "24", _whole(1, 24 * 365)),
    Setting(
        "origins",
        "",
        "other sites whose pages may use the interface and embed rooms, separated by commas",
        "https://shop.example.com",
        _origins,
    ),
    Setting("workers", "1", "web processes that `serve` runs", "4", _whole(1, 64)),
    Setting(
        "trusted_proxies",
        "127.0.0.1,::1",
        "whose `X-Forwarded-For` is believed, separated by commas",
        "10.0.0.7",
        _addresses,
    ),
    Setting(
        "connections",
        "15000",
        "sockets that a web process holds; more are told to try again",
        "18000",
        _whole(1, 1_000_000),
    ),
    Setting(
        "connections_per_address",
        "1000",
        "sockets from one address on a web process",
        "50",
        _whole(1, 1_000_000),
    ),
    Setting(
        "joins_per_second",
        "4000",
        "viewers a web process lets in; more are told when to come again",
        "1000",
        _whole(1, 1_000_000),
    ),
    Setting(
        "chat_lines_per_second",
        "12",
        "lines of chat that a room shows; of more, a sample",
        "20",
        _whole(1, 1_000_000),
    ),
    Setting(
        "drain_seconds",
        "3",
        "a web process that is told to stop sends its viewers away over this time",
        "30",
        _whole(0, 600),
    ),
    Setting(
        "max_upload_bytes",
        "10485760",
        "the largest file that can be imported, or picture that can be uploaded",
        "20971520",
        _whole(1024, 1024**3),
    ),
    Setting("currency", "USD", "currency of imported prices", "EUR", _currency),
    Setting(
        "gateways",
        "",
        "who takes money, the first unless the buyer chooses: `stripe`, `sandbox`; unless set, "
        "`stripe` if it has a key, and otherwise the sandbox, where no money moves",
        "stripe",
        _some_of("stripe", "sandbox"),
    ),
    Setting(
        "stripe_secret_key",
        "",
        "key of your Stripe account; with it goes the next",
        "sk_live_...",
        str,
    ),
    Setting(
        "stripe_webhook_secret",
        "",
        "signing secret of the endpoint that you made at Stripe",
        "whsec_...",
        str,
    ),
    Setting(
        "stripe_api_url",
        "https://api.stripe.com",
        "where Stripe's API is; another one is for tests",
        "http://127.0.0.1:12111",
        _url("http", "https"),
    ),
    Setting(
        "webhook_targets",
        "public",
        "where merchants' webhooks may go: `public` addresses over HTTPS, or `any`",
        "any",
        _one_of("public", "any"),
    ),
    Setting(
        "sandbox_secret",
        "",
        "signs the sandbox gateway's webhooks; derived from the secret unless set",
        "$(openssl rand -base64 48)",
        _secret,
    ),
    Setting(
        "media",
        "builtin",
        "who carries the video: `builtin`, `mediamtx` or `off`",
        "mediamtx",
        _one_of("builtin", "mediamtx", "off"),
    ),
    Setting(
        "media_url",
        "",
        "where `media` is: MediaMTX as browsers reach it, or `liveshop media` on another machine",
        "https://video.example.com:8889",
        _url("http", "https"),
    ),
    Setting(
        "media_api_url",
        "",
        "MediaMTX's control interface, as this server reaches it",
        "http://mediamtx.internal:9997",
        _url("http", "https"),
    ),
    Setting(
        "media_port",
        "0",
        "UDP port of the video, to be let through a firewall; 0 is any free one",
        "8189",
        _whole(0, 65_535),
    ),
    Setting(
        "media_addresses",
        "",
        "IP addresses that browsers send video to, if not this machine's own (NAT, containers)",
        "203.0.113.7",
        _addresses,
    ),
    Setting(
        "media_viewers",
        "60",
        "viewers over WHEP at a time; a core carries 60 at 2.6 Mbit/s",
        "120",
        _whole(1, 10_000),
    ),
    Setting(
        "ice_servers",
        "",
        "STUN and TURN servers for browsers behind strict firewalls, separated by commas",
        "stun:stun.example.com:3478,turn:user:secret@turn.example.com:3478?transport=udp",
        _ice_servers,
    ),
    Setting(
        "recording_days",
        "30",
        "days that recordings and replays are kept; 0 records nothing",
        "365",
        _whole(0, 3650),
    ),
    Setting(
        "metrics_port",
        "0",
        "port of `/metrics`, `/healthz` and `/readyz` of a process, and the next ones of its "
        "children (`serve` 1 to N, `work`, `media`); 0 is none",
        "9464",
        _whole(0, 65_535),
    ),
    Setting(
        "log_format",
        "console",
        "`console` for people, `json` for machines",
        "json",
        _one_of("console", "json"),
    ),
    Setting(
        "log_level",
        "info",
        "`debug`, `info`, `warning` or `error`",
        "debug",
        _one_of("debug", "info", "warning", "error"),
    ),
)

# Set by liveshop for its own children, or read by the crowd; not for people.
_INTERNAL: Final = {
    f"{PREFIX}PARENT_FD",
    f"{PREFIX}LISTEN_FD",
    f"{PREFIX}READY_FD",
    f"{PREFIX}METRICS_FD",
    f"{PREFIX}HOST_PASSWORD",
}
