"""What is exported can be imported: nothing is lost, and no spreadsheet runs it."""

import csv
import io

import pytest
from hypothesis import given, settings, strategies as st

from commerce.catalogue import NewProduct, NewVariant
from commerce.shopify import parse
from commerce.shopify_export import write
from commerce.store import products
from commerce.store.pool import Connection
from commerce.table import shielded, unshielded
from tests.commerce.stage import add_open_offer, available

signs = st.sampled_from("abcXYZ019 =+-@'\",;<>&/茶é\\")
lines = (
    st.text(signs, min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool)
)
names = lines.filter(lambda name: name not in ("Title", "Default Title"))
tags = lines.map(lambda text: " ".join(text.replace(",", "").split())).filter(bool)
bodies = st.text(st.sampled_from("ab <p>\n='+\t\""), max_size=20).map(str.strip)
pictures = st.from_regex(r"/[a-z0-9]{1,9}\.svg", fullmatch=True)


@st.composite
def catalogues(draw: st.DrawFn) -> list[NewProduct]:
    """Products as an import reads them: texts in one line, names of their own."""
    made = []
    count = draw(st.integers(1, 3))
    for number in range(count):
        options = draw(st.lists(names, max_size=3, unique=True))
        values = draw(
            st.lists(
                st.tuples(*(names for _ in options)),
                min_size=1,
                max_size=3 if options else 1,
                unique=True,
            )
        )
        variants = []
        for place, value in enumerate(values):
            price = draw(st.integers(0, 10**12))
            variants.append(
                NewVariant(
                    sku=draw(st.sampled_from(["=", "-", "'@", "", "+ "])) + f"S{number}-{place}",
                    price_minor=price,
                    currency="USD",
                    available=draw(st.integers(0, 10**7)),
                    options=list(value),
                    was_minor=draw(
                        st.none()
                        | st.integers(price + 1, 10**12 + 1).filter(lambda minor: minor <= 10**12)
                    )
                    if price < 10**12
                    else None,
                    picture=draw(st.none() | pictures),
                    grams=draw(st.integers(0, 10**9)),
                )
            )
        made.append(
            NewProduct(
                title=draw(lines),
                handle=draw(st.sampled_from(["=", "-", "@", "'+", ""])) + f"p{number}",
                body_html=draw(bodies),
                vendor=draw(st.just("") | lines),
                kind=draw(st.just("") | lines),
                tags=draw(st.lists(tags, max_size=3, unique=True)),
                status=draw(st.sampled_from(["active", "draft", "archived"])),
                options=options,
                pictures=draw(st.lists(pictures, max_size=5, unique=True)),
                variants=variants,
            )
        )
    return made


@settings(max_examples=200, deadline=None)
@given(catalogues())
def test_an_import_of_an_export_is_the_catalogue(made: list[NewProduct]) -> None:
    exported = write(made)
    read = parse(exported.data, currency="USD")

    assert exported.products == len(made)
    assert read.refused == []
    assert read.products == made
    assert write(read.products) == exported


@given(catalogues())
@settings(max_examples=50, deadline=None)
def test_no_cell_begins_a_formula(made: list[NewProduct]) -> None:
    text = write(made).data.decode()

    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("cell", ["=1+1", "'=1", "''-2", "@x", "plain", "'quoted'", "", "a=1"])
def test_a_shield_comes_off_as_it_went_on(cell: str) -> None:
    assert unshielded(shielded(cell)) == cell


def test_a_file_ends_where_an_import_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commerce.shopify_export.MAX_ROWS", 3)
    variants = [NewVariant(f"{place}", 100, "USD", options=[f"{place}"]) for place in range(2)]
    made = [
        NewProduct(title="Mug", handle=f"{number}", options=["Size"], variants=variants)
        for number in range(2)
    ]

    exported = write(made)

    assert exported.products == 1
    assert [product.handle for product in parse(exported.data, currency="USD").products] == ["0"]


async def test_units_on_sale_are_exported_with_the_warehouse(connection: Connection) -> None:
    offer = await add_open_offer(connection, quantity=40)
    before, _ = await products.search(connection)

    found, ids = await products.export(connection, currency="USD", after=None, limit=10)
    read = parse(write(found).data, currency="USD").products
    await products.import_products(connection, read)

    assert ids == [before[0].id]
    assert [variant.available for variant in found[0].variants] == [100]
    assert await available(connection, offer) == 60
    assert (await products.search(connection))[0] == before
    assert await products.export(connection, currency="EUR", after=None, limit=10) == ([], [])
