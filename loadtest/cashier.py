"""
Paying on the gateway's own page, as a browser would: read the form, press a button.

Nothing is known of the gateway but the address it sent the buyer to and the words on its buttons,
so a page that a person could not use fails here, too.
"""

from enum import Enum
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx

from liveshop_client.errors import ApiError, Unreachable
from liveshop_client.transport import is_local

PAGE_S: Final = 15.0
"""A buyer reloads a payment page that takes longer."""


class Choice(Enum):
    """What a buyer presses; the value is how the button's value begins."""

    PAY = "succeed"
    DECLINE = "decline"
    LATE = "late"


async def settle(
    url: str, choice: Choice, *, transport: httpx.AsyncBaseTransport | None = None
) -> str:
    """
    Press the button for ``choice`` on the page at ``url``; return where it leads back to.

    Raises:
        ApiError: the page is not there, has no such button, or does not take the answer.
        Unreachable: nobody answers.

    """
    async with httpx.AsyncClient(
        timeout=PAGE_S, transport=transport, trust_env=not is_local(url)
    ) as browser:
        try:
            page = await browser.get(url)
            form = read_form(page.text) if page.is_success else None
            if form is None or (button := form.button(choice)) is None:
                detail = f"no button for {choice.value} on {url}"
                raise ApiError("no_such_button", page.status_code, detail)
            answer = await browser.post(
                urljoin(url, button.action or form.action or url),
                data={**form.hidden, **button.fields},
                # What a browser adds to a form of its own site, and a server may insist on.
                headers={"Origin": "{0.scheme}://{0.netloc}".format(urlsplit(url))},
            )
        except httpx.TransportError as error:
            raise Unreachable("unreachable", f"{url} was not answered: {error!r}") from error
    if not answer.is_redirect:
        detail = f"{url} took no {choice.value}"
        raise ApiError("payment_page", answer.status_code, detail)
    return urljoin(url, answer.headers["location"])


class Button:
    """A button that sends the form."""

    def __init__(self, attributes: dict[str, str]) -> None:
        self.action = attributes.get("formaction", "")
        self.value = attributes.get("value", "")
        name = attributes.get("name")
        self.fields = {name: self.value} if name else {}


class Form(HTMLParser):
    """The first form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.hidden: dict[str, str] = {}
        self.buttons: list[Button] = []
        self.found = False

    def button(self, choice: Choice) -> Button | None:
        """Return the first button for ``choice``."""
        for button in self.buttons:
            if button.value.startswith(choice.value):
                return button
        return None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in a tag."""
        attributes = {name: value or "" for name, value in attrs}
        match tag, attributes.get("type"):
            case "form", _:
                self.found = True
                self.action = self.action or attributes.get("action", "")
            case "input", "hidden":
                self.hidden[attributes.get("name", "")] = attributes.get("value", "")
            case ("input" | "button", "submit") | ("button", None):
                self.buttons.append(Button(attributes))
            case _:
                pass


def read_form(html: str) -> Form | None:
    """Return the form of a page, if it has one."""
    form = Form()
    form.feed(html)
    return form if form.found else None
