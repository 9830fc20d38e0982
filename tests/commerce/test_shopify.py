"""What a file of products may look like, and what is said about one that may not."""

import codecs

import msgspec
import pytest
from hypothesis import given, strategies as st

from commerce.catalogue import NewProduct, NewVariant, problems
from commerce.shopify import MAX_NAME_CHARACTERS, READ_COLUMNS, RefusedLine, generated_sku, parse
from commerce.table import MAX_ROWS

HEADER = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,"
    "Option2 Name,Option2 Value,Variant SKU,Variant Grams,Variant Inventory Qty,"
    "Variant Inventory Policy,Variant Price,Variant Compare At Price,Image Src,Variant Image,Status"
)
COLUMNS = HEADER.split(",")


def row(**cells: str) -> str:
    """A line of a file; ``Option1_Name`` stands for the column ``Option1 Name``."""
    named = {name.replace("_", " "): value for name, value in cells.items()}
    if "Body" in named:
        named["Body (HTML)"] = named.pop("Body")
    assert named.keys() <= set(COLUMNS)
    return ",".join(named.get(column, "") for column in COLUMNS)


def file(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows, ""]).encode()


def mug(**cells: str) -> str:
    return row(
        **{"Handle": "mug", "Title": "Mug", "Variant_SKU": "M", "Variant_Price": "9"} | cells
    )


def refusals(data: bytes, currency: str = "USD") -> list[tuple[int, str | None, str]]:
    return [(each.line, each.column, each.code) for each in parse(data, currency=currency).refused]


def only_refusal(data: bytes) -> RefusedLine:
    """The one refusal of a file out of which nothing may be imported."""
    parsed = parse(data, currency="USD")
    assert parsed.products == []
    (refused,) = parsed.refused
    return refused


# -- What is read -------------------------------------------------------------------------------


def test_the_rows_of_a_handle_are_one_product() -> None:
    data = file(
        row(
            Handle="shirt",
            Title="Linen shirt",
            Body="<p>Soft</p>",
            Vendor="Loom",
            Type="Clothes",
            Tags='"summer, linen, summer"',
            Published="true",
            Option1_Name="Colour",
            Option1_Value="Red",
            Option2_Name="Size",
            Option2_Value="M",
            Variant_SKU="S-R-M",
            Variant_Grams="250.0",
            Variant_Inventory_Qty="12",
            Variant_Inventory_Policy="deny",
            Variant_Price="19.90",
            Variant_Compare_At_Price="25.00",
            Image_Src="/sample/shirt.svg",
            Status="active",
        ),
        row(
            Handle="shirt",
            Option1_Value="Red",
            Option2_Value="L",
            Variant_SKU="S-R-L",
            Variant_Price="21",
            Variant_Compare_At_Price="21",
            Image_Src="https://shop.example/2.jpg",
            Variant_Image="/sample/red.svg",
        ),
        row(Handle="shirt", Image_Src="http://shop.example/3.jpg"),
    )

    parsed = parse(data, currency="USD")

    assert parsed.refused == []
    assert parsed.lines == {"S-R-M": 2, "S-R-L": 3}
    assert parsed.products == [
        NewProduct(
            handle="shirt",
            title="Linen shirt",
            body_html="<p>Soft</p>",
            vendor="Loom",
            kind="Clothes",
            tags=["summer", "linen"],
            options=["Colour", "Size"],
            pictures=[
                "/sample/shirt.svg",
                "https://shop.example/2.jpg",
                "http://shop.example/3.jpg",
            ],
            variants=[
                NewVariant(
                    sku="S-R-M",
                    price_minor=1990,
                    was_minor=2500,
                    currency="USD",
                    available=12,
                    options=["Red", "M"],
                    grams=250,
                ),
                NewVariant(
                    sku="S-R-L",
                    price_minor=2100,
                    currency="USD",
                    options=["Red", "L"],
                    picture="/sample/red.svg",
                ),
            ],
        )
    ]


