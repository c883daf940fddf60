"""Two lessons about trees and one about benches, a path, and what somebody does to take a lesson."""

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from PIL import Image
from sqlalchemy import select

from bot.core.messages import Outgoing, Person
from knowledge.chats.service import ChatService
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.lessons.circles import post_lessons
from knowledge.lessons.seeding import seed_lessons
from knowledge.models.lesson import CirclePath
from tests.bot.handlers.contributing_world import Desk, direct

ALT = "A tree with a bag of water"
_FRONT = """---
key: {key}
title: {title}
summary: What {title} is about.
level: {level}
minutes: 2
language: en
topics: [Trees]
needs: [{needs}]
visibility: {visibility}
sources:
  - title: Book of trees
    publisher: Garden office
    year: 2024
    place: page 3
    url: https://trees.example/book
---
"""
WATERING = """# Why water?

Young trees have **short** roots.

---
![A tree with a bag of water](tree.png)

This is how it looks.

---
## ? When do you water?

- [ ] At noon :: Then much of it dries up.
- [x] In the evening :: Then it stays in the ground.

---
What others have learned:

[Benches below trees](bibliothek:Sitzbänke)
"""
CUTTING = """Cut in winter.

---
In summer, birds live there.
"""
PATHS = """
- key: trees
  title: Trees for all
  summary: From water to winter.
  outcomes: Water and cut trees.
  level: beginner
  language: en
  visibility: {visibility}
  lessons: [watering, cutting]
"""


async def teach(desk: Desk, visibility: str = "public") -> None:
    """Bring the lessons and the path; the one about benches is always for the network alone."""
    await bring_lessons(desk.database, visibility)


async def bring_lessons(database: Database, visibility: str = "public") -> None:
    """Bring the lessons and the path into a database."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "en"
        folder.mkdir()
        Image.new("RGB", (64, 48), "green").save(folder / "tree.png")
        _write(folder, "watering", "Watering trees", WATERING, visibility=visibility)
        _write(folder, "cutting", "Cutting trees", CUTTING, visibility=visibility, needs="watering", level="advanced")
        _write(folder, "benches", "Painting benches", "Paint them.", visibility="network")
        (folder / "paths.yaml").write_text(PATHS.format(visibility=visibility))
        async with unit_of_work(database) as unit:
            assert await seed_lessons(unit.session, folder.parent) == 4


def _write(folder: Path, key: str, title: str, body: str, **more: str) -> None:
    values = {"needs": "", "level": "beginner", **more}
    (folder / f"{key}.md").write_text(_FRONT.format(key=key, title=title, **values) + body)


def last_message(desk: Desk, person: Person) -> Outgoing:
    """Return what the bot said last to somebody alone."""
    return [message for message in desk.networks[person.network].sent if message.place.chat == direct(person).chat][-1]


async def take_watering(desk: Desk, person: Person) -> list[str]:
    """Begin the lesson about watering from the list, and go through it; returns what the bot said to each press."""
    await desk.write(person, "/learn watering")
    labels = ("1: Watering trees", "Begin", "Go on", "Go on", "Answer 2", "Go on", "Go on")
    return [await desk.press(person, label) for label in labels]


def links_of(message: Outgoing) -> list[str]:
    """Return where the links of a message lead."""
    blocks = message.text.blocks if message.text else ()
    return [span.link for block in blocks for span in block.spans if span.link]


async def same_person(desk: Desk, member: UUID, person: Person) -> None:
    """Let somebody be a member whom the bot knows on another network already."""
    async with unit_of_work(desk.database) as unit:
        chats = ChatService(unit.session)
        identity = await chats.keep_person(await chats.look_up_person(person.network, person.address))
        await chats.change_person(identity.id, member_id=member, language="en")


async def bring_weekly(database: Database) -> None:
    """Let it become the moment at which the lesson of the week comes to the only circle that takes a path."""
    async with database.session(writes=False) as session:
        moment = (await session.scalars(select(CirclePath.next_at))).one()
    assert await post_lessons(database, moment) == 1
