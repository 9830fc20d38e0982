"""
Pictures as a shop shows them, developed from whatever a camera or a program wrote.

Pure: bytes in, bytes out. Invariant: what comes out was encoded here, pixel by pixel, so that no
byte of what came in (places in EXIF, scripts, a second file behind the first) reaches anybody.
"""

import io
import warnings
from typing import Final

from msgspec import Struct
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

FORMATS: Final = ("JPEG", "PNG", "WEBP")
"""What is decoded at all: each further decoder is one more to keep safe."""

MAX_PIXELS: Final = 50_000_000
"""The 48 megapixels of a phone's best camera; decoded, they take 200 MB."""

MAX_SIDE: Final = 16_384
"""Of WebP, 16,383; what is longer is a strip, not a picture of something to sell."""

FULL_PX: Final = 1280
"""The longer side of a picture across a phone of three pixels a point; some 120 KB."""

SMALL_PX: Final = 320
"""The same for a card or a row, at most 106 points wide; some 15 KB."""

QUALITY: Final = 82
"""Where WebP's artefacts begin to be looked for rather than seen."""

_SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


class Undevelopable(Exception):
    """Why no picture came of some bytes: a code of the interface, and a sentence."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code: Final = code
        self.detail: Final = detail


class Developed(Struct, frozen=True):
    """A picture in two sizes, as WebP in sRGB, upright; the sides are of the full one."""

    full: bytes
    small: bytes
    width: int
    height: int


def develop(data: bytes) -> Developed:
    """
    Return a picture to show; its first frame when it moves. A few seconds at most.

    Raises:
        Undevelopable: it is no picture of these formats, is cut short, or is too large.

    """
    try:
        with warnings.catch_warnings():
            # Its own bound is a warning, and higher than ours.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                _measure(opened)
                # A JPEG is decoded at an eighth, a quarter or a half if that is enough.
                opened.draft("RGB", (FULL_PX, FULL_PX))
                opened.load()
                upright = _in_srgb(ImageOps.exif_transpose(opened))
    except UnidentifiedImageError:
        detail = "this is no picture that can be read: send a JPEG, PNG or WebP file"
        raise Undevelopable("unreadable_picture", detail) from None
    except Image.DecompressionBombError:
        raise _too_large() from None
    except (OSError, SyntaxError, ValueError, EOFError):
        # What Pillow's decoders raise for files that are cut short or damaged.
        detail = "this picture is damaged or cut short; send the whole file again"
        raise Undevelopable("unreadable_picture", detail) from None
    full = _within(upright, FULL_PX)
    return Developed(_webp(full), _webp(_within(full, SMALL_PX)), full.width, full.height)


def _measure(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise _too_large()


def _too_large() -> Undevelopable:
    detail = (
        f"this picture has more than {MAX_PIXELS // 1_000_000} million pixels, or a side of more "
        f"than {MAX_SIDE}; send a smaller one"
    )
    return Undevelopable("picture_too_large", detail)


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Return the picture in the colours that every screen assumes; phones write others."""
    clear = picture.mode in ("LA", "PA", "RGBA") or "transparency" in picture.info
    mode = "RGBA" if clear else "RGB"
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "RGBA", "CMYK", "L"):
        try:
            there = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            own = picture if picture.mode != "RGBA" else picture.convert("RGB")
            matched = ImageCms.profileToProfile(own, there, _SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            # A profile that cannot be read is as good as none.
            return picture.convert(mode)
        if matched is not None:
            if picture.mode == "RGBA":
                matched.putalpha(picture.getchannel("A"))
            return matched
    return picture.convert(mode)


def _within(picture: Image.Image, side: int) -> Image.Image:
    if max(picture.size) <= side:
        return picture
    smaller = picture.copy()
    smaller.thumbnail((side, side), Image.Resampling.LANCZOS)
    return smaller


def _webp(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    # Whatever else is known of it stays behind.
    picture.info = {}
    picture.save(written, "WEBP", quality=QUALITY, method=4)
    return written.getvalue()