def test_a_product_without_a_choice_has_no_options() -> None:
    data = file(mug(Option1_Name="Title", Option1_Value="Default Title"))

    (product,) = parse(data, currency="USD").products

    assert product.options == []
    assert product.variants == [NewVariant(sku="M", price_minor=900, currency="USD")]


def test_an_option_may_be_called_title() -> None:
    data = file(mug(Option1_Name="Title", Option1_Value="Dune"))

    (product,) = parse(data, currency="USD").products

    assert (product.options, product.variants[0].options) == (["Title"], ["Dune"])


def test_rows_of_a_product_need_not_stand_together() -> None:
    data = file(
        mug(Option1_Name="Size", Option1_Value="S"),
        row(Handle="plate", Title="Plate", Variant_SKU="P", Variant_Price="7"),
        row(Handle="mug", Option1_Value="L", Variant_SKU="ML", Variant_Price="10"),
    )

    parsed = parse(data, currency="USD")

    assert [(p.handle, len(p.variants)) for p in parsed.products] == [("mug", 2), ("plate", 1)]


def test_a_missing_sku_is_made_from_the_handle_and_the_options_the_same_every_time() -> None:
    data = file(
        mug(Variant_SKU="", Option1_Name="尺寸", Option1_Value="大"),
        row(Handle="mug", Option1_Value="小", Variant_Price="9"),
    )

    first, second = parse(data, currency="USD"), parse(data, currency="USD")

    assert first == second
    skus = [variant.sku for variant in first.products[0].variants]
    assert skus == [generated_sku("mug", ["大"]), generated_sku("mug", ["小"])]
    assert len(set(skus)) == 2


@pytest.mark.parametrize(
    ("status", "published", "expected"),
    [
        ("", "", "active"),
        ("Active", "TRUE", "active"),
        ("active", "false", "draft"),
        ("draft", "true", "draft"),
        ("archived", "true", "archived"),
    ],
)
def test_status_and_published_together_say_whether_it_is_for_sale(
    status: str, published: str, expected: str
) -> None:
    (product,) = parse(file(mug(Status=status, Published=published)), currency="USD").products

    assert product.status == expected


def test_a_compare_at_price_that_is_not_higher_is_dropped() -> None:
    data = file(mug(Variant_Compare_At_Price="9.00"))

    assert parse(data, currency="USD").products[0].variants[0].was_minor is None


def test_unknown_columns_are_ignored() -> None:
    data = b"Handle,Cost per item,Title,Variant Price,Variant SKU\nmug,not a number,Mug,9,M\n"

    parsed = parse(data, currency="USD")

    assert (parsed.refused, parsed.products[0].variants[0].price_minor) == ([], 900)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_line_ends_of_every_system_and_a_byte_order_mark_are_fine(
    line_end: str, mark: bytes
) -> None:
    data = mark + file(mug(Title="Tasse à café")).replace(b"\n", line_end.encode())

    parsed = parse(data, currency="USD")

    assert (parsed.refused, parsed.products[0].title) == ([], "Tasse à café")


def test_blank_rows_are_skipped() -> None:
    data = file("", row(), mug(), row(), "")

    parsed = parse(data, currency="USD")

    assert (parsed.refused, parsed.lines) == ([], {"M": 4})


