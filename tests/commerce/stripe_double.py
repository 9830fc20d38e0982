"""
A server that speaks Stripe's wire format, on a real port, for tests.

What it does as Stripe documents it: bearer keys, form-encoded requests with brackets, answers and
error objects in JSON, idempotency keys (the same answer again; another request under the same key
is an ``idempotency_error``), Checkout Sessions that are open, complete or expired, charges that
copy the metadata, refunds whole and in part and no more than was captured, lists in pages, and
signed events. What it does not: cards, methods, disputes, payouts, rate limits, API versions, or
any rule about parameters but those that the shop's calls depend on. It proves that our side speaks
the protocol and survives its failures, not that an account at Stripe is set up well.

`StripeDouble.fault` stalls it, or lets it fail before or after it did the work.
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.commerce.served import served

KEY = "sk_test_double"
WEBHOOK_SECRET = "whsec_double"

Fault = Literal["none", "slow", "error", "answer_lost"]
"""``answer_lost``: the work is done, and the connection breaks before the answer."""


class Refusal(Exception):
    """An error object."""

    def __init__(self, status: int, message: str, **fields: str) -> None:
        self.status = status
        self.error = {"type": "invalid_request_error", "message": message, **fields}


class StripeDouble:
    """The books, and what a test may do with them."""

    def __init__(self) -> None:
        self.url = ""
        self.fault: Fault = "none"
        self.requests: list[str] = []
        self.sessions: dict[str, dict[str, Any]] = {}
        self.charges: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.events: list[bytes] = []
        self.released = asyncio.Event()
        self._answers: dict[str, tuple[str, int, bytes]] = {}
        self._numbers = itertools.count(1)

    # -- The buyer, the bank, and somebody at the dashboard -----------------------------------

    def pay(self, session: str) -> None:
        """The buyer pays on the page, if it is open."""
        if self._complete(session, "paid"):
            self._event("checkout.session.completed", self.sessions[session])

    def pay_by_debit(self, session: str) -> None:
        """The buyer names a bank account; whether money comes is known later."""
        if self._complete(session, "unpaid"):
            self._event("checkout.session.completed", self.sessions[session])

    def debit(self, session: str, *, works: bool) -> None:
        """The bank has answered."""
        if works:
            self.sessions[session]["payment_status"] = "paid"
            self._charge(self.sessions[session])
        said = "succeeded" if works else "failed"
        self._event(f"checkout.session.async_payment_{said}", self.sessions[session])

    def decline_card(self, session: str) -> None:
        """A card is declined: the page stays, and the buyer may try another."""
        found = self.sessions[session]
        intent = {"id": f"pi_{session}", "object": "payment_intent", "metadata": found["metadata"]}
        self._event("payment_intent.payment_failed", intent)

    def expire(self, session: str) -> None:
        """The page's time is over."""
        found = self.sessions[session]
        if found["status"] == "open":
            found["status"] = "expired"
            found["url"] = None
            self._event("checkout.session.expired", found)

    def refund_by_hand(self, session: str, amount: int) -> None:
        """Somebody refunds at the dashboard; the refund knows nothing of the shop."""
        intent = self.sessions[session]["payment_intent"]
        self._refund({"payment_intent": intent, "amount": str(amount)})

    def fail_refunds(self) -> None:
        """The buyer's bank sends the money back."""
        for refund in self.refunds.values():
            refund["status"] = "failed"

    def forget_keys(self) -> None:
        """A day has passed."""
        self._answers.clear()

    def take_events(self) -> list[tuple[dict[str, str], bytes]]:
        """Return what Stripe would deliver now, signed now."""
        events, self.events = self.events, []
        return [(signed(body), body) for body in events]

    def _complete(self, session: str, payment_status: str) -> bool:
        found = self.sessions[session]
        if found["status"] != "open":
            return False
        found |= {"status": "complete", "payment_status": payment_status, "url": None}
        found["payment_intent"] = f"pi_{session}"
        if payment_status == "paid":
            self._charge(found)
        return True

    def _charge(self, session: dict[str, Any]) -> None:
        charge = {
            "id": f"ch_{next(self._numbers):06}",
            "object": "charge",
            "amount": session["amount_total"],
            "amount_captured": session["amount_total"],
            "amount_refunded": 0,
            "currency": session["currency"],
            "captured": True,
            "paid": True,
            "created": int(time.time()),
            "metadata": session["_intent_metadata"],
            "payment_intent": session["payment_intent"],
        }
        self.charges[charge["id"]] = charge

    def _event(self, kind: str, about: dict[str, Any]) -> None:
        event = {
            "id": f"evt_{next(self._numbers):06}",
            "object": "event",
            "type": kind,
            "created": int(time.time()),
            "data": {"object": shown(about)},
        }
        self.events.append(json.dumps(event).encode())

    # -- The API ------------------------------------------------------------------------------

    def _create_session(self, form: dict[str, Any]) -> dict[str, Any]:
        items = form["line_items"].values()
        price = next(iter(items))["price_data"]
        if int(price["unit_amount"]) < 50:
            raise Refusal(400, "The amount is below the minimum", code="amount_too_small")
        for url in (form["success_url"], form["cancel_url"]):
            if not url.startswith(("http://", "https://")):
                raise Refusal(400, "Not a valid URL", code="url_invalid")
        id = f"cs_{next(self._numbers):06}"
        session = {
            "id": id,
            "object": "checkout.session",
            "status": "open",
            "payment_status": "unpaid",
            "client_reference_id": form["client_reference_id"],
            "currency": price["currency"],
            "amount_total": sum(
                int(item["price_data"]["unit_amount"]) * int(item["quantity"]) for item in items
            ),
            "metadata": form.get("metadata", {}),
            "_intent_metadata": form["payment_intent_data"].get("metadata", {}),
            "payment_intent": None,
            "url": f"{self.url}/pay/{id}",
        }
        self.sessions[id] = session
        return session

    def _expire_session(self, id: str) -> dict[str, Any]:
        if self._session(id)["status"] != "open":
            raise Refusal(400, "Only Checkout Sessions with a status of open can be expired")
        self.expire(id)
        return self.sessions[id]

    def _session(self, id: str) -> dict[str, Any]:
        if id not in self.sessions:
            raise Refusal(404, f"No such checkout.session: '{id}'", code="resource_missing")
        return self.sessions[id]

    def _refund(self, form: dict[str, Any]) -> dict[str, Any]:
        charge = next(
            (each for each in self.charges.values() if _same(each, form, "payment_intent")), None
        )
        if charge is None:
            raise Refusal(404, "No such payment_intent", code="resource_missing")
        left = charge["amount_captured"] - charge["amount_refunded"]
        if left == 0:
            raise Refusal(400, "Charge has already been refunded", code="charge_already_refunded")
        if int(form["amount"]) > left:
            raise Refusal(400, f"Refund amount is greater than unrefunded amount ({left})")
        charge["amount_refunded"] += int(form["amount"])
        refund = {
            "id": f"re_{next(self._numbers):06}",
            "object": "refund",
            "amount": int(form["amount"]),
            "charge": charge["id"],
            "created": int(time.time()),
            "currency": charge["currency"],
            "metadata": form.get("metadata", {}),
            "payment_intent": charge["payment_intent"],
            "status": "succeeded",
        }
        self.refunds[refund["id"]] = refund
        self._event("refund.created", refund)
        return refund

    def _list(self, objects: dict[str, dict[str, Any]], form: dict[str, Any]) -> dict[str, Any]:
        found = [
            each
            for each in reversed(objects.values())  # the newest first, as Stripe lists
            if _within(each["created"], form.get("created", {}))
            and ("payment_intent" not in form or _same(each, form, "payment_intent"))
        ]
        ids = [each["id"] for each in found]
        start = ids.index(form["starting_after"]) + 1 if "starting_after" in form else 0
        page = found[start : start + int(form.get("limit", 10))]
        if "data.charge" in form.get("expand", {}).values():
            page = [{**each, "charge": self.charges[each["charge"]]} for each in page]
        more = start + len(page) < len(found)
        return {"object": "list", "url": "/v1/list", "data": page, "has_more": more}

    def route(self, method: str, path: str, form: dict[str, Any]) -> dict[str, Any]:
        match method, path.removeprefix("/v1/").split("/"):
            case "POST", ["checkout", "sessions"]:
                return self._create_session(form)
            case "GET", ["checkout", "sessions", id]:
                return self._session(id)
            case "POST", ["checkout", "sessions", id, "expire"]:
                return self._expire_session(id)
            case "POST", ["refunds"]:
                return self._refund(form)
            case "GET", ["refunds"]:
                return self._list(self.refunds, form)
            case "GET", ["charges"]:
                return self._list(self.charges, form)
            case _:
                raise Refusal(404, f"Unrecognized request URL ({method}: {path})")

    async def answer(self, request: Request) -> Response:
        if self.fault == "slow":
            await self.released.wait()
        if self.fault == "error":
            error = {"error": {"type": "api_error", "message": "An error on our side"}}
            return JSONResponse(error, 500)
        body = await request.body()
        method, path = request.method, request.url.path
        self.requests.append(f"{method} {path}")
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return JSONResponse({"error": {"type": "invalid_request_error"}}, 401)
        form = nested(body.decode() if method == "POST" else request.url.query)
        key = request.headers.get("idempotency-key") if method == "POST" else None
        fingerprint = hashlib.sha256(f"{method} {path} ".encode() + body).hexdigest()
        if key is not None and key in self._answers:
            before, status, answered = self._answers[key]
            if before != fingerprint:
                error = {"error": {"type": "idempotency_error", "message": "Keys are for one use"}}
                return JSONResponse(error, 400)
            return Response(answered, status, {"idempotent-replayed": "true"}, "application/json")
        try:
            status, said = 200, shown(self.route(method, path, form))
        except Refusal as refusal:
            status, said = refusal.status, {"error": refusal.error}
        answer = JSONResponse(said, status)
        if key is not None:
            self._answers[key] = (fingerprint, status, bytes(answer.body))
        if self.fault == "answer_lost":
            return Broken()
        return answer


