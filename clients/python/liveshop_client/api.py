"""
The shop's HTTP API, one method an endpoint.

Answers are what the server sent, decoded. Invariant: a call that creates something carries an
``Idempotency-Key`` and is tried again, with the same key, when the connection breaks before the
answer; so it happens once or not at all, never twice.
"""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urljoin
from uuid import uuid4

import httpx

from liveshop_client.errors import ApiError, Unreachable
from liveshop_client.messages import (
    CouponView,
    Directory,
    Ledger,
    Message,
    OfferView,
    OrderList,
    OrderView,
    PaymentStarted,
    Quote,
    Reminder,
    Replay,
    Reserved,
    ShowDetail,
    ShowView,
    SignedIn,
    Tally,
    Till,
    User,
)
from liveshop_client.transport import is_local

ANSWER_S: Final = 15.0
"""The slowest answer is the import of some ten thousand products."""

TRIES: Final = 2
"""A kept-alive connection that the server has just closed costs one try."""


class Api:
    """
    A caller of the API; ``token`` says who, and signing in sets it.

    Open it with ``async with``. Its methods raise ``ApiError`` when the shop refuses and
    ``Unreachable`` when there is no answer.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        *,
        timeout: float = ANSWER_S,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.base_url = base_url
        self.token = token
        self._http = httpx.AsyncClient(
            base_url=base_url,
            timeout=timeout,
            transport=transport,
            trust_env=not is_local(base_url),
        )

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    # -- Who you are ----------------------------------------------------------------------------

    async def guest(self, name: str | None = None) -> SignedIn:
        """Come in without an account, under a name or one that the shop makes up."""
        return await self._sign_in("guest", {} if name is None else {"name": name})

    async def register(self, email: str, password: str, name: str) -> SignedIn:
        """Open a viewer's account."""
        return await self._sign_in("register", {"email": email, "password": password, "name": name})

    async def login(self, email: str, password: str) -> SignedIn:
        """Sign in."""
        return await self._sign_in("login", {"email": email, "password": password})

    async def me(self) -> User:
        """Say who the token stands for."""
        user: User = await self._get("/api/me")
        return user

    # -- Shows ----------------------------------------------------------------------------------

    async def shows(self) -> list[ShowView]:
        """List the shows: live ones first, then the coming and the ended ones."""
        shows: list[ShowView] = (await self._get("/api/shows"))["shows"]
        return shows

    async def show(self, show: str) -> ShowDetail:
        """Read a show, everything in its bag, and what is on screen."""
        detail: ShowDetail = await self._get(f"/api/shows/{show}")
        return detail

    async def create_show(
        self, title: str, *, id: str | None = None, starts_at: int | None = None
    ) -> ShowView:
        """Prepare a show; without an ``id`` it gets one made of the title."""
        show: ShowView = await self._create(
            "/api/shows", _given(title=title, id=id, starts_at=starts_at)
        )
        return show

    async def change_show(self, show: str, **changes: Any) -> ShowView:
        """Change the ``title`` or ``starts_at`` (None: no time yet) of a show not yet started."""
        path = f"/api/shows/{show}"
        changed: ShowView = _check(await self._answer("PATCH", path, tries=TRIES, json=changes))
        return changed

    async def directory(self) -> Directory:
        """Read what is live, what is coming, and what there is to see again."""
        directory: Directory = await self._get("/api/directory")
        return directory

    async def reminders(self) -> list[Reminder]:
        """List the coming and live shows that you are told of when they start, and why."""
        reminders: list[Reminder] = (await self._get("/api/reminders"))["reminders"]
        return reminders

    async def remind(self, show: str) -> None:
        """Ask to be told when a show starts."""
        await self._post(f"/api/shows/{show}/reminder", tries=TRIES)

    async def forget_reminder(self, show: str) -> None:
        """Ask no longer to be told when a show starts."""
        _check(await self._answer("DELETE", f"/api/shows/{show}/reminder", tries=TRIES))

    async def start_show(self, show: str) -> ShowView:
        """Go live."""
        started: ShowView = await self._post(f"/api/shows/{show}/start")
        return started

    async def end_show(self, show: str) -> ShowView:
        """End the show for good."""
        ended: ShowView = await self._post(f"/api/shows/{show}/end")
        return ended

    async def tally(self, show: str) -> Tally:
        """Read what a show of yours has sold so far."""
        tally: Tally = await self._get(f"/api/shows/{show}/tally")
        return tally

    async def replay(self, show: str) -> Replay:
        """Read what there is to see again of a show; without recordings it is not there yet."""
        replay: Replay = await self._get(f"/api/shows/{show}/replay")
        return replay

    # -- Products -------------------------------------------------------------------------------

    async def products(
        self, search: str | None = None, *, after: str | None = None, limit: int | None = None
    ) -> Message:
        """List or search the catalogue; ``next`` in an answer is the ``after`` of the next page."""
        page: Message = await self._get(
            "/api/products", _given(search=search, after=after, limit=limit)
        )
        return page

    async def product(self, product: str) -> Message:
        """Read a product and its variants."""
        found: Message = await self._get(f"/api/products/{product}")
        return found

    async def prices(self, variant: str) -> Message:
        """
        Read what was asked for a variant in the last 30 days, the latest first.

        A flash price has to be below ``lowest_minor``.
        """
        found: Message = await self._get(f"/api/variants/{variant}/prices")
        return found

    async def create_product(self, product: Mapping[str, Any]) -> Message:
        """Add a product with its variants."""
        created: Message = await self._create("/api/products", product)
        return created

    async def import_products(self, csv: bytes, *, skip_refused: bool = False) -> Message:
        """
        Import a product CSV in Shopify's format, and return the report.

        When lines are ``refused`` nothing was written, unless ``skip_refused`` left out the
        products they belong to. Importing the same file again changes nothing.
        """
        response = await self._answer(
            "POST",
            "/api/products/import",
            params={"skip_refused": "true"} if skip_refused else None,
            content=csv,
            headers={"Content-Type": "text/csv"},
        )
        report: Message = _body(response)
        # A file that was refused is answered with the report, not with a problem.
        return report if "refused" in report else _check(response)

    # -- Offers ---------------------------------------------------------------------------------

    async def create_offer(self, show: str, offer: Mapping[str, Any]) -> OfferView:
        """
        Prepare an offer in a show.

        ``offer`` has a ``variant``, a ``quantity`` and a ``limit_per_buyer``, and may have a
        ``price_minor``, a ``kind``, a ``hold_s`` and a ``duration_s``.
        """
        created: OfferView = await self._create(f"/api/shows/{show}/offers", offer)
        return created

    async def offer(self, offer: str) -> OfferView:
        """Read an offer."""
        found: OfferView = await self._get(f"/api/offers/{offer}")
        return found

    async def open_offer(
        self, offer: str, *, countdown_s: int | None = None, duration_s: int | None = None
    ) -> OfferView:
        """Start selling, at once or after a countdown, until it closes or for a duration."""
        opened: OfferView = await self._post(
            f"/api/offers/{offer}/open", _given(countdown_s=countdown_s, duration_s=duration_s)
        )
        return opened

    async def close_offer(self, offer: str) -> OfferView:
        """Stop selling; unsold units go back to the stock."""
        closed: OfferView = await self._post(f"/api/offers/{offer}/close")
        return closed

    async def pin_offer(self, offer: str) -> None:
        """Put the offer on screen, in place of any other."""
        await self._post(f"/api/offers/{offer}/pin")

    async def unpin_offer(self, offer: str) -> None:
        """Take the offer off the screen."""
        await self._post(f"/api/offers/{offer}/unpin")

    async def money(self, show: str) -> list[Till]:
        """Read what came in and went back in a show, as its host, and whether that adds up."""
        tills: list[Till] = (await self._get(f"/api/shows/{show}/money"))["tills"]
        return tills

    async def ledger(self, offer: str) -> Ledger:
        """Read where the offer's units are, and whether that adds up."""
        ledger: Ledger = await self._get(f"/api/offers/{offer}/ledger")
        return ledger

    async def reserve(self, offer: str, quantity: int = 1, *, id: str | None = None) -> Reserved:
        """
        Try for units of an offer; the same gate, and the same ``id``, as ``Room.reserve``.

        Raises:
            ApiError: refused; ``body["reason"]`` says why.

        """
        reserved: Reserved = await self._create(
            f"/api/offers/{offer}/reservations", {"quantity": quantity}, key=id
        )
        return reserved

    # -- Orders ---------------------------------------------------------------------------------

    async def orders(
        self, *, show: str | None = None, after: str | None = None, limit: int | None = None
    ) -> OrderList:
        """List your own orders or, as the host of ``show``, those of the show; newest first."""
        orders: OrderList = await self._get(
            "/api/orders", _given(show=show, after=after, limit=limit)
        )
        return orders

    async def order(self, order: str) -> OrderView:
        """Read an order of yours."""
        found: OrderView = await self._get(f"/api/orders/{order}")
        return found

    async def pay(
        self, order: str, *, return_path: str | None = None, gateway: str | None = None
    ) -> PaymentStarted:
        """
        Begin to pay; asked again, an open payment is the same one.

        ``return_path`` is where the browser goes afterwards, a path on the shop's site; ``gateway``
        is who takes the money, if the shop has several.
        ``redirect_url`` in the answer is always a whole address.
        """
        started: PaymentStarted = await self._post(
            f"/api/orders/{order}/pay",
            _given(return_path=return_path, gateway=gateway),
            tries=TRIES,
        )
        return {**started, "redirect_url": urljoin(self.base_url, started["redirect_url"])}

    async def cancel(self, order: str) -> OrderView:
        """Cancel an order that was not paid; its units go back."""
        cancelled: OrderView = await self._post(f"/api/orders/{order}/cancel")
        return cancelled

    async def refund(
        self,
        order: str,
        *,
        amount_minor: int | None = None,
        return_units: bool = True,
        reason: str | None = None,
        key: str | None = None,
    ) -> OrderView:
        """
        Give money back, as the show's host: ``amount_minor`` of it, or all that is left.

        The units go back, too, unless ``return_units`` is False. Safe to repeat with the same
        ``key``.
        """
        given = _given(amount_minor=amount_minor, reason=reason)
        refunded: OrderView = await self._create(
            f"/api/orders/{order}/refund", {**given, "return_units": return_units}, key
        )
        return refunded

    async def ask_refund(self, order: str, reason: str) -> OrderView:
        """Ask for the money of a paid order, as its buyer; again, while open: another reason."""
        path = f"/api/orders/{order}/refund-request"
        asked: OrderView = _check(await self._answer("PUT", path, json={"reason": reason}))
        return asked

    async def withdraw_refund_request(self, order: str) -> OrderView:
        """Take back a request that nobody answered."""
        withdrawn: OrderView = _check(
            await self._answer("DELETE", f"/api/orders/{order}/refund-request")
        )
        return withdrawn

    async def decline_refund(self, order: str, answer: str = "") -> OrderView:
        """Say no to a buyer who asked, as the show's host, and why."""
        declined: OrderView = await self._post(
            f"/api/orders/{order}/refund-request/decline", {"answer": answer}
        )
        return declined

    # -- Moderation -----------------------------------------------------------------------------

    async def moderation(self, show: str) -> Message:
        """Read the settings of the chat, and who is muted, banned or a moderator."""
        found: Message = await self._get(f"/api/shows/{show}/moderation")
        return found

    async def set_chat(self, show: str, **settings: Any) -> Message:
        """Change some of ``slow_s``, ``audience``, ``links`` and ``words``; return all."""
        path = f"/api/shows/{show}/moderation"
        changed: Message = _check(await self._answer("PATCH", path, tries=TRIES, json=settings))
        return changed

    # -- Checkout and coupons -------------------------------------------------------------------

    async def quote(self, orders: Sequence[str], **how: Any) -> Quote:
        """
        Ask what orders of yours cost together.

        ``how``: ``address`` (of your book) or ``to`` (in full), ``option``, ``coupon`` (a code).
        """
        quote: Quote = await self._post(
            "/api/checkout/quote", {"orders": list(orders), **_given(**how)}, tries=TRIES
        )
        return quote

    async def checkout(
        self, quote: Quote, *, gateway: str | None = None, **how: Any
    ) -> PaymentStarted:
        """
        Begin to pay what was quoted; ``how`` is what it was quoted with.

        Asked again, an open payment is the same one. Nothing is charged unless the price holds:
        `ApiError` with ``quote_changed`` then.
        """
        agreed = {
            "orders": [line["order"] for line in quote["lines"]],
            "quote": quote["id"],
            "amount_minor": quote["total_minor"],
            "coupon": quote.get("coupon"),
            "option": quote.get("option"),
            "gateway": gateway,
        }
        started: PaymentStarted = await self._post(
            "/api/checkout", _given(**{**agreed, **how}), tries=TRIES
        )
        return {**started, "redirect_url": urljoin(self.base_url, started["redirect_url"])}

    async def create_coupon(
        self, coupon: Mapping[str, Any], *, key: str | None = None
    ) -> CouponView:
        """Give a coupon: ``code``, ``quota``, and ``percent_bp`` or ``amount_minor``."""
        created: CouponView = await self._create("/api/coupons", coupon, key)
        return created

    async def coupons(self, *, show: str | None = None) -> list[CouponView]:
        """List your coupons, newest first; with ``show``, those that hold in it."""
        found: list[CouponView] = (await self._get("/api/coupons", _given(show=show)))["coupons"]
        return found

    async def end_coupon(self, coupon: str) -> CouponView:
        """End a coupon for good."""
        ended: CouponView = await self._post(f"/api/coupons/{coupon}/end", tries=TRIES)
        return ended

    async def show_coupon(self, show: str, coupon: str | None) -> None:
        """Put a coupon on screen in a show, in place of any other, or take it off (None)."""
        await self._post(f"/api/shows/{show}/coupon", _given(coupon=coupon), tries=TRIES)

    async def moderate(self, show: str, action: str, **what: Any) -> Message:
        """
        Decide about a line or a person, and return the entry of the log.

        ``action`` is ``mute``, ``unmute``, ``ban``, ``unban`` (``user``, ``reason``...),
        ``remove-line`` or ``pin-comment`` (``line``), ``unpin-comment``, or ``say`` (``text``).
        """
        entry: Message = await self._create(f"/api/shows/{show}/moderation/{action}", what)
        return entry

    async def audit(self, show: str, *, before: int | None = None) -> Message:
        """Read who decided what, the newest first; ``next`` asks for more, as ``before``."""
        path = f"/api/shows/{show}/moderation/audit"
        page: Message = await self._get(path, _given(before=before))
        return page

    # -- Requests -------------------------------------------------------------------------------

    async def _sign_in(self, how: str, body: Mapping[str, Any]) -> SignedIn:
        signed_in: SignedIn = await self._post(f"/api/auth/{how}", body)
        self.token = signed_in["token"]
        return signed_in

    async def _get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        return _check(await self._answer("GET", path, tries=TRIES, params=params))

    async def _post(
        self, path: str, body: Mapping[str, Any] | None = None, *, tries: int = 1
    ) -> Any:
        return _check(await self._answer("POST", path, tries=tries, json=body or {}))

    async def _create(self, path: str, body: Mapping[str, Any], key: str | None = None) -> Any:
        headers = {"Idempotency-Key": key or uuid4().hex}
        return _check(await self._answer("POST", path, tries=TRIES, json=body, headers=headers))

    async def _answer(
        self,
        method: str,
        path: str,
        *,
        tries: int = 1,
        headers: Mapping[str, str] | None = None,
        **request: Any,
    ) -> httpx.Response:
        """Send a request that may safely be sent ``tries`` times."""
        headers = dict(headers or {})
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        while True:
            tries -= 1
            try:
                return await self._http.request(method, path, headers=headers, **request)
            except httpx.TransportError as error:
                if tries == 0:
                    why = str(error) or type(error).__name__
                    detail = f"{method} {path} at {self.base_url} was not answered: {why}"
                    raise Unreachable("unreachable", detail) from error


def _given(**fields: object) -> dict[str, object]:
    """Return the fields that were given."""
    return {name: value for name, value in fields.items() if value is not None}


def _body(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of an answer; an empty one for anything else."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _check(response: httpx.Response) -> Any:
    """Return what the shop answered; raise what it refused."""
    body = _body(response)
    if response.is_success:
        return body
    raise ApiError(
        body.get("code", f"http_{response.status_code}"),
        response.status_code,
        body.get("detail", f"the server answered {response.status_code}"),
        body,
    )
