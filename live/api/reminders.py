"""Being told when a show starts, and its entry for a calendar."""

from http import HTTPStatus
from typing import Final

from commerce.ids import AccountId, ShowId
from commerce.store import reminders, shows
from commerce.store.pool import acquire, transaction
from commerce.store.reminders import Reminder
from live import calendar
from live.api.bodies import Body, Empty
from live.api.endpoint import Access, Call, Endpoint
from live.api.idempotency import Answer
from live.api.problems import ApiError

CALENDAR: Final = "text/calendar; charset=utf-8"


class Reminded(Body, frozen=True):
    """Whether you asked to be told when a show starts."""

    show: str
    reminded: bool


class ReminderList(Body, frozen=True):
    """Coming and live shows that you are told of: you asked, or you follow their host."""

    reminders: list[Reminder]


async def list_reminders(call: Call[Empty, Empty]) -> ReminderList:
    """List the shows that you are told of when they start, live ones first."""
    async with acquire(call.shop.pool) as connection:
        return ReminderList(
            reminders=await reminders.of_account(connection, AccountId(call.who.sub))
        )


async def remind(call: Call[Empty, Empty]) -> Reminded:
    """Ask to be told when a show starts; forgotten after the show."""
    show = ShowId(call.path("show"))
    async with transaction(call.shop.pool) as connection:
        await reminders.remind(connection, AccountId(call.who.sub), show)
    return Reminded(show=show, reminded=True)


async def forget_reminder(call: Call[Empty, Empty]) -> Reminded:
    """Ask no longer to be told when a show starts."""
    show = ShowId(call.path("show"))
    async with transaction(call.shop.pool) as connection:
        await reminders.forget(connection, AccountId(call.who.sub), show)
    return Reminded(show=show, reminded=False)


async def calendar_ics(call: Call[Empty, Empty]) -> Answer:
    """Give a planned show as an entry for a calendar, iCalendar (RFC 5545)."""
    show = ShowId(call.path("show"))
    async with acquire(call.shop.pool) as connection:
        plan = await shows.plan(connection, show)
    if plan is None:
        raise ApiError("not_planned", "it is not planned yet when this show starts")
    headers = {"Content-Disposition": f'attachment; filename="{plan.show}.ics"'}
    file = calendar.entry(plan, f"{call.shop.config.base_url}/live/{plan.show}")
    return Answer(HTTPStatus.OK.value, file, CALENDAR, headers)


ENDPOINTS: Final = (
    Endpoint("GET", "/api/reminders", list_reminders, Access.SIGNED_IN),
    Endpoint(
        "POST",
        "/api/shows/{show}/reminder",
        remind,
        Access.SIGNED_IN,
        errors=("unknown_show", "wrong_state", "too_many_reminders", "rehearsal"),
    ),
    Endpoint("DELETE", "/api/shows/{show}/reminder", forget_reminder, Access.SIGNED_IN),
    Endpoint(
        "GET",
        "/api/shows/{show}/calendar.ics",
        calendar_ics,
        Access.ANYONE,
        errors=("unknown_show", "not_planned"),
    ),
)
