"""The stage with all handlers, the files that are sent, and a small library to look into."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from bot.core.messages import Attachment, Outgoing
from bot.core.turn import Services
from knowledge.kit.database import Database
from knowledge.kit.settings import AnswerSettings, load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.indexes.owner import IndexOwner
from knowledge.library.schemas import Description
from knowledge.library.service import IncomingFile, LibraryService
from knowledge.models.document import Kind, Visibility
from tests.bot.handlers.stage import Heard, Stage


@dataclass
class PrivacyStage(Stage):
    """A stage that remembers the files; ``answers`` looks into a real library."""

    answers: AnswerService | None = None
    files: list[tuple[Attachment, bool]] = field(default_factory=list)

    @property
    def services(self) -> Services:
        """What handlers get to work with."""
        known = super().services
        return known if self.answers is None else replace(known, answers=self.answers)

    def _heard(self, message: Outgoing, *, private: bool) -> Heard:
        if message.attachment is not None:
            self.files.append((message.attachment, private))
        return super()._heard(message, private=private)


def described(title: str, topic: str, **more: object) -> tuple[str, Description]:
    """Return a text that speaks of a topic, with its description."""
    values = {"kind": Kind.LITERATURE, "publisher": "Musterverband", "visibility": Visibility.PUBLIC, "year": 2025}
    said = Description(title=title, topics=(topic,), **{**values, **more})  # type: ignore[arg-type]
    return f"Über {topic} wissen wir viel: {title} kostet im Jahr 4.900 Euro und hilft der Gemeinde.", said


@asynccontextmanager
async def library_of(database: Database, texts: Sequence[tuple[str, Description]]) -> AsyncIterator[AnswerService]:
    """Take texts in, index them, and yield what finds them."""
    for number, (text, said) in enumerate(texts):
        parsed = ParsedFile((Block("paragraph", text),), None, {}, "text/plain")
        file = IncomingFile(f"{number}.md", hashlib.sha256(text.encode()).hexdigest(), len(text), parsed)
        async with unit_of_work(database) as unit:
            await LibraryService(unit).take_in(file, said)
    owner = await IndexOwner.open(load_settings(), database, lambda _said: None)
    await owner.follow_words()
    yield AnswerService(database, owner, AnswerSettings())
    await owner.close()