# -- What is refused: a line, and its product ---------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"Title": ""}, "Title", "missing_title"),
        ({"Title": "x" * (MAX_NAME_CHARACTERS + 1)}, "Title", "too_long"),
        ({"Handle": "a mug"}, "Handle", "bad_handle"),
        ({"Handle": "../mug"}, "Handle", "bad_handle"),
        ({"Body": "x" * 65_537}, "Body (HTML)", "too_long"),
        ({"Variant_Price": ""}, "Variant Price", "missing_price"),
        ({"Variant_Price": "free"}, "Variant Price", "bad_amount"),
        ({"Variant_Price": "-1"}, "Variant Price", "bad_amount"),
        ({"Variant_Price": "1.999"}, "Variant Price", "bad_amount"),
        ({"Variant_Price": '"1,299.00"'}, "Variant Price", "bad_amount"),
        ({"Variant_Price": "99999999999"}, "Variant Price", "bad_amount"),
        ({"Variant_Compare_At_Price": "soon"}, "Variant Compare At Price", "bad_amount"),
        ({"Variant_Inventory_Qty": "-3"}, "Variant Inventory Qty", "negative_number"),
        ({"Variant_Inventory_Qty": "1.5"}, "Variant Inventory Qty", "bad_number"),
        ({"Variant_Inventory_Qty": "99999999"}, "Variant Inventory Qty", "bad_number"),
        ({"Variant_Grams": "heavy"}, "Variant Grams", "bad_number"),
        ({"Variant_SKU": "x" * 65}, "Variant SKU", "bad_sku"),
        ({"Status": "gone"}, "Status", "bad_status"),
        ({"Published": "maybe"}, "Published", "bad_published"),
        ({"Image_Src": "javascript:alert(1)"}, "Image Src", "bad_picture"),
        ({"Image_Src": '"data:image/png;base64,AA"'}, "Image Src", "bad_picture"),
        ({"Image_Src": "//elsewhere.example/x.png"}, "Image Src", "bad_picture"),
        ({"Image_Src": "/\\elsewhere.example/x.png"}, "Image Src", "bad_picture"),
        ({"Image_Src": "picture.png"}, "Image Src", "bad_picture"),
        ({"Variant_Image": "ftp://shop.example/x.png"}, "Variant Image", "bad_picture"),
        ({"Option1_Value": "Red"}, "Option1 Value", "unnamed_option"),
        ({"Option1_Name": "Colour"}, "Option1 Value", "missing_option_value"),
        (
            {
                "Option1_Name": "Size",
                "Option1_Value": "S",
                "Option2_Name": "Size",
                "Option2_Value": "M",
            },
            None,
            "duplicate_option_name",
        ),
    ],
)
def test_a_line_that_cannot_be_accepted_keeps_its_product_out_and_no_other(
    cells: dict[str, str], column: str | None, code: str
) -> None:
    plate = row(Handle="plate", Title="Plate", Variant_SKU="P", Variant_Price="7")
    data = file(plate, mug(**cells))

    assert refusals(data) == [(3, column, code)]
    parsed = parse(data, currency="USD")
    assert [product.handle for product in parsed.products] == ["plate"]
    assert parsed.lines == {"P": 2}


def test_every_fault_of_a_product_is_named_at_once() -> None:
    data = file(
        mug(Variant_Price="free", Option1_Name="Size", Option1_Value="S"),
        row(Handle="mug", Option1_Value="S", Variant_SKU="ML", Variant_Price="10"),
        row(Handle="mug", Image_Src="nowhere"),
    )

    assert refusals(data) == [
        (2, "Variant Price", "bad_amount"),
        (3, None, "duplicate_options"),
        (4, "Image Src", "bad_picture"),
    ]


def test_the_second_use_of_a_sku_is_refused_and_names_the_first() -> None:
    data = file(mug(), row(Handle="plate", Title="Plate", Variant_SKU="M", Variant_Price="7"))

    parsed = parse(data, currency="USD")

    assert parsed.refused == [
        RefusedLine(3, "duplicate_sku", "the SKU M is on line 2 already", "Variant SKU")
    ]
    assert [product.handle for product in parsed.products] == ["mug"]


def test_a_second_row_of_a_product_without_options_is_refused() -> None:
    data = file(mug(), mug(Title="", Variant_SKU="M2"))

    assert refusals(data) == [(3, None, "duplicate_options")]


@pytest.mark.parametrize("torn", ["mug,Mug", mug() + ",more"])
def test_a_row_with_another_number_of_cells_is_refused(torn: str) -> None:
    plate = row(Handle="plate", Title="Plate", Variant_SKU="P", Variant_Price="7")
    data = file(torn, plate)

    assert refusals(data) == [(2, None, "ragged_row")]
    assert [product.handle for product in parse(data, currency="USD").products] == ["plate"]


