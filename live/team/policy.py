"""
Which permission each operation of a shop asks for: one table.

Invariant: an endpoint for hosts is in it, or the server does not start. Whoever has any one of an
operation's permissions may do it; the host whose shop it is may do everything.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from live.team.permissions import Permission


class Rule(Struct, frozen=True):
    """
    Who may do an operation: members with one of ``any_of``.

    ``admins`` says whether admins may, too: not where people live. ``shared`` operations are also
    someone else's, such as a buyer's; their handlers ask, with the same rule.
    """

    any_of: tuple[Permission, ...]
    admins: bool = True
    shared: bool = False


_CATALOGUE: Final = Rule(("catalogue",))
_LOOK_UP: Final = Rule(("catalogue", "sell"))
_SELL: Final = Rule(("sell",))
_PIN: Final = Rule(("sell", "run_show"))
_RUN: Final = Rule(("run_show",))
_DESK: Final = Rule(("run_show", "moderate"))
_MODERATE: Final = Rule(("moderate",))
_NUMBERS: Final = Rule(("numbers",))
_ORDERS: Final = Rule(("orders",))
_PARCELS: Final = Rule(("orders",), admins=False)
_TEAM: Final = Rule(("team",))

POLICY: Final[Mapping[str, Rule]] = {
    # Shows, and their video.
    "shows.create_show": _RUN,
    "shows.change_show": _RUN,
    "shows.start_show": _RUN,
    "shows.end_show": _RUN,
    "shows.video": _RUN,
    "rehearsals.rehearse": _RUN,
    "shows.people": _DESK,
    "shows.tally": _NUMBERS,
    "shows.money": _NUMBERS,
    "video.publish": _RUN,
    "desk.move_offer": _DESK,
    "desk.list_notes": _DESK,
    "desk.write_note": _DESK,
    "minutes.list_minutes": _NUMBERS,
    "minutes.minutes_csv_": _NUMBERS,
    "minutes.summary": _NUMBERS,
    "minutes.summary_csv": _NUMBERS,
    # Offers.
    "shows.create_offer": _SELL,
    "offers.open_offer": _SELL,
    "offers.extend_offer": _SELL,
    "offers.close_offer": _SELL,
    "offers.pin_offer": _PIN,
    "offers.unpin_offer": _PIN,
    "offers.ledger": Rule(("sell", "numbers")),
    "stock.offer_movements": _SELL,
    # Coupons.
    "coupons.create_coupon": _SELL,
    "coupons.list_coupons": _PIN,
    "coupons.end_coupon": _SELL,
    "coupons.show_coupon": _PIN,
    # The catalogue and its stock.
    "products.list_products": _LOOK_UP,
    "products.product": _LOOK_UP,
    "products.create_product": _CATALOGUE,
    "products.change_product": _CATALOGUE,
    "products.export_products": _CATALOGUE,
    "products.import_products": _CATALOGUE,
    "pictures.upload": _CATALOGUE,
    "stock.add_variant": _CATALOGUE,
    "stock.change_variant": _CATALOGUE,
    "stock.adjust": _LOOK_UP,
    "stock.variant_movements": _LOOK_UP,
    "stock.variant_prices": _LOOK_UP,
    "tariffs.list_tariffs": _CATALOGUE,
    "tariffs.draft_tariff": _CATALOGUE,
    "tariffs.publish_tariff": _CATALOGUE,
    # Orders and parcels.
    "orders.list_orders": Rule(("orders",), shared=True),
    "orders.order": Rule(("orders",), shared=True),
    "orders.refund": _ORDERS,
    "refund_requests.decline_request": _ORDERS,
    "shipments.shipment": Rule(("orders",), admins=False, shared=True),
    "shipments.pack_list": _PARCELS,
    "shipments.pack_list_csv": _PARCELS,
    "shipments.pack": _PARCELS,
    "shipments.ship": _PARCELS,
    "shipments.deliver": _PARCELS,
    "events.list_events": _ORDERS,
    # The chat. Moderators of one show have `moderate` there.
    "moderation.moderation": _MODERATE,
    "moderation.change_settings": _MODERATE,
    "moderation.mute": _MODERATE,
    "moderation.unmute": _MODERATE,
    "moderation.ban": _MODERATE,
    "moderation.unban": _MODERATE,
    "moderation.remove_line": _MODERATE,
    "moderation.pin_comment": _MODERATE,
    "moderation.unpin_comment": _MODERATE,
    "moderation.say": _MODERATE,
    "moderation.audit": _MODERATE,
    # Who else may, and what programs hear.
    "moderation.appoint": _TEAM,
    "moderation.dismiss": _TEAM,
    "team.team": _TEAM,
    "team.invite": _TEAM,
    "team.withdraw_invitation": _TEAM,
    "team.change_member": _TEAM,
    "team.remove_member": _TEAM,
    "team.audit_list": _TEAM,
    "webhooks.create_webhook": _TEAM,
    "webhooks.list_webhooks": _TEAM,
    "webhooks.webhook": _TEAM,
    "webhooks.delete_webhook": _TEAM,
    "webhooks.resume_webhook": _TEAM,
    "webhooks.list_deliveries": _TEAM,
    "webhooks.replay": _TEAM,
}
"""By module and handler, as ``tag`` and ``operationId`` are in the OpenAPI document."""
