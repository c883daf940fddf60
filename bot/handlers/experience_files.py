"""Files in a direct chat: a member's becomes a lesson learned, if they say so."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.core.messages import FileNote
from bot.core.replies import files_not_taken
from bot.core.text import note, paragraph, rich
from bot.core.turn import Glance, Handler, Turn
from bot.handlers.experience import begin_with, may_contribute
from knowledge.contributions.splitting import split_into_fields, text_of_blocks
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.library.files.blocks import ParsedFile
from knowledge.library.files.limits import MEGABYTE
from knowledge.library.files.reader import FileReader
from knowledge.library.importing import read_limits

MOST = 20 * MEGABYTE
# Longer texts are no lesson learned but a book; what is kept of one must fit its fields.
LONGEST = 40_000
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What a file holds, sorted into fields, or why it cannot be used."""

    name: str
    fields: dict[str, Any]
    problem: str | None = None


async def prepare_file(glance: Glance) -> ReadFile | None:
    """Fetch and read the file of a member in their direct chat; ``None`` for everybody and everything else."""
    file = _document(glance)
    if not glance.is_direct or not glance.identity.verified or file is None:
        return None
    name = _short(file)
    try:
        text = await _read(glance, file)
    except AllmendeError as error:
        return ReadFile(name, {}, error.message)
    if len(text) > LONGEST:
        problem = _(
            "That is too long for a lesson learned. Please send the essence of it, or ask a moderator to add it."
        )
        return ReadFile(name, {}, problem)
    return ReadFile(name, split_into_fields(text))


def _document(glance: Glance) -> FileNote | None:
    return next((file for file in glance.incoming.files if file.is_document), None)


async def _read(glance: Glance, file: FileNote) -> str:
    """Return the text of a file. Raises ``AllmendeError`` that says what is wrong with it."""
    content = await glance.services.fetch_file(glance.incoming, file, MOST)
    limits = read_limits(glance.services.settings.imports)
    with tempfile.TemporaryDirectory(prefix="allmende-") as folder:
        path = Path(folder) / f"file{Path(file.name).suffix[:10].lower()}"
        path.write_bytes(content)
        async with FileReader(limits) as reader:
            parsed = await reader.read(path)
    return text_of_blocks([block for block in parsed.blocks if block.note is None], _title(parsed))


def _title(parsed: ParsedFile) -> str | None:
    """Return a file's title, unless it stands at the beginning of the text anyway."""
    first = parsed.blocks[0].text if parsed.blocks else ""
    return None if parsed.title == first else parsed.title


def _short(file: FileNote) -> str:
    name = "".join(letter for letter in file.name if letter.isprintable()).strip()
    return name[:LONGEST_NAME] or _("the file")


async def take_file(turn: Turn) -> None:
    """Offer to make a lesson learned of a file; say what is wrong where that cannot be."""
    if not turn.glance.is_direct or _document(turn.glance) is None:
        turn.say(files_not_taken())
        return
    if not await may_contribute(turn):
        return
    read = turn.prepared
    if not isinstance(read, ReadFile):  # belongs only since a moment
        turn.say(rich(_("Please send the file once more.")))
    elif read.problem or not read.fields:
        problem = read.problem or _("I found no text in it.")
        hint = _("I read Word, PDF, OpenDocument, Markdown and text files up to {count} MB.")
        turn.say(rich(paragraph(f"{read.name}: {problem}"), note(hint.format(count=MOST // MEGABYTE))))
    else:
        await begin_with(turn, {"fields": read.fields, "source": read.name}, step="offer")


FILES = Handler(take_file, prepare_file, asks=True)
