"""The draw of a queue, and the signed turns that come of it."""

import base64
import hashlib
import hmac
import re
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import given, strategies as st

from commerce.ids import AccountId, OfferId
from commerce.offers.admission import MAX_CHARACTERS, Admission, Seal
from commerce.offers.draw import SEED_BYTES, commitment, order, roll, ticket

OFFER, BO = OfferId("ofr_1"), AccountId("acc_bo")
SEAL = Seal(b"the key of admissions")
TURN = Admission(turn=1, until=1_760_000_060_000)

tickets = st.sets(st.text("0123456789abcdef", min_size=32, max_size=32), max_size=40)
seeds = st.binary(min_size=SEED_BYTES, max_size=SEED_BYTES)


@given(seeds, tickets, st.randoms())
def test_everyone_has_one_place_and_when_they_came_does_not_matter(
    seed: bytes, entered: set[str], chance: Any
) -> None:
    first, again = sorted(entered), sorted(entered)
    chance.shuffle(again)

    assert sorted(order(seed, first)) == first
    assert order(seed, again) == order(seed, first)
    assert roll(again) == roll(first)


@given(seeds, tickets.filter(lambda entered: len(entered) > 1))
def test_the_order_is_what_anyone_computes_from_seed_and_tickets(
    seed: bytes, entered: set[str]
) -> None:
    whole = hashlib.sha256("\n".join(sorted(entered)).encode()).hexdigest()
    drawn = sorted(
        entered, key=lambda each: hmac.new(seed, (whole + each).encode(), "sha256").digest()
    )

    assert order(seed, entered) == drawn
    assert commitment(seed) == hashlib.sha256(seed).hexdigest()


def test_one_more_entrant_shuffles_all_others() -> None:
    seed = bytes(range(SEED_BYTES))
    entered = [ticket(OFFER, AccountId(f"acc_{n}")) for n in range(100)]
    late = ticket(OFFER, AccountId("acc_late"))

    before = order(seed, entered)
    after = [each for each in order(seed, [*entered, late]) if each != late]

    stayed = sum(a == b for a, b in zip(before, after, strict=True))
    assert stayed < 10  # one of a hundred stays by chance, on average


def test_every_account_is_first_as_often_as_any_other() -> None:
    entered = [ticket(OFFER, AccountId(f"acc_{n}")) for n in range(10)]

    first = Counter(
        order(number.to_bytes(SEED_BYTES, "big"), entered)[0] for number in range(10_000)
    )

    # 1,000 each; 5 standard deviations are 150. The seeds are fixed, so this holds for good.
    assert len(first) == 10
    assert all(850 <= count <= 1_150 for count in first.values()), first


def test_a_ticket_is_of_one_account_in_one_offer() -> None:
    assert ticket(OFFER, BO) == hashlib.sha256(b"ofr_1\nacc_bo").hexdigest()[:32]
    assert ticket(OfferId("ofr_2"), BO) != ticket(OFFER, BO) != ticket(OFFER, AccountId("acc_cy"))


def test_the_documented_lines_find_a_place() -> None:
    guide = Path("clients/protocol/README.md").read_text()
    found = re.search(r"```python\n(# Where did.+?)```", guide, re.DOTALL)
    assert found is not None
    seed = bytes(range(SEED_BYTES))
    accounts = [AccountId(f"acc_{n}") for n in range(50)]
    entered = sorted(ticket(OFFER, account) for account in accounts)
    queue = {"seed": seed.hex(), "commitment": commitment(seed), "roll": roll(entered)}
    names: dict[str, Any] = {
        "queue": queue,
        "tickets": entered,
        "offer": OFFER,
        "account": accounts[7],
    }

    exec(found[1], names)

    assert names["place"] == order(seed, entered).index(ticket(OFFER, accounts[7])) + 1


# -- Admissions -----------------------------------------------------------------------------------


def test_an_admission_is_read_back_and_is_the_same_whenever_it_is_signed() -> None:
    token = SEAL.sign(TURN, OFFER, BO)

    assert token == Seal(b"the key of admissions").sign(TURN, OFFER, BO)
    assert SEAL.read(token, OFFER, BO) == TURN
    assert len(token) <= MAX_CHARACTERS


def test_an_admission_is_nobody_elses_and_for_nothing_else() -> None:
    token = SEAL.sign(TURN, OFFER, BO)
    turn, until, mac = token.split(".")

    assert SEAL.read(token, OFFER, AccountId("acc_cy")) is None
    assert SEAL.read(token, OfferId("ofr_2"), BO) is None
    assert SEAL.read(f"2.{until}.{mac}", OFFER, BO) is None
    assert SEAL.read(f"{turn}.{int(until) + 1}.{mac}", OFFER, BO) is None
    assert SEAL.read(f"0{turn}.{until}.{mac}", OFFER, BO) is None
    assert Seal(b"another key").read(token, OFFER, BO) is None


def test_each_day_has_a_key_of_its_own() -> None:
    tomorrow = Admission(turn=1, until=TURN.until + 86_400_000)
    key = hmac.digest(
        b"the key of admissions", f"day {TURN.until // 86_400_000}".encode(), "sha256"
    )
    said = f"{OFFER}\n{BO}\n1\n{tomorrow.until}"
    mac = base64.urlsafe_b64encode(hmac.digest(key, said.encode(), "sha256")).rstrip(b"=").decode()

    assert SEAL.read(f"1.{tomorrow.until}.{mac}", OFFER, BO) is None


@given(st.text(max_size=200))
def test_what_is_no_admission_is_refused(text: str) -> None:
    assert SEAL.read(text, OFFER, BO) is None
