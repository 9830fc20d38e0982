import io
import struct
import zlib
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image, ImageCms

from live import darkroom
from live.darkroom import Undevelopable, develop
from live.embedded import Services
from tests.live.shops import Visitor, open_web, teapot

RED, BLUE = (200, 30, 30), (30, 30, 200)
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def painted(width: int, height: int, kind: str = "JPEG", **how: Any) -> bytes:
    """Return a picture, its left half red and its right half blue."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (width // 2, 0, width, height))
    written = io.BytesIO()
    picture.save(written, kind, **how)
    return written.getvalue()


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of some kilobytes that says it is as large as this, and is."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1 + (width + 7) // 8) * height, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


async def send(host: Visitor, data: bytes, kind: str = "image/jpeg") -> httpx.Response:
    return await host.client.post(
        "/api/pictures", content=data, headers={**host.headers, "content-type": kind}
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_is_kept_and_served_in_two_sizes(
    services: Services, tmp_path: Path, kind: str
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        kept = await send(host, painted(2000, 1000, kind), f"image/{kind.lower()}")
        assert kept.status_code == 201, kept.text
        view = kept.json()
        full = await web.nobody.get(view["url"])
        small = await web.nobody.get(view["small"])

        assert (view["width"], view["height"]) == (1280, 640)
        assert (opened(full.content).format, opened(full.content).size) == ("WEBP", (1280, 640))
        assert opened(small.content).size == (320, 160)
        assert full.headers["content-type"] == "image/webp"
        assert full.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert full.headers["x-content-type-options"] == "nosniff"


async def test_the_same_picture_has_the_same_name(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        first = await send(host, painted(40, 40))
        again = await send(host, painted(40, 40))
        other = await send(host, painted(40, 44))

        assert first.json() == again.json()
        assert first.json()["url"] != other.json()["url"]
        assert len(list((tmp_path / "pictures").iterdir())) == 4


@pytest.mark.parametrize(
    ("data", "kind", "status", "code"),
    [
        (HTML, "image/png", 422, "unreadable_picture"),
        (SVG, "image/webp", 422, "unreadable_picture"),
        (SVG, "image/svg+xml", 415, "wrong_content_type"),
        (HTML, "text/html", 415, "wrong_content_type"),
        (b"", "image/jpeg", 422, "unreadable_picture"),
        (painted(400, 400)[:1500], "image/jpeg", 422, "unreadable_picture"),
        (painted(400, 400, "PNG")[:-40], "image/png", 422, "unreadable_picture"),
        (painted(400, 400, "WEBP")[:-40], "image/webp", 422, "unreadable_picture"),
        (painted(40, 40, "GIF"), "image/png", 422, "unreadable_picture"),
        (bomb(30_000, 10), "image/png", 422, "picture_too_large"),
        (bomb(10_000, 10_000), "image/png", 422, "picture_too_large"),
        (bomb(16_000, 16_000), "image/png", 422, "picture_too_large"),
    ],
)
async def test_what_is_no_sound_picture_is_refused_and_not_kept(
    services: Services, tmp_path: Path, data: bytes, kind: str, status: int, code: str
) -> None:
    async with open_web(services, tmp_path) as web:
        refused = await send(await web.member("host"), data, kind)

        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert not (tmp_path / "pictures").exists()


async def test_a_picture_whose_type_is_said_wrong_is_what_its_bytes_say(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        kept = await send(await web.member("host"), painted(40, 40, "PNG"), "image/jpeg")
        served = await web.nobody.get(kept.json()["url"])

        assert served.headers["content-type"] == "image/webp"
        assert opened(served.content).format == "WEBP"


async def test_a_file_behind_the_picture_does_not_come_out(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        kept = await send(await web.member("host"), painted(40, 40, "PNG") + HTML, "image/png")
        served = await web.nobody.get(kept.json()["url"])

        assert kept.status_code == 201
        assert b"script" not in served.content


async def test_a_file_larger_than_an_upload_may_be_is_refused(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path, MAX_UPLOAD_BYTES="2048") as web:
        refused = await send(await web.member("host"), bytes(2049))

        assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


async def test_pictures_are_uploaded_by_hosts_alone(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        assert (await send(await web.guest(), painted(40, 40))).status_code == 403
        assert (await send(web.nobody, painted(40, 40))).status_code == 401
        assert not (tmp_path / "pictures").exists()


async def test_a_folder_that_cannot_be_written_to_is_said(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        (tmp_path / "pictures").write_text("a file in its place")
        refused = await send(await web.member("host"), painted(40, 40))

        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert "data directory" in refused.json()["detail"]


@pytest.mark.parametrize(
    "name", ["..%2Fsecret", "0" * 32, "0" * 32 + ".webp", "x.html", "%00", ".webp"]
)
async def test_nothing_but_pictures_is_served(
    services: Services, tmp_path: Path, name: str
) -> None:
    async with open_web(services, tmp_path) as web:
        (tmp_path / "secret").write_text("secret")
        (tmp_path / "pictures").mkdir()
        (tmp_path / "pictures" / "x.html").write_bytes(HTML)

        assert (await web.nobody.get(f"/pictures/{name}")).status_code == 404


async def test_a_product_shows_what_was_uploaded_and_says_what_it_shows(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        urls = [(await send(host, painted(40, 40 + n))).json()["url"] for n in range(2)]
        alts = {urls[0]: "A teapot from its side"}
        product = (
            await host.post("/api/products", {**teapot("a"), "pictures": urls, "alts": alts})
        ).json()
        path = f"/api/products/{product['id']}"
        turned = await host.send("PATCH", path, {"pictures": urls[::-1]})
        renamed = await host.send("PATCH", path, {"alts": {urls[1]: "Its lid"}})
        show = (await host.post("/api/shows", {"title": "Tea time"})).json()["id"]
        new = {"variant": product["variants"][0]["id"], "quantity": 1}
        offer = (await host.post(f"/api/shows/{show}/offers", new)).json()
        await host.send("PATCH", path, {"alts": {urls[1]: ""}})
        plain = (await host.get(f"/api/offers/{offer['id']}")).json()

        assert (product["pictures"], product["alts"]) == (urls, alts)
        assert (turned.json()["pictures"], turned.json()["alts"]) == (urls[::-1], alts)
        assert renamed.json()["alts"] == {urls[1]: "Its lid"}
        # So does what is for sale of it, as far as somebody said anything.
        assert (offer["picture"], offer["picture_alt"]) == (urls[1], "Its lid")
        assert (plain["picture"], "picture_alt" in plain) == (urls[1], False)


def test_a_picture_is_upright_and_says_nothing_of_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a phone held upright
    exif[0x010F] = "A maker"
    exif.get_ifd(0x8825)[1] = "N"
    developed = develop(painted(400, 200, exif=exif.tobytes()))
    picture = opened(developed.full)

    assert (picture.size, developed.width, developed.height) == ((200, 400), 200, 400)
    assert dict(picture.getexif()) == {}
    assert b"A maker" not in developed.full
    top, bottom = (
        picture.convert("RGB").getpixel((100, 40)),
        picture.convert("RGB").getpixel((100, 360)),
    )
    assert near(top, RED)
    assert near(bottom, BLUE)


def test_what_is_clear_stays_clear() -> None:
    picture = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    written = io.BytesIO()
    picture.save(written, "PNG")

    assert opened(develop(written.getvalue()).full).getchannel("A").getpixel((5, 5)) == 0


def test_the_colours_of_another_space_become_those_of_screens() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    for profile in (srgb, lab, b"no profile"):
        picture = opened(develop(painted(40, 40, icc_profile=profile)).full)
        assert "icc_profile" not in picture.info
        assert near(picture.convert("RGB").getpixel((5, 5)), RED)


def test_a_small_picture_is_not_blown_up() -> None:
    developed = develop(painted(50, 30, "PNG"))

    assert (developed.width, developed.height) == (50, 30)
    assert opened(developed.small).size == (50, 30)


def test_the_largest_picture_that_may_come_is_developed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(darkroom, "MAX_PIXELS", 1_000_000)

    assert develop(bomb(1000, 1000)).width == 1000
    with pytest.raises(Undevelopable) as refusal:
        develop(bomb(1000, 1001))
    assert refusal.value.code == "picture_too_large"


def near(seen: Any, meant: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 24 for a, b in zip(seen[:3], meant, strict=True))
