"""What the pages of one's own contributions have in common: words, fields of forms, and reading them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData

from knowledge.access.rights import Visitor
from knowledge.contributions.checking import LONGEST_QUOTE, LONGEST_SUGGESTION, QUOTE, SUGGESTION, label_of
from knowledge.contributions.fields import BY_NAME, FIELDS, MOST_TOPICS, Field, value_label
from knowledge.contributions.schemas import Author, ContributionEntry
from knowledge.contributions.service import UNDECIDED
from knowledge.kit.language import _
from knowledge.library.addresses import document_path
from knowledge.models.contribution import ContributionState
from knowledge.models.document import Visibility

OWN = "/beitraege"
SHORT, LONGEST_TITLE = 300, 100


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of the form; with ``options`` one of these is chosen."""

    name: str
    label: str
    value: str
    is_needed: bool
    longest: int | None
    rows: int
    hint: str = ""
    options: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """One field as it is read."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class ContributionView:
    """A contribution as its author or their house reads it.

    ``question`` is what a moderator asks and waits for; ``conversation`` is what was said, by whom, in order.
    """

    id: UUID
    title: str
    state: str
    badge: str
    entry: ContributionEntry
    fields: Sequence[Shown]
    question: str
    who_sees: str
    whose: str
    document: str
    can_change: bool
    can_withdraw: bool


def author_of(visitor: Visitor) -> Author:
    """Return whoever visits as an author."""
    member = visitor.known
    return Author(member.id, member.organisation_id)


def view_of(entry: ContributionEntry, circles: Mapping[UUID, str]) -> ContributionView:
    """Return a contribution as it is shown."""
    published = entry.state is ContributionState.PUBLISHED and entry.document_id is not None
    return ContributionView(
        id=entry.id,
        title=title_of(entry),
        state=state_words(entry),
        badge=_BADGES[entry.state],
        entry=entry,
        fields=[Shown(label_of(name), text_of(name, entry.fields[name])) for name in _names(entry.fields)],
        question=_question(entry),
        who_sees=sees_words(entry, circles),
        whose=entry.described_as or entry.organisation_name or _("without an organisation"),
        document=document_path(entry.document_id) if published and entry.document_id else "",
        can_change=entry.state in UNDECIDED,
        can_withdraw=entry.state is not ContributionState.WITHDRAWN,
    )


def title_of(entry: ContributionEntry) -> str:
    """Return what a contribution is called, also one without a title."""
    title = entry.title or str(entry.fields.get(SUGGESTION) or entry.fields.get("done") or "")
    line = " ".join(title.split()) or _("without a title")
    return line if len(line) <= LONGEST_TITLE else line[:LONGEST_TITLE].rstrip() + " …"


_BADGES = {
    ContributionState.DRAFT: "neutral",
    ContributionState.HOUSE: "info",
    ContributionState.WAITING: "info",
    ContributionState.ASKED: "warning",
    ContributionState.POSTPONED: "info",
    ContributionState.PUBLISHED: "success",
    ContributionState.REJECTED: "danger",
    ContributionState.WITHDRAWN: "neutral",
}


def state_words(entry: ContributionEntry) -> str:
    """Return where a contribution stands."""
    words = {
        ContributionState.DRAFT: _("a draft, which only you see"),
        ContributionState.HOUSE: _("waits for your own house to release it"),
        ContributionState.WAITING: _("waits for a moderator"),
        ContributionState.ASKED: _("a moderator has a question"),
        ContributionState.POSTPONED: _("put off by the moderators"),
        ContributionState.PUBLISHED: _("published"),
        ContributionState.REJECTED: _("not published"),
        ContributionState.WITHDRAWN: _("withdrawn"),
    }
    if entry.state is ContributionState.DRAFT and entry.reason:
        return _("given back by your house")
    return words[entry.state]


def sees_words(entry: ContributionEntry, circles: Mapping[UUID, str]) -> str:
    """Return who is to find a contribution."""
    if entry.visibility is Visibility.CIRCLE and entry.circles:
        return ", ".join(circles.get(circle, "–") for circle in entry.circles)
    return visibility_words()[entry.visibility]


def visibility_words() -> dict[Visibility, str]:
    """Return what the visibilities are called."""
    return {
        Visibility.HOUSE: _("Our own house"),
        Visibility.CIRCLE: _("Certain circles"),
        Visibility.NETWORK: _("The network"),
        Visibility.PUBLIC: _("Everybody"),
    }


def _question(entry: ContributionEntry) -> str:
    if entry.state is not ContributionState.ASKED:
        return ""
    return next((message.text for message in reversed(entry.messages) if not message.from_author), "")


def _names(fields: Mapping[str, Any]) -> list[str]:
    return [name for name in (QUOTE, SUGGESTION, *BY_NAME) if fields.get(name)]


def text_of(name: str, value: Any) -> str:
    """Return the value of a field as it is read."""
    field = BY_NAME.get(name)
    if field is not None and field.values is not None:
        return value_label(field.values(value))
    return ", ".join(value) if isinstance(value, list) else str(value or "")


def form_fields(values: Mapping[str, Any]) -> list[FormField]:
    """Return the fields of the form with their values, the needed ones first; of a suggestion, its own."""
    if SUGGESTION in values:
        return suggestion_fields(values)
    ordered = sorted(FIELDS, key=lambda field: not field.needed)
    return [_form_field(field, values.get(field.name)) for field in ordered]


def suggestion_fields(values: Mapping[str, Any]) -> list[FormField]:
    """Return the fields of a suggestion."""
    hint = _("Copy the sentence that it is about, or leave it empty.")
    return [
        FormField(QUOTE, label_of(QUOTE), str(values.get(QUOTE, "")), False, LONGEST_QUOTE, 3, hint),
        FormField(SUGGESTION, label_of(SUGGESTION), str(values.get(SUGGESTION, "")), True, LONGEST_SUGGESTION, 6),
    ]


def _form_field(field: Field, value: Any) -> FormField:
    text = ", ".join(value) if isinstance(value, list) else str(value or "")
    options = [(choice.value, value_label(choice)) for choice in field.values or ()]
    longest = None if field.is_list or options else field.longest
    rows = 0 if field.is_list or options or field.longest <= SHORT else 6
    return FormField(field.name, label_of(field.name), text, field.needed, longest, rows, _hint(field.name), options)


def _hint(name: str) -> str:
    hints = {
        "title": _("One line that says what it is about."),
        "outcome": _("Also what did not work: failures are welcome."),
        "period": _("For example: 2023 to 2025."),
        "costs": _("Money, working hours, funding programme; also roughly."),
        "legal": _("For example the law, a works agreement, when the staff council was asked."),
        "topics": _("Up to {count} words, parted by commas.").format(count=MOST_TOPICS),
        "contact": _("Only with the consent of whom you name."),
    }
    return hints.get(name, "")


def typed_fields(form: FormData) -> dict[str, str]:
    """Return what was typed into the fields of the form."""
    known = {*BY_NAME, SUGGESTION, QUOTE}
    return {name: value for name, value in form.items() if name in known and isinstance(value, str)}


def typed_texts(form: FormData, name: str) -> list[str]:
    """Return all values of one name."""
    return [value for value in form.getlist(name) if isinstance(value, str)]
