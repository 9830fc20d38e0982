"""One page with one message. Everything put into it is escaped."""

from html import escape
from importlib.resources import files
from string import Template
from typing import Final

from starlette.responses import HTMLResponse

from live.pages.headers import HEADERS

_TEMPLATE: Final = Template((files(__package__) / "notice.html").read_text(encoding="utf-8"))


def notice(status: int, title: str, text: str) -> HTMLResponse:
    """Return the page."""
    page = _TEMPLATE.substitute(title=escape(title), text=escape(text))
    return HTMLResponse(page, status, {**HEADERS, "Cache-Control": "no-store"})
