from commerce.catalogue_import import ImportReport, import_file
from commerce.shopify import RefusedLine
from commerce.store.pool import Connection, Pool
from commerce.store.products import search

HEADER = "Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty"
MUG = "mug,Mug,M,9.90,5"
PLATE = "plate,Plate,P,7,3"


def file(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows]).encode()


async def stock(connection: Connection) -> dict[str, int]:
    products, _ = await search(connection)
    return {v.sku: v.available for product in products for v in product.variants}


async def test_a_sound_file_is_imported(pool: Pool, connection: Connection) -> None:
    report = await import_file(pool, file(MUG, PLATE), currency="USD")

    assert report == ImportReport(created=2, updated=0, variants=2, refused=[])
    assert await stock(connection) == {"M": 5, "P": 3}


async def test_a_file_may_be_imported_again(pool: Pool, connection: Connection) -> None:
    await import_file(pool, file(MUG, PLATE), currency="USD")

    report = await import_file(pool, file("mug,Mug,M,9.90,8"), currency="USD")

    assert report == ImportReport(created=0, updated=1, variants=1, refused=[])
    assert await stock(connection) == {"M": 8, "P": 3}


async def test_with_a_refused_line_nothing_is_written(pool: Pool, connection: Connection) -> None:
    report = await import_file(pool, file(MUG, "plate,Plate,P,free,3"), currency="USD")

    assert (report.created, report.updated, report.variants) == (0, 0, 0)
    assert [(each.line, each.code) for each in report.refused] == [(3, "bad_amount")]
    assert await stock(connection) == {}


async def test_whoever_skips_refused_lines_gets_the_other_products_whole(
    pool: Pool, connection: Connection
) -> None:
    data = file(MUG, PLATE, "plate,,P2,free,3")

    report = await import_file(pool, data, currency="USD", skip_refused=True)

    assert (report.created, report.updated, report.variants) == (1, 0, 1)
    assert {each.line for each in report.refused} == {4}
    assert await stock(connection) == {"M": 5}


async def test_a_sku_of_another_product_is_refused_on_its_line(
    pool: Pool, connection: Connection
) -> None:
    await import_file(pool, file(MUG), currency="USD")
    data = file(PLATE, "cup,Cup,M,5,1")
    refused = [RefusedLine(3, "sku_taken", "the SKU M belongs to the product mug", "Variant SKU")]

    assert await import_file(pool, data, currency="USD") == ImportReport(0, 0, 0, refused)
    assert await stock(connection) == {"M": 5}

    report = await import_file(pool, data, currency="USD", skip_refused=True)
    assert report == ImportReport(1, 0, 1, refused)
    assert await stock(connection) == {"M": 5, "P": 3}


async def test_a_file_that_is_no_table_is_reported_and_never_skipped(
    pool: Pool, connection: Connection
) -> None:
    report = await import_file(pool, b"not a table", currency="USD", skip_refused=True)

    assert (report.created, report.updated, report.variants) == (0, 0, 0)
    assert [each.code for each in report.refused] == ["missing_columns"]
    assert await stock(connection) == {}
