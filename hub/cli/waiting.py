"""Waiting until what was changed can be found."""

from collections.abc import Iterable
from uuid import UUID

from hub.cli.output import Progress
from hub.cli.surroundings import say
from knowledge.kit.language import _
from knowledge.library.indexes.access import LibraryIndexes


async def wait_until_found(indexes: LibraryIndexes, documents: Iterable[UUID]) -> None:
    """Wait until both indexes hold what the database says of these documents; say what has to wait for longer."""
    keys = [document.hex for document in documents]
    if not keys or not (await indexes.words_waiting(keys) or await indexes.postponed(keys)):
        return
    with Progress(_("Indexing …")) as progress:
        await indexes.drain(keys, left=progress.left)
    if await indexes.postponed(keys):
        say(await indexes.why_postponed())
