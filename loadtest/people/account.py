"""
How the host of the show signs in: a token, or an address and a password.

Secrets come from the environment, as arguments are everybody's to read. The demo's host is found by
itself.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TOKEN_VARIABLE: Final = "LIVESHOP_HOST_TOKEN"
EMAIL_VARIABLE: Final = "LIVESHOP_HOST_EMAIL"
PASSWORD_VARIABLE: Final = "LIVESHOP_HOST_PASSWORD"

NOBODY: Final = (
    "nobody hosts this run, so it opens no sales and cannot look into the shop's books: set "
    f"{TOKEN_VARIABLE} (liveshop token --user NAME --role host), or {EMAIL_VARIABLE} and "
    f"{PASSWORD_VARIABLE}; the demo's host is found in its data directory (--data-dir)"
)


@dataclass(frozen=True, slots=True)
class Account:
    """Who hosts; a ``token`` is enough, and an address and a password are."""

    token: str = ""
    email: str = ""
    password: str = ""

    def environ(self) -> dict[str, str]:
        """Return it as another program of ours is told it."""
        return {
            TOKEN_VARIABLE: self.token,
            EMAIL_VARIABLE: self.email,
            PASSWORD_VARIABLE: self.password,
        }


def find_account(environ: Mapping[str, str], data_dir: Path) -> Account | None:
    """Return the host's account from the environment or from a demo's folder, if it is there."""
    token, email = environ.get(TOKEN_VARIABLE, ""), environ.get(EMAIL_VARIABLE, "")
    password = environ.get(PASSWORD_VARIABLE, "")
    if token or (email and password):
        return Account(token, email, password)
    try:
        kept = json.loads((data_dir / "demo.json").read_text(encoding="utf-8"))
        return Account(email=kept["email"], password=kept["password"])
    except (OSError, ValueError, KeyError):
        return None
