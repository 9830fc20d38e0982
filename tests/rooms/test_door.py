"""Who may open a socket."""

from http import HTTPStatus

import pytest

from rooms.bounds import Bounds
from rooms.door import COMING_BURST, Asking, Door, Guest, Turned

HOST = "shop.example.com"


def asking(origin: str | None = None, *, forwarded: str = "", peer: str = "203.0.113.9") -> Asking:
    return Asking(origin=origin, host=HOST, forwarded=forwarded, peer=peer)


def door(**bounds: int) -> Door:
    return Door(
        Bounds(**bounds),
        origins=["https://partner.example.com"],
        proxies=["127.0.0.1", "10.0.0.7"],
    )


@pytest.mark.parametrize(
    "origin", [None, f"https://{HOST}", f"http://{HOST}", "https://partner.example.com"]
)
def test_pages_of_the_shop_and_its_partners_and_programs_come_in(origin: str | None) -> None:
    assert door().knock(asking(origin), 0, 0.0) == Guest("203.0.113.9")


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example.com",
        f"https://{HOST}.evil.example.com",
        f"https://evil.example.com/{HOST}",
        "null",
        "",
        f"https://{HOST}, https://evil.example.com",
    ],
)
def test_pages_of_other_sites_do_not(origin: str) -> None:
    turned = door().knock(asking(origin), 0, 0.0)

    assert isinstance(turned, Turned)
    assert turned.status is HTTPStatus.FORBIDDEN


def test_a_full_worker_says_when_to_try_again() -> None:
    turned = door(connections=10).knock(asking(), 10, 0.0)

    assert isinstance(turned, Turned)
    assert (turned.status, turned.retry_after_s) == (HTTPStatus.SERVICE_UNAVAILABLE, 5)
    assert isinstance(door(connections=10).knock(asking(), 9, 0.0), Guest)


def test_an_address_holds_so_many_connections_and_others_are_not_touched() -> None:
    house = door(connections_of_address=2)
    guests = []
    for _ in range(2):
        guest = house.knock(asking(), 0, 0.0)
        assert isinstance(guest, Guest)
        house.entered(guest)
        guests.append(guest)

    turned = house.knock(asking(), 2, 0.0)
    assert isinstance(turned, Turned)
    assert turned.status is HTTPStatus.TOO_MANY_REQUESTS
    assert isinstance(house.knock(asking(peer="203.0.113.10"), 2, 0.0), Guest)
    house.left(guests[0])
    assert isinstance(house.knock(asking(), 1, 0.0), Guest)


def test_an_address_that_keeps_coming_is_slowed_down() -> None:
    house = door()
    answers = [house.knock(asking(), 0, 0.0) for _ in range(int(COMING_BURST) + 1)]

    assert all(isinstance(answer, Guest) for answer in answers[:-1])
    assert answers[-1] == Turned(
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many new connections from this address; slower, please.",
        1,
    )


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "198.51.100.1, 10.0.0.7", "198.51.100.1"),
        ("127.0.0.1", "192.0.2.66, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "", None),
        ("", "198.51.100.1", "198.51.100.1"),
    ],
    ids=["no proxy of ours", "a proxy", "two proxies", "a liar behind a proxy", "silent", "unix"],
)
def test_whose_request_it_is_is_what_a_trusted_proxy_says(
    peer: str, forwarded: str, address: str | None
) -> None:
    guest = door().knock(asking(forwarded=forwarded, peer=peer), 0, 0.0)

    assert guest == Guest(address)