def test_a_row_without_a_handle_is_refused() -> None:
    data = file(row(Title="Nobody's", Variant_Price="1"), mug())

    assert refusals(data) == [(2, "Handle", "missing_handle")]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    body = '"<p>one</p>\n<p>two</p>\r\n<p>three</p>"'
    data = file(mug(Body=body), row(Handle="plate", Title="Plate", Variant_Price="free"))

    assert refusals(data) == [(5, "Variant Price", "bad_amount")]
    assert parse(data, currency="USD").products[0].body_html == body.strip('"')


def test_prices_follow_the_currency() -> None:
    assert refusals(file(mug(Variant_Price="1200.50")), "JPY") == [
        (2, "Variant Price", "bad_amount")
    ]
    (product,) = parse(file(mug(Variant_Price="1200")), currency="JPY").products
    assert (product.variants[0].price_minor, product.variants[0].currency) == (1200, "JPY")


# -- What is refused: the file ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "line", "code", "named"),
    [
        (b"", 1, "empty_file", "empty"),
        (b"\n\n", 1, "empty_file", "empty"),
        (codecs.BOM_UTF8, 1, "empty_file", "empty"),
        (file(), 1, "no_products", "no products"),
        (b"Title,Variant SKU\nMug,M\n", 1, "missing_columns", "Handle, Variant Price"),
        (b"Handle;Title;Variant Price\nmug;Mug;9\n", 1, "missing_columns", "commas"),
        (b"Handle,Title,Variant Price,Title\nm,M,9,M\n", 1, "duplicate_column", "Title"),
        (codecs.BOM_UTF16_LE + "Handle".encode("utf-16-le"), 1, "wrong_encoding", "UTF-16"),
        (codecs.BOM_UTF16_BE + "Handle".encode("utf-16-be"), 1, "wrong_encoding", "UTF-16"),
        (codecs.BOM_UTF32_LE + "Handle".encode("utf-32-le"), 1, "wrong_encoding", "UTF-32"),
        (file(mug(Title="Tasse à café")).decode().encode("latin-1"), 2, "wrong_encoding", "0xe0"),
        (file(mug(), mug(Title="茶杯")).decode().encode("gb18030"), 3, "wrong_encoding", "UTF-8"),
        (file(mug(), mug(Title="M\0g")), 3, "nul_byte", "NUL"),
        (file(mug(), mug(Title='"Mug')), 3, "unclosed_quote", "never closed"),
        (file(mug(Title='"Mug'), *[mug()] * 9_000), 2, "unclosed_quote", "never closed"),
        (file(mug(), mug(Title='"My" mug')), 3, "malformed_quote", "quote"),
        (file(*[mug()] * (MAX_ROWS + 1)), MAX_ROWS + 2, "too_many_rows", "20000"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_no_such_table_is_refused_with_one_line(
    data: bytes, line: int, code: str, named: str
) -> None:
    refused = only_refusal(data)

    assert (refused.line, refused.code) == (line, code)
    assert named in refused.detail


# -- What always holds --------------------------------------------------------------------------

cells = st.sampled_from(
    ["", "mug", "Mug", "9", "9.99", "-1", "S", "Size", "true", "draft", "/a.png", '"a\nb"', "x y"]
)
tables = st.lists(st.lists(cells, min_size=19, max_size=21).map(",".join), max_size=8)


@given(data=st.binary(max_size=200) | tables.map(lambda rows: file(*rows)))
def test_whatever_the_file_its_products_are_sound_and_its_refusals_name_a_line(
    data: bytes,
) -> None:
    parsed = parse(data, currency="USD")

    for product in parsed.products:
        assert msgspec.json.decode(msgspec.json.encode(product), type=NewProduct) == product
        assert problems(product) == []
        assert all(variant.sku in parsed.lines for variant in product.variants)
    assert parsed.products or parsed.refused
    lines = 1 + len(data.splitlines())
    assert all(1 <= refused.line <= lines for refused in parsed.refused)
    assert all(refused.column in {None, *READ_COLUMNS} for refused in parsed.refused)
