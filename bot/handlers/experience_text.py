"""How an experience reads while it is being told: the fields under their headings, as they will be published."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.core.answer_text import cut_at_sentence
from bot.core.text import Block, bold, heading, note, paragraph
from knowledge.contributions.checking import QUOTE, SUGGESTION, label_of
from knowledge.contributions.fields import BY_NAME, FIELDS, NEEDED, Again, Field, Progress, value_label
from knowledge.kit.language import _
from knowledge.models.contribution import Attribution
from knowledge.models.document import Visibility

# A text of so many characters is shown whole; of a longer one, so much of each field.
WHOLE, PART = 3000, 400


def has_value(fields: Mapping[str, Any], name: str) -> bool:
    """Whether a field says something."""
    value = fields.get(name)
    return bool(value.strip() if isinstance(value, str) else value)


def missing(fields: Mapping[str, Any]) -> list[str]:
    """Return the needed fields that say nothing yet, in their order."""
    return [name for name in NEEDED if not has_value(fields, name)]


def value_text(name: str, value: Any) -> str:
    """Return what a field says, in words."""
    field = BY_NAME.get(name)
    if field is None:
        return str(value)
    if field.is_list:
        return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
    return choice_word(field, value) if field.values is not None else str(value)


def choice_word(field: Field, value: Any) -> str:
    """Return the word for the value of a field with choices; what is none of them, as it is."""
    for known in field.values or ():
        if known == value and isinstance(known, Progress | Again):
            return value_label(known)
    return str(value)


def named_fields(fields: Mapping[str, Any]) -> list[str]:
    """Return the fields that say something, in the order in which they are read."""
    order = [field.name for field in FIELDS] + [SUGGESTION, QUOTE]
    return [name for name in order if has_value(fields, name)]


def is_long(fields: Mapping[str, Any]) -> bool:
    """Whether the text is too long to be shown whole each time."""
    return sum(len(value_text(name, fields[name])) for name in named_fields(fields)) > WHOLE


def experience_blocks(fields: Mapping[str, Any], *, shortened: bool = False) -> list[Block]:
    """Return the text: its title as heading, then each field under its own."""
    blocks: list[Block] = []
    for name in named_fields(fields):
        said = value_text(name, fields[name])
        shown = cut_at_sentence(said, PART) if shortened else said
        if name == "title":
            blocks.append(heading(shown))
        else:
            blocks.append(paragraph(bold(label_of(name)), "\n", shown))
    return blocks or [note(_("Nothing is written yet."))]


def visibility_word(visibility: Visibility, circles: Sequence[str] = ()) -> str:
    """Return for whom something is."""
    words = {
        Visibility.HOUSE: _("our own house"),
        Visibility.CIRCLE: _("these circles: {names}").format(names=", ".join(circles)),
        Visibility.NETWORK: _("the network"),
        Visibility.PUBLIC: _("everybody"),
    }
    return words[visibility]


def attribution_word(attribution: Attribution, *, organisation: str | None, described: str | None) -> str:
    """Return whose a contribution is said to be."""
    if attribution is Attribution.ANONYMOUS:
        return described or _("anonymised")
    return organisation or _("without an organisation")
