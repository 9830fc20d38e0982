import re

import msgspec
import pytest

from commerce.errors import NotFound, ShowIdTaken, WrongState
from commerce.ids import OfferId, ShowId
from commerce.messages import ShowView
from commerce.store import offers, shows
from commerce.store.pool import Connection
from commerce.store.shows import NewShow
from tests.commerce.stage import (
    NOW,
    add_host,
    add_live_show,
    add_open_offer,
    add_show,
    add_variant,
    facts,
    nobody,
)


async def add_draft_offer(connection: Connection, show: ShowId, sku: str = "MUG") -> OfferId:
    variant = await add_variant(connection, sku)
    view = await offers.create(connection, show, offers.NewOffer(variant=variant, quantity=20))
    await facts(connection)
    return OfferId(view.id)


async def pinned(connection: Connection, show: ShowId) -> OfferId | None:
    return (await shows.stage(connection, show)).pinned


# -- Announcing ---------------------------------------------------------------------------------


async def test_a_new_show_is_a_draft(connection: Connection) -> None:
    host = await add_host(connection)

    show = await shows.create(
        connection, host, NewShow(title="Mugs tonight", id="mugs", starts_at=NOW)
    )

    assert show == ShowView(
        id="mugs",
        title="Mugs tonight",
        host=host,
        host_name="Ada",
        state="draft",
        starts_at=NOW,
    )
    assert await shows.get(connection, ShowId("mugs")) == show


@pytest.mark.parametrize(
    ("title", "id"),
    [("Café & Mugs!", r"cafe-mugs-\w{4}"), ("杯子", r"show-\w{4}"), ("x" * 120, r"x{40}-\w{4}")],
)
async def test_a_show_without_an_id_gets_one_from_its_title(
    connection: Connection, title: str, id: str
) -> None:
    show = await shows.create(connection, await add_host(connection), NewShow(title=title))

    assert re.fullmatch(id, show.id)


async def test_an_id_belongs_to_one_show(connection: Connection) -> None:
    show = await add_show(connection, "mugs")

    with pytest.raises(ShowIdTaken):
        await shows.create(
            connection, await add_host(connection), NewShow(title="Other", id="mugs")
        )

    assert (await shows.get(connection, show)).title == "Tonight"


async def test_a_show_needs_a_host(connection: Connection) -> None:
    with pytest.raises(NotFound, match="account"):
        await shows.create(connection, nobody(), NewShow(title="Nobody's"))

    assert await shows.list_shows(connection) == []


@pytest.mark.parametrize("id", ["", "Mugs", "-mugs", "mugs\n", "mugs/1", "m" * 65])
def test_an_id_has_to_fit_into_an_address(id: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"title": "Mugs", "id": id}, NewShow)


async def test_live_shows_are_listed_first_then_drafts_then_those_that_ended(
    connection: Connection,
) -> None:
    await add_show(connection, "draft")
    await shows.end(connection, await add_live_show(connection, "ended"))
    await add_live_show(connection, "live")

    listed = [show.id for show in await shows.list_shows(connection)]

    assert listed == ["live", "draft", "ended"]
    assert [show.id for show in await shows.list_shows(connection, state="ended")] == ["ended"]
    assert [show.id for show in await shows.list_shows(connection, limit=1)] == ["live"]


# -- Starting and ending ------------------------------------------------------------------------


async def test_a_draft_goes_live_once_and_the_rooms_hear_of_it(connection: Connection) -> None:
    show = await add_show(connection)

    view = await shows.start(connection, show)

    assert view.state == "live"
    assert view.started_at is not None
    assert await facts(connection) == [("show", show)]
    with pytest.raises(WrongState) as refusal:
        await shows.start(connection, show)
    assert (refusal.value.state, refusal.value.wanted) == ("live", "draft")
    assert await shows.get(connection, show) == view
    assert await facts(connection) == []


async def test_a_show_that_ended_never_starts_again(connection: Connection) -> None:
    show = await add_live_show(connection)
    view = await shows.end(connection, show)
    await facts(connection)

    for change in (shows.start, shows.end):
        with pytest.raises(WrongState, match="ended"):
            await change(connection, show)

    assert view.state == "ended"
    assert view.ended_at is not None
    assert await shows.get(connection, show) == view
    assert await facts(connection) == []


async def test_a_draft_cannot_end(connection: Connection) -> None:
    show = await add_show(connection)

    with pytest.raises(WrongState):
        await shows.end(connection, show)

    assert (await shows.get(connection, show)).state == "draft"


async def test_what_a_show_still_sells_begins_to_close_when_it_ends(
    connection: Connection,
) -> None:
    offer = await add_open_offer(connection)
    show = ShowId((await offers.get(connection, offer)).show)
    draft = await add_draft_offer(connection, show, "PLATE")
    await shows.pin(connection, show, offer)
    await facts(connection)

    await shows.end(connection, show)

    assert await pinned(connection, show) is None
    assert await offers.due_to_close(connection, NOW, 10) == [offer]
    assert (await offers.get(connection, draft)).state == "draft"
    assert await facts(connection) == [("show", show), ("pin", show), ("offer", offer)]


async def test_nothing_can_be_done_with_a_show_that_is_not_there(connection: Connection) -> None:
    show = ShowId("nowhere")

    for change in (shows.get, shows.stage, shows.start, shows.end, shows.unpin):
        with pytest.raises(NotFound) as refusal:
            await change(connection, show)
        assert refusal.value.code == "unknown_show"
    with pytest.raises(NotFound, match="show"):
        await shows.pin(connection, show, OfferId("ofr_1"))

    assert await facts(connection) == []


# -- Pinning ------------------------------------------------------------------------------------


async def test_one_offer_is_pinned_at_a_time(connection: Connection) -> None:
    show = await add_live_show(connection)
    mug = await add_draft_offer(connection, show, "MUG")
    plate = await add_draft_offer(connection, show, "PLATE")

    await shows.pin(connection, show, mug)
    await shows.pin(connection, show, plate)

    assert await pinned(connection, show) == plate
    assert await facts(connection) == [("pin", show), ("pin", show)]

    await shows.unpin(connection, show)

    assert await pinned(connection, show) is None
    assert await facts(connection) == [("pin", show)]


async def test_only_an_offer_of_the_show_can_be_pinned(connection: Connection) -> None:
    here = await add_live_show(connection, "here")
    elsewhere = await add_draft_offer(connection, await add_live_show(connection, "elsewhere"))
    await facts(connection)

    for offer in (elsewhere, OfferId("ofr_1")):
        with pytest.raises(NotFound) as refusal:
            await shows.pin(connection, here, offer)
        assert refusal.value.code == "unknown_offer"

    assert await pinned(connection, here) is None
    assert await facts(connection) == []


async def test_a_closed_offer_cannot_be_pinned(connection: Connection) -> None:
    offer = await add_open_offer(connection)
    show = ShowId((await offers.get(connection, offer)).show)
    await offers.start_closing(connection, offer)
    await facts(connection)

    with pytest.raises(WrongState, match="closed"):
        await shows.pin(connection, show, offer)

    assert await pinned(connection, show) is None
    assert await facts(connection) == []


async def test_nothing_can_be_pinned_in_a_show_that_ended(connection: Connection) -> None:
    show = await add_live_show(connection)
    offer = await add_draft_offer(connection, show)
    await shows.end(connection, show)

    with pytest.raises(WrongState, match="ended"):
        await shows.pin(connection, show, offer)

    assert await pinned(connection, show) is None
