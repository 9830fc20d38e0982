import re

import pytest

from commerce import errors
from commerce.errors import ShopError

EXAMPLES: list[ShopError] = [
    errors.NotFound("show", "tonight"),
    errors.NotFound("offer", "ofr_1"),
    errors.EmailTaken("ada@shop.example"),
    errors.ShowIdTaken("tonight"),
    errors.HandleTaken("mug"),
    errors.CouponCodeTaken("TEA-10"),
    errors.SkusTaken(["M", "N"]),
    errors.InvalidValue("$.title", "is too long"),
    errors.NotYours("order", "ord_1"),
    errors.WrongState("show", "tonight", state="ended", wanted="draft"),
    errors.NotEnoughStock("MUG", wanted=20, available=19),
    errors.PriceNotLower("MUG", price="19.90 USD", lowest="12.00 USD", since="2026-10-26"),
    errors.WasNotAsked("MUG", "25.00 USD", "19.90 USD"),
    errors.PayWindowOver("ord_1"),
    errors.PaidByOthers("ord_1"),
    errors.Rehearsed("tonight", "nothing in it is paid for"),
    errors.RefundTooLarge("ord_1", left="12.00 USD"),
    errors.EventsGone("evt_1"),
    errors.TooManyWebhooks(20),
    errors.AddressNeeded("ord_1"),
    errors.NotDelivered("DE"),
    errors.NotTogether("they are from two hosts"),
    errors.QuoteChanged("qt_1"),
    errors.AmountMismatch(expected="1.00 USD", asked="2.00 USD"),
    errors.CouponRefused("coupon_not_yet", "TEA-10"),
    errors.CouponRefused("coupon_over", "TEA-10"),
    errors.CouponRefused("coupon_other_currency", "TEA-10", "USD"),
    errors.CouponRefused("coupon_not_for_these", "TEA-10"),
    errors.CouponRefused("coupon_below_minimum", "TEA-10", "12.00 USD"),
    errors.CouponRefused("coupon_yours_used", "TEA-10"),
    errors.CouponRefused("coupon_used_up", "TEA-10"),
    errors.TooManyAddresses(20),
    errors.StartsInPast(),
    errors.TooManyReminders(50),
    errors.IdempotencyMismatch("k"),
    errors.IdempotencyInFlight("k"),
    errors.StoreUnavailable("db.example/shop", "no answer in time"),
    errors.MigrationChanged("0001_foundation.sql"),
]


def leaves(of: type[ShopError]) -> set[type[ShopError]]:
    return {leaf for child in of.__subclasses__() for leaf in leaves(child)} or {of}


def test_every_error_has_an_example_here() -> None:
    ours = {leaf for leaf in leaves(ShopError) if leaf.__module__ == errors.__name__}

    assert {type(example) for example in EXAMPLES} == ours


def test_codes_are_stable_and_belong_to_one_error() -> None:
    codes = [example.code for example in EXAMPLES]

    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in codes)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: str(error.code))
def test_an_error_reads_as_a_sentence_with_its_facts(error: ShopError) -> None:
    sentence = str(error)

    assert " " in sentence
    assert not sentence.endswith(".")
    facts = [fact for name, fact in vars(error).items() if name != "code"]
    for fact in facts:
        for part in fact if isinstance(fact, tuple) else [fact]:
            assert str(part).removeprefix("unknown_") in sentence


def test_a_long_list_of_skus_is_cut_short() -> None:
    sentence = str(errors.SkusTaken([f"S{n}" for n in range(8)]))

    assert sentence.endswith("S0, S1, S2, S3, S4 and 3 more")


def test_the_tree_in_the_docstring_is_complete() -> None:
    drawn = errors.__doc__ or ""

    assert {leaf.__name__ for leaf in leaves(ShopError) if leaf.__module__ == errors.__name__} <= (
        set(re.findall(r"\w+", drawn))
    )
