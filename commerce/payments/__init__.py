"""
Payments: who moves the money, and how we know that it was them.

- ``gateway``: the Protocol, its values and its refusals; ``signature``: signed webhooks (both pure)
- ``sandbox``: a gateway with its own books, for demos and tests
- ``refunder``: gives back what could not be kept
"""

from commerce.payments.gateway import (
    BadEvent,
    BadSignature,
    Charge,
    ChargeStarted,
    Gateway,
    GatewayEvent,
    GatewayUnavailable,
    StaleSignature,
    UnknownGateway,
    UnknownPayment,
)

__all__ = [
    "BadEvent",
    "BadSignature",
    "Charge",
    "ChargeStarted",
    "Gateway",
    "GatewayEvent",
    "GatewayUnavailable",
    "StaleSignature",
    "UnknownGateway",
    "UnknownPayment",
]
