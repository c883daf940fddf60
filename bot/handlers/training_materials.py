"""Telling publishers that a file which goes with a training could not be brought into the library."""

from collections.abc import Mapping

from bot.core.answer_text import echo
from bot.core.text import bold, note, paragraph, rich
from bot.handlers.telling import Teller, Telling, Words
from bot.handlers.training_text import publisher_of
from knowledge.access.visibility import PUBLIC
from knowledge.kit.errors import NotFound
from knowledge.kit.language import _
from knowledge.models.chat import Network
from knowledge.trainings.materials import FAILED, MaterialService

# Below the hub's address: where the materials of a training are managed.
MANAGE = "/schulungen/verwalten/{key}/material"
LONGEST_NAME = 140


async def _failed(telling: Telling) -> Words | None:
    key, by = telling.key("material"), await publisher_of(telling.unit, telling.to)
    found = await MaterialService(telling.unit).failed(key) if key is not None else None
    if found is None or by is None:
        return None
    entry, title = found
    try:
        await MaterialService(telling.unit).managed(entry.training_id, by)
    except NotFound:
        return None
    head = _("A file for a training could not be brought into the library.")
    if not _is_abroad(telling):
        said = _("“{file}” for “{title}” could not be brought into the library.")
        head = said.format(file=echo(entry.file_name or entry.title, LONGEST_NAME), title=echo(title, LONGEST_NAME))
    blocks = [paragraph(bold(head)), *([paragraph(entry.error)] if entry.error else [])]
    again = note(_("The others are not affected. You can remove it and add it again."))
    return rich(*blocks, again, *telling.hub(MANAGE.format(key=entry.training_id), _("Materials in the hub"))), ()


def _is_abroad(telling: Telling) -> bool:
    """Whether what is not public may not be shown here."""
    access = telling.viewer.access
    return telling.to.network is Network.TELEGRAM and access is not None and access <= {PUBLIC}


TELLERS: Mapping[str, Teller] = {FAILED: _failed}