class Broken(Response):
    """An answer whose connection breaks before it is whole."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        raise ConnectionResetError


def nested(text: str) -> dict[str, Any]:
    """Read ``a[b][0]=c`` as ``{"a": {"b": {"0": "c"}}}``."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        *path, last = re.findall(r"[^\[\]]+", name)
        here = tree
        for part in path:
            here = here.setdefault(part, {})
        here[last] = value
    return tree


def shown(about: dict[str, Any]) -> dict[str, Any]:
    """Leave out what only the double knows."""
    return {name: value for name, value in about.items() if not name.startswith("_")}


def signed(body: bytes, *, secret: str = WEBHOOK_SECRET, at: int | None = None) -> dict[str, str]:
    """Return the header that Stripe sends with a webhook; ``at`` in Unix seconds."""
    timestamp = int(time.time()) if at is None else at
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={timestamp},v1={digest}", "content-type": "application/json"}


def _same(each: dict[str, Any], form: dict[str, Any], field: str) -> bool:
    return bool(each[field] == form[field])


def _within(moment: int, period: dict[str, str]) -> bool:
    return int(period.get("gte", 0)) <= moment <= int(period.get("lte", 2**40))


@asynccontextmanager
async def open_stripe_double() -> AsyncIterator[StripeDouble]:
    """Serve on a port of its own."""
    double = StripeDouble()
    routes = [Route("/v1/{path:path}", double.answer, methods=["GET", "POST"])]
    async with served(Starlette(routes=routes)) as url:
        double.url = url
        try:
            yield double
        finally:
            double.released.set()
