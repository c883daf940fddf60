"""Pictures of the hub for the handbooks, from the sample library: ``python -m bench.screenshots [FOLDER]``.

They go to ``docs/images`` unless another folder is named. Needs Chromium (see tests/browser.py); takes about a minute.
"""

import asyncio
import os
import sys
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote_plus
from uuid import UUID

from PIL import Image

from hub.cli.demo import fill_queue, load_samples
from hub.cli.surroundings import Surroundings
from knowledge.kit.database import Database
from knowledge.kit.language import choose_language
from knowledge.kit.settings import PROJECT, load_settings
from tests.browser import DESKTOP, PHONE, opened, running_chromium
from tests.hub.browser.serving import RunningHub, running_hub

if TYPE_CHECKING:
    from playwright.async_api import Browser

IMAGES = PROJECT / "docs" / "images"
LARGEST, COLOURS = 150_000, 64
QUESTION = "Was kostet es, unsere Straßen mit einer Kamera erfassen zu lassen?"
HIGHER = (DESKTOP[0], 1250)


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: what its file is called, the page, and how it is looked at."""

    name: str
    address: str
    size: tuple[int, int] = DESKTOP
    colours: Literal["light", "dark"] = "light"
    signed_in: bool = True
    # What is clicked before the picture is taken.
    click: str = ""


ASKED = f"/suche?q={quote_plus(QUESTION)}"
PICTURES = (
    Picture("start", "/", signed_in=False),
    Picture("start-phone", "/", PHONE, signed_in=False),
    Picture("search", ASKED, HIGHER, signed_in=False),
    Picture("document", ASKED, HIGHER, signed_in=False, click="main ol a"),
    Picture("sign-in", "/anmelden", signed_in=False),
    Picture("queue", "/pruefung", HIGHER),
    Picture("queue-dark", "/pruefung", HIGHER, "dark"),
    Picture("queue-phone", "/pruefung", PHONE),
    Picture("item", "/pruefung", HIGHER, click="[data-item] a"),
    Picture("item-phone", "/pruefung", PHONE, click="[data-item] a"),
    Picture("library", "/bibliothek", HIGHER),
)


async def take_all(folder: Path) -> list[Path]:
    """Take all pictures of a hub with the sample library, and return their files."""
    moderator: list[UUID] = []

    async def fill(database: Database) -> None:
        surroundings = Surroundings(load_settings(), database)
        await load_samples(surroundings)
        moderator.append(await fill_queue(surroundings))

    async with running_hub(load_settings(), fill) as hub, running_chromium() as browser:
        return [await take(browser, hub, picture, folder, moderator[0]) for picture in PICTURES]


async def take(browser: "Browser", hub: RunningHub, picture: Picture, folder: Path, moderator: UUID) -> Path:
    """Take one picture."""
    async with opened(browser, picture.size) as page:
        await page.emulate_media(color_scheme=picture.colours, reduced_motion="reduce")
        if picture.signed_in:
            await hub.sign_in(page, moderator)
        await page.goto(hub.address + picture.address)
        if picture.click:
            await page.click(picture.click)
            await page.wait_for_load_state()
        file = folder / f"{picture.name}.png"
        _write_small(await page.screenshot(), file)
        return file


def _write_small(picture: bytes, file: Path) -> None:
    """Write a picture with few colours, which is all that our pages have."""
    with Image.open(BytesIO(picture)) as shown:
        shown.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


def main() -> None:
    """Take the pictures, and say how large they are."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    folder.mkdir(parents=True, exist_ok=True)
    choose_language("de")
    with TemporaryDirectory() as data:
        os.environ |= {"ALLMENDE_DATA_DIR": data, "ALLMENDE_HUB_PORT": "0", "ALLMENDE_ENV_FILE": os.devnull}
        for file in asyncio.run(take_all(folder)):
            size = file.stat().st_size
            print(f"{size // 1000:4} kB  {file.name}{'  TOO LARGE' if size > LARGEST else ''}")


if __name__ == "__main__":
    main()
