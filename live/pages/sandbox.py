"""
The page of the sandbox gateway, where a buyer pays, declines, or pays late.

It stands for another company's page: it knows a charge, never an order. The first decision stays;
whoever comes back later sees it.
"""

import asyncio
import re
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from string import Template
from typing import Final, Literal
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from commerce.money import Money
from commerce.payments.gateway import UnknownPayment
from commerce.payments.sandbox import Decision, Sandbox, SandboxCharge
from live.api.endpoint import BODY_S
from live.pages.headers import HEADERS
from live.pages.notice import notice
from live.shop import Shop

MAX_FORM_BYTES: Final = 1024
"""The form has one short field."""

REFERENCE: Final = re.compile("[A-Za-z0-9_]{1,64}")
"""What a reference looks like; nothing else is looked up."""

Language = Literal["en", "zh"]

DECISIONS: Final[Mapping[str, tuple[Decision, float | None]]] = {
    "succeed": ("succeed", None),
    "decline": ("decline", None),
    "late": ("late", None),
    "late_5": ("late", 5.0),
    "late_30": ("late", 30.0),
}
"""The form's values: what is decided, and after how many seconds the shop hears of it."""

WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "title": "Pay",
        "badge": "Sandbox: no money moves",
        "pay": "Pay {amount}",
        "decline": "Decline",
        "late_explained": "Pay now, and let the shop hear of it",
        "late_5": "after 5 s",
        "late_30": "after 30 s",
        "explained": "This page stands in for a payment provider. "
        "What you choose here reaches the shop as a signed webhook.",
        "succeeded": "Paid",
        "declined": "Declined",
        "refunded": "Refunded",
        "back": "Back to the show",
        "unknown": "No such payment",
        "unknown_explained": "This payment does not exist. "
        "Go back to the show and try to pay again.",
    },
    "zh": {
        "title": "付款",
        "badge": "沙盒环境：不会产生真实扣款",
        "pay": "支付 {amount}",
        "decline": "拒绝付款",
        "late_explained": "现在付款，但让商家晚一点收到通知",
        "late_5": "晚 5 秒",
        "late_30": "晚 30 秒",
        "explained": "此页面模拟支付机构。您的选择会以签名 webhook 的形式通知商家。",
        "succeeded": "已付款",
        "declined": "已拒绝",
        "refunded": "已退款",
        "back": "返回直播间",
        "unknown": "找不到这笔付款",
        "unknown_explained": "这笔付款不存在。请返回直播间重新付款。",
    },
}


def _template(name: str) -> Template:
    return Template((files(__package__) / name).read_text(encoding="utf-8"))


_OPEN: Final = _template("sandbox.html")
_DECIDED: Final = _template("decided.html")


async def show(request: Request) -> Response:
    """Show what is to be paid, or what was decided."""
    language = language_of(request.headers.get("accept-language", ""))
    reference = request.path_params["reference"]
    if not REFERENCE.fullmatch(reference):
        return _unknown(language)
    try:
        charge = await _sandbox(request).get_charge(reference)
    except UnknownPayment:
        return _unknown(language)
    return HTMLResponse(page(charge, language), headers=_HEADERS)


async def decide(request: Request) -> Response:
    """Take the decision, and send the buyer back to the shop."""
    language = language_of(request.headers.get("accept-language", ""))
    reference = request.path_params["reference"]
    if not REFERENCE.fullmatch(reference):
        return _unknown(language)
    form = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                form += chunk
                if len(form) > MAX_FORM_BYTES:
                    return _unknown(language, 413)
    except TimeoutError:
        return _unknown(language, 408)
    (word, *_) = parse_qs(form.decode("utf-8", "replace")).get("decision", [""])
    try:
        charge = await _sandbox(request).get_charge(reference)
        if word not in DECISIONS:
            return HTMLResponse(page(charge, language), 422, _HEADERS)
        decision, delay_s = DECISIONS[word]
        charge = await _sandbox(request).decide(charge.reference, decision, delay_s=delay_s)
    except UnknownPayment:
        return _unknown(language)
    return RedirectResponse(charge.return_url, 303, _HEADERS)


def language_of(accepted: str) -> Language:
    """Return the language that ``Accept-Language`` names first."""
    return "zh" if accepted.strip().lower().startswith("zh") else "en"


def page(charge: SandboxCharge, language: Language) -> str:
    """Render a charge; everything in it is escaped."""
    words = WORDS[language]
    amount = str(Money(charge.amount_minor, charge.currency))
    values = {
        **words,
        "language": "zh-CN" if language == "zh" else "en",
        "amount": amount,
        "pay": words["pay"].format(amount=amount),
        "description": charge.description,
        "return_url": charge.return_url,
    }
    template = _OPEN
    if charge.status != "open":
        template = _DECIDED
        values |= {
            "badge": words[charge.status],
            "tone": "good" if charge.status == "succeeded" else "",
        }
    return template.substitute({name: escape(value) for name, value in values.items()})


_HEADERS: Final = {**HEADERS, "Cache-Control": "no-store"}


def _unknown(language: Language, status: int = 404) -> Response:
    return notice(status, WORDS[language]["unknown"], WORDS[language]["unknown_explained"])


def _sandbox(request: Request) -> Sandbox:
    shop: Shop = request.app.state.shop
    return shop.sandbox


ROUTES: Final = (
    Route("/sandbox/pay/{reference}", show, methods=["GET"]),
    Route("/sandbox/pay/{reference}", decide, methods=["POST"]),
)
