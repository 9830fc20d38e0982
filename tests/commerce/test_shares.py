"""Whose money a refund was that somebody made at the gateway."""

from hypothesis import given, strategies as st

from commerce.ids import OrderId, RefundId
from commerce.shares import Left, Refused, Shares, share_out

OLD, MIDDLE, NEW = (
    Left(OrderId("ord_1"), 2000),
    Left(OrderId("ord_2"), 500),
    Left(OrderId("ord_3"), 1200),
)

FIRST, SECOND = RefundId("rfd_1"), RefundId("rfd_2")


def owed(id: str, amount_minor: int) -> Refused:
    return Refused(RefundId(id), amount_minor)


def test_exactly_what_one_order_has_left_is_that_ones() -> None:
    assert share_out(1200, [OLD, MIDDLE, NEW], []) == Shares([], [NEW])


def test_of_two_with_exactly_so_much_it_is_the_older_ones() -> None:
    twin = Left(OrderId("ord_4"), 1200)

    assert share_out(1200, [OLD, NEW, twin], []) == Shares([], [NEW])


def test_the_oldest_give_all_they_have_and_the_last_of_them_the_rest() -> None:
    assert share_out(2600, [OLD, MIDDLE, NEW], []) == Shares(
        [], [OLD, MIDDLE, Left(NEW.order, 100)]
    )
    assert share_out(700, [OLD, MIDDLE, NEW], []) == Shares([], [Left(OLD.order, 700)])
    assert share_out(3700, [OLD, MIDDLE, NEW], []) == Shares([], [OLD, MIDDLE, NEW])


def test_more_than_there_is_is_nobodys() -> None:
    assert share_out(3701, [OLD, MIDDLE, NEW], []) is None
    assert share_out(1, [], []) is None


def test_what_goes_beyond_the_orders_is_what_the_gateway_refused_us() -> None:
    assert share_out(300, [], [owed("rfd_1", 200), owed("rfd_2", 300)]) == Shares([SECOND], [])
    assert share_out(500, [], [owed("rfd_1", 200), owed("rfd_2", 300)]) == Shares(
        [FIRST, SECOND], []
    )
    assert share_out(2300, [OLD], [owed("rfd_1", 300)]) == Shares([FIRST], [OLD])
    assert share_out(2200, [OLD], [owed("rfd_1", 300)]) == Shares([FIRST], [Left(OLD.order, 1900)])
    # Less than a whole one is not it.
    assert share_out(200, [], [owed("rfd_1", 300)]) is None


def test_as_long_as_orders_have_it_what_was_refused_stays_owed() -> None:
    assert share_out(2000, [OLD], [owed("rfd_1", 2000)]) == Shares([], [OLD])


amounts = st.integers(1, 50)


@given(amounts, st.lists(amounts, max_size=5), st.lists(amounts, max_size=4))
def test_the_shares_make_all_of_it_and_nobodys_is_more_than_there_is(
    amount_minor: int, left: list[int], refused: list[int]
) -> None:
    orders = [Left(OrderId(f"ord_{n}"), minor) for n, minor in enumerate(left)]
    refunds = [owed(f"rfd_{n}", minor) for n, minor in enumerate(refused)]

    shares = share_out(amount_minor, orders, refunds)

    if shares is None:
        # All of the orders' money is not enough, nor is it with any one of the refunds.
        assert amount_minor > sum(left)
        assert amount_minor not in refused
        return
    room = {each.order: each.amount_minor for each in orders}
    whole = {each.refund: each.amount_minor for each in refunds}
    assert all(0 < share.amount_minor <= room[share.order] for share in shares.orders)
    assert len({share.order for share in shares.orders}) == len(shares.orders)
    assert len(set(shares.refused)) == len(shares.refused)
    assert amount_minor == sum(share.amount_minor for share in shares.orders) + sum(
        whole[refund] for refund in shares.refused
    )
