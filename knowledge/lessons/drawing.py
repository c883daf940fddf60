"""Draws the pictures of the lessons that come with the program: ``python -m knowledge.lessons.drawing``.

The PNG files it makes are kept beside the lessons, so nothing draws while Allmende runs. They look as they should where
the font DejaVu Sans is installed (package ``fonts-dejavu-core`` on Debian); what they show stands in ``drawing.typ``.
"""

from io import BytesIO
from pathlib import Path

import typst
from PIL import Image

FOLDER = Path(__file__).parent
CONTENT = FOLDER / "content"
LANGUAGES = ("de", "en")
PICTURES = (
    "regel-oder-muster",
    "drei-nutzen",
    "vier-fallen",
    "vier-stufen",
    "guter-hinweis",
    "drei-handgriffe",
    "waage",
    "fahrplan",
)
# Pages are 500 points wide, so pictures become 1,000 pixels wide.
PIXELS_PER_INCH = 144.0
COLOURS = 48


def draw(picture: str, language: str) -> bytes:
    """Return a picture as a small PNG file. Raises ``typst.TypstError`` if there is none of that name."""
    compiler = typst.Compiler(
        FOLDER / "drawing.typ", root=FOLDER, sys_inputs={"picture": picture, "language": language}
    )
    drawn = compiler.compile(format="png", ppi=PIXELS_PER_INCH)
    if not isinstance(drawn, bytes):
        raise TypeError("A picture is one page.")
    small = BytesIO()
    # Few colours make a small file; the letters stay as sharp as they are.
    Image.open(BytesIO(drawn)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
        small, "PNG", optimize=True
    )
    return small.getvalue()


def draw_all(folder: Path = CONTENT) -> list[Path]:
    """Draw all pictures in all languages into the folders of the lessons; return the files."""
    written = []
    for language in LANGUAGES:
        for picture in PICTURES:
            path = folder / language / f"{picture}.png"
            path.write_bytes(draw(picture, language))
            written.append(path)
    return written


if __name__ == "__main__":
    draw_all()
