"""What the pages of the library have in common: names for values, and reading what addresses and forms say."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal, TypeVar
from uuid import UUID

from knowledge.kit.language import _
from knowledge.library.browsing.schemas import Concern, Sorting
from knowledge.library.descriptions import WrongDescription, check_url
from knowledge.library.editing import WithdrawReason
from knowledge.models.document import Kind, Rights, Status, Visibility

LIBRARY = "/bibliothek"
LONGEST_PARAMETER = 200
_ITEM = re.compile(r"(?:[•–-]|\(?(?:\d{1,3}|[a-z])[.)])\s+")
_E = TypeVar("_E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Lines that belong together: a paragraph each, or the items of one list."""

    kind: Literal["text", "list"]
    lines: Sequence[str]


def text_blocks(text: str) -> list[TextBlock]:
    """Return a passage's text as paragraphs and lists."""
    blocks: list[tuple[Literal["text", "list"], list[str]]] = []
    for line in text.split("\n"):
        if line.startswith("• "):
            if not blocks or blocks[-1][0] != "list":
                blocks.append(("list", []))
            blocks[-1][1].append(line.removeprefix("• "))
        elif line.strip():
            blocks.append(("text", [line]))
    return [TextBlock(kind, lines) for kind, lines in blocks]


def kind_name(kind: Kind) -> str:
    """Return what kind of document something is."""
    names = {
        Kind.EXPERIENCE: _("Experience"),
        Kind.TRAINING: _("Training"),
        Kind.LITERATURE: _("Literature"),
        Kind.OTHER: _("Other"),
    }
    return names[kind]


def visibility_name(visibility: Visibility) -> str:
    """Return who may find a document."""
    names = {
        Visibility.HOUSE: _("one organisation"),
        Visibility.CIRCLE: _("certain circles"),
        Visibility.NETWORK: _("the network"),
        Visibility.PUBLIC: _("everybody"),
    }
    return names[visibility]


def rights_name(rights: Rights) -> str:
    """Return what may be shown of a document."""
    names = {
        Rights.FULL: _("The whole text may be shown."),
        Rights.QUOTE: _("Only quotations may be shown."),
        Rights.LINK: _("Only a link may be shown."),
    }
    return names[rights]


def status_name(status: Status) -> str:
    """Return whether a document can be found."""
    return {Status.PUBLISHED: _("published"), Status.WITHDRAWN: _("withdrawn")}[status]


def concern_name(concern: Concern) -> str:
    """Return why a document may need somebody's eye."""
    names = {
        Concern.DUE: _("due for review"),
        Concern.EXPIRED: _("no longer valid"),
        Concern.NEVER_FOUND: _("never found"),
        Concern.NOT_HELPFUL: _("often not helpful"),
        Concern.DUPLICATES: _("nearly the same text as another one"),
    }
    return names[concern]


def sorting_name(sorting: Sorting) -> str:
    """Return what an order is called."""
    names = {
        Sorting.CHANGED: _("last changed first"),
        Sorting.ADDED: _("newest first"),
        Sorting.TITLE: _("by title"),
        Sorting.YEAR: _("by year"),
        Sorting.REVIEW: _("by review date"),
    }
    return names[sorting]


def withdraw_reason_name(reason: WithdrawReason) -> str:
    """Return why a document is withdrawn."""
    names = {
        WithdrawReason.OUTDATED: _("outdated"),
        WithdrawReason.WRONG: _("wrong"),
        WithdrawReason.PERSONAL_DATA: _("personal data"),
        WithdrawReason.RIGHTS: _("rights of others"),
        WithdrawReason.WISH: _("whoever it belongs to wishes so"),
        WithdrawReason.OTHER: _("something else"),
    }
    return names[reason]


def read_choice(kind: type[_E], text: str | None) -> _E | None:
    """Return the value of a choice; ``None`` for anything else."""
    try:
        return kind(text) if text else None
    except ValueError:
        return None


def read_id(text: str | None) -> UUID | None:
    """Return an identifier; ``None`` for anything else."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def read_number(text: str | None) -> int | None:
    """Return a whole number from 0 on; ``None`` for anything else."""
    return int(text) if text and text.isdecimal() and text.isascii() and len(text) < 9 else None


def read_page(values: Mapping[str, str]) -> int:
    """Return which page an address asks for; the first one for anything that is none."""
    return read_number(values.get("seite")) or 1


def read_text(values: Mapping[str, str], name: str, *, longest: int = LONGEST_PARAMETER) -> str:
    """Return a line of text, without what nobody sees."""
    seen = "".join(letter if letter.isprintable() else " " for letter in values.get(name, "")[:longest])
    return " ".join(seen.split())


def read_day(text: str | None) -> date | None:
    """Return a day. Raises ``WrongDescription`` for what is none."""
    try:
        return date.fromisoformat(text.strip()) if text and text.strip() else None
    except ValueError as error:
        raise WrongDescription(_("Please give a day as in 2027-12-31.")) from error


def safe_link(url: str | None) -> str | None:
    """Return an address that may be linked to; nothing for one that would do something else than lead somewhere."""
    try:
        return check_url(url) if url else None
    except WrongDescription:
        return None
