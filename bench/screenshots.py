"""Pictures of the hub for the handbooks, from the sample library: ``python -m bench.screenshots [FOLDER]``.

They go to ``docs/images`` unless another folder is named. Needs Chromium (see tests/browser.py); takes about a minute.
"""

import asyncio
import os
import sys
from dataclasses import dataclass
from datetime import time, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote_plus
from uuid import UUID

from PIL import Image

from hub.cli.demo import fill_queue, load_samples
from hub.cli.surroundings import Surroundings
from knowledge.contributions.schemas import Author
from knowledge.kit.clock import today
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.language import choose_language
from knowledge.kit.settings import PROJECT, load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.service import MemberService
from knowledge.models.chat import ChatIdentity, Network
from knowledge.models.document import Visibility
from knowledge.models.member import Findable, Role
from knowledge.models.topic import Stance
from knowledge.peers.profile import ProfileService
from knowledge.questions.schemas import PreparedQuestion, ReleaseWishes
from knowledge.questions.service import QuestionService
from knowledge.topics.tree import load_tree
from knowledge.trainings.schemas import DateDraft, Publisher, TrainingDraft
from knowledge.trainings.service import TrainingService
from knowledge.trainings.times import local_moment
from tests.browser import DESKTOP, PHONE, opened, running_chromium
from tests.hub.browser.serving import RunningHub, running_hub

if TYPE_CHECKING:
    from playwright.async_api import Browser

IMAGES = PROJECT / "docs" / "images"
LARGEST, COLOURS = 150_000, 64
QUESTION = "Was kostet es, unsere Straßen mit einer Kamera erfassen zu lassen?"
HIGHER = (DESKTOP[0], 1250)
RELEASED = "Wer zählt Fahrräder mit Sensoren im Boden, und wie oft fallen die Geräte im Winter aus?"
ANSWER = (
    "Wir haben drei Zählstellen seit 2023. Im ersten Winter fiel eine aus, weil Wasser im Schacht stand; seit dem "
    "Umbau laufen alle. Rechnen Sie mit zwei Stunden Wartung im Monat."
)
SIMILAR_ASKED = "Wer hat auf Radwegen Splitt statt Salz gestreut, und hat es gereicht?"
SIMILAR = "Hat jemand auf Radwegen Splitt statt Salz gestreut? Wir überlegen das für den nächsten Winter."


