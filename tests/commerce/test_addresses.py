"""An address that a courier can use, or a sentence that says what is missing."""

import pytest
from msgspec.structs import replace

from commerce.addresses import COUNTRIES, Address, checked
from commerce.errors import InvalidValue

TYPED = Address(
    name="  Lin  Wei ",
    lines=[" 1 Oak  Street", "Flat 2 "],
    city="san francisco ",
    country="us",
    region="ca",
    postcode=" 94103-1234",
    phone="+1 (415) 555-0100",
)


def test_an_address_is_tidied_so_that_the_same_place_is_the_same() -> None:
    tidy = checked(TYPED)

    assert tidy == Address(
        name="Lin Wei",
        lines=["1 Oak Street", "Flat 2"],
        city="san francisco",
        country="US",
        region="CA",
        postcode="94103-1234",
        phone="+1 (415) 555-0100",
    )
    assert checked(tidy) == tidy


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"country": "XX"}, "$.country", "XX is no country's code"),
        ({"region": ""}, "$.region", "name the state or province, too"),
        ({"postcode": ""}, "$.postcode", "a postcode is needed, such as 10001"),
        (
            {"postcode": "9410"},
            "$.postcode",
            "'9410' is no postcode there; one looks like 10001",
        ),
        (
            {"country": "GB", "postcode": "94103"},
            "$.postcode",
            "'94103' is no postcode there; one looks like SW1A 1AA",
        ),
        (
            {"phone": "call me"},
            "$.phone",
            "'call me' is no telephone number; one looks like +44 20 7946 0000",
        ),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_sentence(
    changes: dict[str, str], field: str, sentence: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        checked(replace(TYPED, **changes))

    assert (refused.value.field, refused.value.detail) == (field, sentence)


def test_a_country_without_postcodes_or_states_needs_neither() -> None:
    hong_kong = Address(name="陈", lines=["弥敦道 1 号"], city="九龙", country="hk")

    assert checked(hong_kong) == replace(hong_kong, country="HK")


def test_every_country_of_the_standard_is_known() -> None:
    assert len(COUNTRIES) == 249
    assert all(len(code) == 2 and code.isupper() for code in COUNTRIES)
