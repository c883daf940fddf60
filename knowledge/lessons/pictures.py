"""Pictures of lessons: whatever somebody brings becomes a small picture without anything else in it, or is refused."""

import hashlib
import struct
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from knowledge.kit.language import _
from knowledge.lessons.errors import PictureUnusable

MOST_BYTES = 20_000_000
MOST_PIXELS = 40_000_000
SMALLEST_SIDE = 16
LARGEST_SIDE = 1280
SMALL_BYTES = 300_000
_FORMATS = ("PNG", "JPEG", "WEBP")
# What Pillow raises for damaged and hostile files is not one family.
_DAMAGED = (
    OSError,
    ValueError,
    SyntaxError,
    LookupError,
    ArithmeticError,
    MemoryError,
    EOFError,
    TypeError,
    AttributeError,
    RuntimeError,
    struct.error,
)
_ORIENTATION = 0x0112
# How a picture is turned upright, by what its camera said.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_QUALITIES = (88, 78, 68, 58, 48)
# How much smaller it is made where a picture of the largest side has too many bytes.
_SIDES = (LARGEST_SIDE, 960, 640, 480, 320)


@dataclass(frozen=True, slots=True)
class SmallPicture:
    """A picture fit for a chat. ``digest`` is that of the file that it was made from."""

    name: str
    digest: str
    media_type: str
    width: int
    height: int
    content: bytes = field(repr=False)


def digest_of(content: bytes) -> str:
    """Return the digest by which a picture is known."""
    return hashlib.sha256(content).hexdigest()


def make_small(name: str, content: bytes) -> SmallPicture:
    """Return a picture of at most 1280 pixels a side and 300 kB, turned upright and without its metadata.

    It is computed here and takes up to a second for a large one: callers do it in a thread.

    Raises PictureUnusable for what is too large, no picture, or damaged.
    """
    if len(content) > MOST_BYTES:
        problem = _("The picture “{name}” is larger than {size} MB. Please make it smaller.")
        raise PictureUnusable(problem.format(name=name, size=MOST_BYTES // 1_000_000))
    try:
        image = _read(name, content)
    except _DAMAGED as error:
        raise _damaged(name) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(name) from error
    media_type, small, shown = _write(image, drawn=_is_drawn(content))
    return SmallPicture(name, digest_of(content), media_type, shown.width, shown.height, small)


def take_as_is(name: str, content: bytes) -> SmallPicture:
    """Return a picture of our own, which is small already. Raises PictureUnusable, OSError for what is no picture."""
    with Image.open(BytesIO(content), formats=_FORMATS) as opened:
        if max(opened.size) > LARGEST_SIDE or len(content) > SMALL_BYTES:
            return make_small(name, content)
        media_type = Image.MIME[opened.format or "PNG"]
        return SmallPicture(name, digest_of(content), media_type, opened.width, opened.height, content)


def _damaged(name: str) -> PictureUnusable:
    problem = _("“{name}” is no PNG, JPEG or WebP picture, or it is damaged.")
    return PictureUnusable(problem.format(name=name))


def _too_many_pixels(name: str) -> PictureUnusable:
    problem = _("The picture “{name}” has more than {count} million pixels. Please make it smaller.")
    return PictureUnusable(problem.format(name=name, count=MOST_PIXELS // 1_000_000))


def _read(name: str, content: bytes) -> Image.Image:
    """Return the picture in memory, upright, in RGB on white; of an animation, the first picture."""
    try:
        opened = Image.open(BytesIO(content), formats=_FORMATS)
    except UnidentifiedImageError as error:
        raise _damaged(name) from error
    with opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise _too_many_pixels(name)
        if min(opened.size) < SMALLEST_SIDE:
            raise PictureUnusable(_("The picture “{name}” is too small to be seen.").format(name=name))
        opened.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))
        # All but the pixels is left behind; the metadata is not even written anew for turning it.
        turn = _TURNS.get(opened.getexif().get(_ORIENTATION, 1))
        with_alpha = opened.convert("RGBA")
    if turn is not None:
        with_alpha = with_alpha.transpose(turn)
    white = Image.new("RGB", with_alpha.size, "white")
    white.paste(with_alpha, mask=with_alpha.getchannel("A"))
    return white


def _is_drawn(content: bytes) -> bool:
    return content.startswith(b"\x89PNG")


def _write(image: Image.Image, *, drawn: bool) -> tuple[str, bytes, Image.Image]:
    """Return the media type, the file and the picture that is in it.

    A drawing stays a PNG, with sharp lines, where that is small enough.
    """
    shown = image.copy()
    for side in _SIDES:
        shown.thumbnail((side, side), Image.Resampling.LANCZOS)
        if drawn and side == LARGEST_SIDE and len(png := _encoded(shown, "PNG", optimize=True)) <= SMALL_BYTES:
            return "image/png", png, shown
        for quality in _QUALITIES:
            jpeg = _encoded(shown, "JPEG", quality=quality)
            if len(jpeg) <= SMALL_BYTES:
                return "image/jpeg", jpeg, shown
    return "image/jpeg", jpeg, shown


def _encoded(image: Image.Image, kind: str, *, quality: int = 0, optimize: bool = False) -> bytes:
    file = BytesIO()
    if kind == "PNG":
        image.save(file, kind, optimize=optimize)
    else:
        image.save(file, kind, quality=quality)
    return file.getvalue()