TRAINING = "Texte mit KI prüfen"
TRAININGS: dict[str, dict[str, Any]] = {
    TRAINING: {
        "summary": "Drei Stunden üben an eigenen Texten, mit den Werkzeugen, die es im Haus schon gibt.",
        "outcomes": "Sie prüfen Entwürfe einer KI auf Fehler.\nSie wissen, welche Angaben nicht hineingehören.",
        "audience": "Beschäftigte aller Ämter, ohne Vorwissen.",
        "trainers": "Kim Beispiel, Kompetenzzentrum (Beispiel)",
        "place": "Rathaus, Saal 2",
        "region": "Falkenrode (Beispiel)",
        "capacity": 12,
        "costs": "kostenlos",
        "accessibility": "Stufenlos, mit Induktionsschleife.",
    },
    "Dienstvereinbarung KI: vom Entwurf zur Unterschrift": {
        "summary": "An zwei Vormittagen schreiben Personalrat und Verwaltung gemeinsam einen Entwurf.",
        "online": True,
        "costs": "kostenlos",
    },
}


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: what its file is called, the page, and how it is looked at."""

    name: str
    address: str
    size: tuple[int, int] = DESKTOP
    colours: Literal["light", "dark"] = "light"
    # „moderator", „member", or nobody.
    who: str = "moderator"
    # What is typed into which field, and what is clicked, before the picture is taken.
    typed: tuple[str, str] | None = None
    click: str = ""


ASKED = f"/suche?q={quote_plus(QUESTION)}"
PICTURES = (
    Picture("start", "/", who=""),
    Picture("start-phone", "/", PHONE, who=""),
    Picture("search", ASKED, HIGHER, who=""),
    Picture("chat", "/", HIGHER, who="", typed=("#q", QUESTION), click=".ask button"),
    Picture("chat-phone", "/", PHONE, who="", typed=("#q", QUESTION), click=".ask button"),
    Picture("document", ASKED, HIGHER, who="", click="main ol a"),
    Picture("sign-in", "/anmelden", who=""),
    Picture("queue", "/pruefung", HIGHER),
    Picture("queue-dark", "/pruefung", HIGHER, "dark"),
    Picture("queue-phone", "/pruefung", PHONE),
    Picture("item", "/pruefung", HIGHER, click="[data-item] a"),
    Picture("item-phone", "/pruefung", PHONE, click="[data-item] a"),
    Picture("library", "/bibliothek", HIGHER),
    Picture(
        "question-check",
        "/fragen/neu",
        (DESKTOP[0], 1500),
        who="member",
        typed=("#text", SIMILAR),
        click="main form button",
    ),
    Picture("question", "/fragen", HIGHER, who="member", click="[data-item] a"),
    Picture("question-phone", "/fragen", PHONE, who="member", click="[data-item] a"),
    Picture("peers", f"/netzwerk?q={quote_plus('Straßen')}", HIGHER, who="member"),
    Picture("profile", "/konto/profil?filter=stra%C3%9Fen", HIGHER, who="member"),
    Picture("trainings", "/schulungen", HIGHER, who="member"),
    Picture("training", "/schulungen", HIGHER, who="member", click=f"text={TRAINING}"),
    Picture("training-phone", "/schulungen", PHONE, who="member", click=f"text={TRAINING}"),
    Picture("training-manage", "/schulungen/verwalten", HIGHER, who="publisher"),
    Picture("training-form", "/schulungen/verwalten/neu", (DESKTOP[0], 1800), who="publisher"),
    Picture("learn", "/lernen", HIGHER, who="member"),
    Picture("lesson-phone", "/lernen/ki-was-ist-das?schritt=2", PHONE, who=""),
    Picture("lesson-question", "/lernen/ki-was-ist-das?schritt=4", DESKTOP, who=""),
    Picture("lessons-manage", "/lernen/verwalten", HIGHER, who="publisher"),
    Picture("self-check", "/wieweit", HIGHER, who="member"),
)


async def take_all(folder: Path) -> list[Path]:
    """Take all pictures of a hub with the sample library, and return their files."""
    people: dict[str, UUID] = {}

    async def fill(database: Database) -> None:
        surroundings = Surroundings(load_settings(), database)
        await load_samples(surroundings)
        people["moderator"] = await fill_queue(surroundings)
        people["member"] = await fill_network(database)
        people["publisher"] = await fill_trainings(database)

    async with running_hub(load_settings(), fill) as hub, running_chromium() as browser:
        return [await take(browser, hub, picture, folder, people) for picture in PICTURES]


async def fill_network(database: Database) -> UUID:
    """Let two people of sample municipalities ask and answer; returns who asked."""
    async with unit_of_work(database) as unit:
        members, questions = MemberService(unit.session), QuestionService(unit)
        roads = (await load_tree(unit.session)).find("Straßenbau und Straßenunterhaltung")
        assert roads is not None
        asker = await members.add("Kim Beispiel", "beispiel-birkenhorst")
        helper = await members.add("Robin Beispiel", "beispiel-falkenrode")
        kim, robin = Author(asker.id, asker.organisation_id), Author(helper.id, helper.organisation_id)
        await ProfileService(unit).set_topics(robin.member_id, Stance.HELPS, [roads.id])
        await ProfileService(unit).set_languages(robin.member_id, ["de", "pl"])
        await ProfileService(unit).set_findable(robin.member_id, Findable.ON)
        address = "@robin:chat.falkenrode.example"
        unit.session.add(ChatIdentity(id=new_id(), network=Network.MATRIX, address=address, member_id=helper.id))
        await unit.session.flush()
        wishes = ReleaseWishes(topics=(roads.id,))
        asked = await questions.release(kim, PreparedQuestion(RELEASED, "de"), wishes)
        answer = await questions.answer(asked.id, robin, ANSWER)
        await questions.write(answer.id, kim, "Und wer liest das Gerät aus?")
        await questions.write(answer.id, robin, "Der Bauhof, einmal im Monat, am Laptop.")
        await questions.release(robin, PreparedQuestion(SIMILAR_ASKED, "de"), wishes)
    return asker.id


async def fill_trainings(database: Database) -> UUID:
    """Let the competence centre of the samples offer two trainings; returns who does."""
    async with unit_of_work(database) as unit:
        publisher = await MemberService(unit.session).add("Pia Beispiel", "beispiel-falkenrode", Role.PUBLISHER)
        service, by = TrainingService(unit), Publisher(publisher.id, publisher.organisation_id)
        day = today() + timedelta(days=24)
        starts, ends = local_moment(day, time(9)), local_moment(day, time(12))
        for number, (title, more) in enumerate(TRAININGS.items()):
            dates = tuple(
                DateDraft(starts + timedelta(weeks=number + week), ends + timedelta(weeks=number + week))
                for week in range(number + 1)
            )
            made = await service.create(TrainingDraft(title, visibility=Visibility.PUBLIC, dates=dates, **more), by)
            await service.publish(made.id, by)
    return publisher.id


async def take(browser: "Browser", hub: RunningHub, picture: Picture, folder: Path, people: dict[str, UUID]) -> Path:
    """Take one picture."""
    async with opened(browser, picture.size) as page:
        await page.emulate_media(color_scheme=picture.colours, reduced_motion="reduce")
        if picture.who:
            await hub.sign_in(page, people[picture.who])
        await page.goto(hub.address + picture.address)
        if picture.typed:
            await page.fill(*picture.typed)
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
