"""Finding products."""

import pytest

from commerce.catalogue import NewProduct, NewVariant, ProductStatus
from commerce.store import products
from commerce.store.pool import Connection

SHELF: tuple[tuple[str, str, str, list[str], str, ProductStatus], ...] = (
    ("Speckled Teapot", "Tarn & Thimble", "Tea", ["stoneware", "gift"], "TT-CER-101", "active"),
    ("Moon Glaze Mug", "Tarn & Thimble", "Tea", ["mug"], "TT-CER-102", "active"),
    ("月光马克杯", "唐窑", "茶具", ["手工"], "TY-7", "active"),
    ("Éclair T-Shirt", "O'Neill", "Clothes", ["50% off\\"], "SH_1", "draft"),
    ("Old mug", "Attic", "Tea", [], "OLD-1", "archived"),
)


async def fill(connection: Connection) -> None:
    for title, vendor, kind, tags, sku, status in SHELF:
        variant = NewVariant(sku=sku, price_minor=100, currency="USD")
        new = NewProduct(
            title=title,
            vendor=vendor,
            kind=kind,
            tags=tags,
            status=status,
            variants=[variant],
        )
        await products.create(connection, new)


async def found(connection: Connection, text: str | None, **filters: str) -> list[str]:
    page, _ = await products.search(connection, text=text, **filters)  # type: ignore[arg-type]
    return [product.variants[0].sku for product in page]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("teapot", ["TT-CER-101"]),
        ("TEA", ["TT-CER-102", "TT-CER-101"]),
        ("speck tea", ["TT-CER-101"]),
        ("thimble mug", ["TT-CER-102"]),
        ("tt-cer-10", ["TT-CER-102", "TT-CER-101"]),
        ("cer-101", ["TT-CER-101"]),
        ("gift", ["TT-CER-101"]),
        ("马克杯", ["TY-7"]),
        ("光马", ["TY-7"]),
        ("杯", ["TY-7"]),
        ("唐窑 月光", ["TY-7"]),
        ("光克", []),
        ("éclair", ["SH_1"]),
        ("ＴＴ－ＣＥＲ－101", ["TT-CER-101"]),
        ("t-shirt", ["SH_1"]),
        ("o'neill", ["SH_1"]),
        ("50% off\\", ["SH_1"]),
        ("shirt & !mug", []),
        ("'; --", []),
        ("old", []),
        ("pot", []),
        ("  ", ["TT-CER-102", "TT-CER-101", "SH_1", "TY-7"]),
    ],
)
async def test_words_are_found_by_how_they_begin(
    connection: Connection, text: str, expected: list[str]
) -> None:
    await fill(connection)

    assert await found(connection, text) == expected


async def test_a_filter_leaves_out_the_others(connection: Connection) -> None:
    await fill(connection)

    assert await found(connection, None, kind="tea") == ["TT-CER-102", "TT-CER-101"]
    assert await found(connection, "tarn", kind="Tea", status="draft") == []
    assert await found(connection, None, status="draft") == ["SH_1"]
    assert await found(connection, "mug", status="archived") == ["OLD-1"]


@pytest.mark.parametrize("near", [1, 2000])
@pytest.mark.parametrize("text", [None, "tarn", "mug"])
async def test_pages_follow_each_other_wherever_they_are_found(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, near: int, text: str | None
) -> None:
    monkeypatch.setattr(products, "NEAR", near)
    for number in range(7):
        kind: ProductStatus = "archived" if number == 3 else "active"
        await products.create(
            connection,
            NewProduct(
                title=f"{'Mug' if number % 2 else 'mug'} {number // 2}",
                vendor="Tarn",
                status=kind,
                variants=[NewVariant(sku=f"M{number}", price_minor=100, currency="USD")],
            ),
        )

    seen, after = list[str](), None
    while True:
        page, after = await products.search(connection, text=text, after=after, limit=2)
        seen += [product.variants[0].sku for product in page]
        if after is None:
            break

    assert seen == ["M0", "M1", "M2", "M4", "M5", "M6"]
    assert await products.search(connection, after="prd_none") == ([], None)
