"""
Where a parcel goes: an address, and what makes one that a courier can use.

Invariant: what `checked` returns has no blank line, spells country and region as tables do, and is
the same for the same address however it was typed, so that two orders for it share a parcel.
"""

import re
from typing import Annotated, Final

from msgspec import Meta, Struct
from msgspec.structs import replace

from commerce.errors import InvalidValue

ADDRESSES_KEPT: Final = 20
"""In one buyer's book: home, work, the family; not a courier's database."""

COUNTRIES: Final = frozenset(
    re.findall(
        "[A-Z]{2}",
        """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
        """,
    )
)
"""ISO 3166-1 alpha-2."""

REGION_NEEDED: Final = frozenset({"AU", "BR", "CA", "CN", "IN", "JP", "MX", "US"})
"""Where a letter without a state, province or prefecture goes astray, or is taxed by it."""

POSTCODES: Final = {
    "AT": (r"[0-9]{4}", "1010"),
    "AU": (r"[0-9]{4}", "2000"),
    "BE": (r"[0-9]{4}", "1000"),
    "BR": (r"[0-9]{5}-?[0-9]{3}", "01310-100"),
    "CA": (r"[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]", "K1A 0B1"),
    "CH": (r"[0-9]{4}", "8001"),
    "CN": (r"[0-9]{6}", "200000"),
    "DE": (r"[0-9]{5}", "10115"),
    "DK": (r"[0-9]{4}", "1050"),
    "ES": (r"[0-9]{5}", "28001"),
    "FR": (r"[0-9]{5}", "75001"),
    "GB": (r"[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}", "SW1A 1AA"),
    "IN": (r"[0-9]{6}", "110001"),
    "IT": (r"[0-9]{5}", "00184"),
    "JP": (r"[0-9]{3}-?[0-9]{4}", "100-0001"),
    "KR": (r"[0-9]{5}", "03051"),
    "MX": (r"[0-9]{5}", "06000"),
    "NL": (r"[0-9]{4} ?[A-Z]{2}", "1012 JS"),
    "PL": (r"[0-9]{2}-[0-9]{3}", "00-001"),
    "SE": (r"[0-9]{3} ?[0-9]{2}", "111 22"),
    "SG": (r"[0-9]{6}", "018956"),
    "US": (r"[0-9]{5}(-[0-9]{4})?", "10001"),
}
"""What a postcode looks like, and one that does; elsewhere it may be anything, or nothing."""

PHONE: Final = re.compile(r"\+?[0-9][0-9 ()./-]{4,22}[0-9]")

Text = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"\S")]
Country = Annotated[str, Meta(pattern=r"^[A-Za-z]{2}$(?!\n)", description="ISO 3166-1 alpha-2")]


class Address(Struct, frozen=True, omit_defaults=True):
    """Where a parcel goes, and to whom; ``lines`` are the street and what stands beside it."""

    name: Text
    lines: Annotated[list[Text], Meta(min_length=1, max_length=3)]
    city: Text
    country: Country
    region: Annotated[str, Meta(max_length=60, description="State, province: `CA`, `Bayern`")] = ""
    postcode: Annotated[str, Meta(max_length=16)] = ""
    phone: Annotated[str, Meta(max_length=24)] = ""


class AddressView(Struct, frozen=True):
    """An address in its owner's book."""

    id: str
    address: Address


def checked(address: Address, path: str = "$") -> Address:
    """
    Return the address as it is written on a parcel.

    Raises:
        InvalidValue: with the field, under ``path``, and a sentence for whoever typed it.

    """
    tidy = replace(
        address,
        name=_tidy(address.name),
        lines=[_tidy(line) for line in address.lines],
        city=_tidy(address.city),
        country=address.country.upper(),
        region=_region(address.region),
        postcode=_tidy(address.postcode).upper(),
        phone=_tidy(address.phone),
    )
    if tidy.country not in COUNTRIES:
        raise InvalidValue(f"{path}.country", f"{tidy.country} is no country's code")
    if not tidy.region and tidy.country in REGION_NEEDED:
        raise InvalidValue(f"{path}.region", "name the state or province, too")
    if tidy.country in POSTCODES:
        pattern, example = POSTCODES[tidy.country]
        if not tidy.postcode:
            raise InvalidValue(f"{path}.postcode", f"a postcode is needed, such as {example}")
        if not re.fullmatch(pattern, tidy.postcode):
            detail = f"{tidy.postcode!r} is no postcode there; one looks like {example}"
            raise InvalidValue(f"{path}.postcode", detail)
    if tidy.phone and not PHONE.fullmatch(tidy.phone):
        detail = f"{tidy.phone!r} is no telephone number; one looks like +44 20 7946 0000"
        raise InvalidValue(f"{path}.phone", detail)
    return tidy


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _region(text: str) -> str:
    """Codes are compared as codes: ``ca`` is ``CA``; a name stays as it was typed."""
    tidy = _tidy(text)
    return tidy.upper() if len(tidy) <= 3 else tidy
