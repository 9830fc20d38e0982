"""
Payments: who moves the money, and how we know that it was them.

- ``gateway``: the Protocol, its values and its refusals; ``signature``: signed webhooks (both pure)
- ``sandbox``: a gateway with its own books, for demos and tests; ``stripe``: the first real one
- ``refunder``: gives back what is owed; ``withdrawer``: ends charges that nobody should pay now
- ``reconcile``: compares the gateways' statements with our books
"""

from commerce.payments.gateway import (
    Acknowledgement,
    BadEvent,
    BadSignature,
    Charge,
    ChargeStarted,
    Gateway,
    GatewayEvent,
    GatewayRefused,
    GatewayUnavailable,
    Movement,
    Refund,
    StaleSignature,
    UnknownGateway,
    UnknownPayment,
)

__all__ = [
    "Acknowledgement",
    "BadEvent",
    "BadSignature",
    "Charge",
    "ChargeStarted",
    "Gateway",
    "GatewayEvent",
    "GatewayRefused",
    "GatewayUnavailable",
    "Movement",
    "Refund",
    "StaleSignature",
    "UnknownGateway",
    "UnknownPayment",
]
