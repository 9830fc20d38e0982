from pathlib import Path

import httpx

from live.embedded import Services
from live.sample import CATALOGUE
from tests.live.shops import Visitor, open_web, teapot

GOOD = (
    b"Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty\nmug,Moon mug,MUG-1,24.00,12\n"
)


async def send(
    host: Visitor, data: bytes, *, query: str = "", kind: str = "text/csv"
) -> httpx.Response:
    return await host.client.post(
        f"/api/products/import{query}",
        content=data,
        headers={**host.headers, "content-type": kind},
    )


async def test_a_product_is_created_found_and_shown(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        created = await host.post("/api/products", teapot("red"))
        found = await host.get("/api/products?search=teapot")
        shown = await host.get(f"/api/products/{created.json()['id']}")

        assert created.status_code == 201
        assert created.json()["variants"][0]["sku"] == "POT-red"
        assert found.json() == {"products": [created.json()]}
        assert shown.json() == created.json()


async def test_the_catalogue_is_the_hosts(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        viewer = await web.guest()

        assert (await viewer.get("/api/products")).status_code == 403
        assert (await viewer.post("/api/products", teapot("red"))).status_code == 403
        assert (await web.nobody.get("/api/products")).status_code == 401


async def test_the_sample_catalogue_is_imported_whole(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        first = await send(host, CATALOGUE.read_bytes())
        again = await send(host, CATALOGUE.read_bytes())

        assert first.status_code == 200, first.text
        assert first.json()["refused"] == []
        assert first.json()["created"] > 50
        assert (again.json()["created"], again.json()["updated"]) == (0, first.json()["created"])


async def test_a_file_with_a_bad_line_changes_nothing(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        refused = await send(host, GOOD + b"pot,Teapot,POT-1,forty,3\n")
        found = await host.get("/api/products")

        assert refused.status_code == 422
        assert refused.headers["content-type"] == "application/json"
        assert (refused.json()["created"], refused.json()["updated"]) == (0, 0)
        (line,) = refused.json()["refused"]
        assert (line["line"], line["column"]) == (3, "Variant Price")
        assert found.json() == {"products": []}


async def test_the_good_products_of_a_file_can_be_imported_alone(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        imported = await send(
            host, GOOD + b"pot,Teapot,POT-1,forty,3\n", query="?skip_refused=true"
        )
        found = await host.get("/api/products")

        assert imported.status_code == 200
        assert (imported.json()["created"], len(imported.json()["refused"])) == (1, 1)
        assert [product["handle"] for product in found.json()["products"]] == ["mug"]


async def test_a_file_in_another_encoding_is_refused_with_advice(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        utf_16 = await send(host, GOOD.decode().encode("utf-16"))
        latin = await send(host, GOOD + "pot,Théière,POT-1,40.00,3\n".encode("latin-1"))

        assert utf_16.status_code == 422
        assert "UTF-8" in utf_16.json()["refused"][0]["detail"]
        assert latin.status_code == 422
        assert latin.json()["refused"][0]["line"] == 3


async def test_a_file_that_is_not_said_to_be_csv_is_refused(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        refused = await send(host, GOOD, kind="application/json")

        assert (refused.status_code, refused.json()["code"]) == (415, "wrong_content_type")
        assert refused.json()["detail"] == "The body must be text/csv, not application/json"
