"""Whatever is brought as a picture becomes a small one without anything else in it, or is refused in plain words."""

import struct
import zlib
from io import BytesIO
from random import Random

import pytest
from PIL import Image

from knowledge.lessons.errors import PictureUnusable
from knowledge.lessons.pictures import LARGEST_SIDE, MOST_BYTES, SMALL_BYTES, digest_of, make_small
from tests.knowledge.lessons.writing import picture


def claiming(width: int, height: int) -> bytes:
    """Return a PNG that says it is of a size, with next to nothing in it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def noise(width: int, height: int, kind: str) -> bytes:
    """Return a picture that does not get small by itself."""
    file = BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(file, kind)
    return file.getvalue()


class TestSmall:
    @pytest.mark.parametrize("kind", ["PNG", "JPEG"])
    def test_a_large_picture_is_made_small(self, kind: str) -> None:
        made = make_small("bild", noise(1400, 700, kind))
        with Image.open(BytesIO(made.content)) as shown:
            assert shown.size == (made.width, made.height)
            assert shown.format == "JPEG"
        assert max(made.width, made.height) <= LARGEST_SIDE
        assert len(made.content) <= SMALL_BYTES

    def test_a_drawing_stays_sharp(self) -> None:
        content = picture(300, 200)
        made = make_small("bild.png", content)
        assert (made.media_type, made.width, made.height) == ("image/png", 300, 200)
        assert made.digest == digest_of(content)

    def test_where_it_was_taken_is_taken_out_and_it_stands_upright(self) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6  # turned by a quarter
        exif[0x010E] = "geheim"
        exif.get_ifd(0x8825)[1] = "N"
        made = make_small("foto.jpg", picture(400, 200, "JPEG", exif=exif, comment=b"geheim"))
        assert (made.width, made.height) == (200, 400)
        assert b"geheim" not in made.content
        with Image.open(BytesIO(made.content)) as shown:
            assert dict(shown.getexif()) == {}

    def test_what_is_clear_becomes_white(self) -> None:
        file = BytesIO()
        Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(file, "PNG")
        with Image.open(BytesIO(make_small("klar.png", file.getvalue()).content)) as shown:
            assert shown.getpixel((25, 25)) == (255, 255, 255)

    def test_of_an_animation_one_picture_stays(self) -> None:
        file = BytesIO()
        frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "green")]
        frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:])
        made = make_small("film.webp", file.getvalue())
        assert getattr(Image.open(BytesIO(made.content)), "n_frames", 1) == 1


class TestRefused:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"no picture",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            b"GIF89a" + bytes(40),
            b"\x89PNG\r\n\x1a\n" + bytes(40),
            picture(60, 60, "JPEG")[:200],
            picture(60, 60, "BMP"),
        ],
        ids=["empty", "text", "svg", "gif", "broken", "cut", "bmp"],
    )
    def test_what_is_no_picture_or_damaged(self, content: bytes) -> None:
        with pytest.raises(PictureUnusable, match="bild"):
            make_small("bild", content)

    def test_fifty_megabytes(self) -> None:
        with pytest.raises(PictureUnusable, match=str(MOST_BYTES // 1_000_000)):
            make_small("bild.png", bytes(50_000_000))

    @pytest.mark.parametrize(("width", "height"), [(7_000, 7_000), (60_000, 60_000), (2_000_000_000, 2)])
    def test_one_that_unpacks_to_far_too_much(self, width: int, height: int) -> None:
        with pytest.raises(PictureUnusable, match="40"):
            make_small("bombe.png", claiming(width, height))

    def test_one_that_nobody_could_see(self) -> None:
        with pytest.raises(PictureUnusable):
            make_small("punkt.png", picture(1, 1))

    def test_text_that_unpacks_to_far_too_much(self) -> None:
        bomb = zlib.compress(b"x" * 5_000_000)
        chunk = b"zTXt" + b"k\0\0" + bomb
        good = picture(40, 40)
        packed = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        with pytest.raises(PictureUnusable):
            make_small("text.png", good[:33] + packed + good[33:])


class TestDamaged:
    @pytest.mark.filterwarnings("ignore")
    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
    def test_whatever_is_broken_in_it_it_is_shown_or_refused(self, kind: str) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6
        exif[0x011A] = 72.0
        good, chance, refused = picture(40, 30, kind, exif=exif), Random(kind), 0
        for _round in range(300):
            broken = bytearray(good)
            for _place in range(chance.choice([1, 3, 10])):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            try:
                make_small("bild", bytes(broken))
            except PictureUnusable:
                refused += 1
        assert refused > 0
