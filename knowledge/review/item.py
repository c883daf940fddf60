"""Everything that a moderator sees of one contribution, put together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from knowledge.contributions.checking import QUOTE, SUGGESTION, label_of
from knowledge.contributions.fields import BY_NAME, value_label
from knowledge.contributions.schemas import ContributionEntry
from knowledge.contributions.service import ContributionService
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.library.answers.service import AnswerService
from knowledge.models.contribution import ContributionState
from knowledge.models.document import Document, Kind
from knowledge.personal_data.schemas import finding_word
from knowledge.review.comparing import Comparison, Marked, compare, marked
from knowledge.review.fields import is_suggestion, names_of, typed_text
from knowledge.review.findings import Found, find_in_fields
from knowledge.review.looking import ContributionReader, Looked
from knowledge.review.merging import fields_of
from knowledge.review.neighbours import Neighbours, find_neighbours
from knowledge.review.preview import Preview, preview_of
from knowledge.review.queue import correction_title
from knowledge.review.schemas import OPEN, Act, Reviewer

DECIDING = ("review:publish", "review:reject", "review:merge")


@dataclass(frozen=True, slots=True)
class Section:
    """One field with its heading; each of its texts (several for lists) with marks."""

    name: str
    label: str
    texts: Sequence[Sequence[Marked]]


@dataclass(frozen=True, slots=True)
class Changed:
    """One field of which a correction wants other words."""

    label: str
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class FindingLine:
    """Something that looks like personal data: in which field, what kind, and the place as a form carries it."""

    label: str
    word: str
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class ItemView:
    """A contribution as its moderator looks at it.

    ``is_others``: it is the moderator's own, and somebody else decides. ``hides_corrected``: what it corrects is not
    for this moderator. ``changes`` is what a correction of an experience changes, ``names_house_in`` the fields in
    which an anonymous one still names its organisation.
    """

    entry: ContributionEntry
    title: str
    topics: Sequence[str]
    is_open: bool
    is_others: bool
    is_own: bool
    hides_corrected: bool
    corrected: Document | None
    corrected_by: str | None
    decided_by: str | None
    is_suggestion: bool
    sections: Sequence[Section]
    changes: Sequence[Changed]
    findings: Sequence[FindingLine]
    neighbours: Neighbours
    preview: Preview | None
    names_house_in: Sequence[str]
    acts: Sequence[Act]

    @property
    def may_decide(self) -> bool:
        """Whether this moderator may publish, reject or merge it."""
        return self.is_open and not self.is_others and not self.hides_corrected


class ItemReader:
    """Puts items together for one reviewer; it only reads."""

    def __init__(self, unit: UnitOfWork, answers: AnswerService, reviewer: Reviewer) -> None:
        self._unit = unit
        self._answers = answers
        self._reviewer = reviewer
        self._reader = ContributionReader(unit.session, reviewer)

    async def view(self, key: UUID) -> ItemView:
        """Return a contribution with all that belongs to it. Raises ``UnknownContribution``."""
        found = await self._reader.look(key)
        entry = await self._reader.entry(found)
        is_open = entry.state in OPEN
        if entry.state is ContributionState.WITHDRAWN:
            # Taken back is gone, also for moderators.
            entry = replace(entry, fields={}, messages=())
        findings = find_in_fields(entry.fields) if is_open else []
        suggestion = is_suggestion(entry.fields)
        acts = await self._reader.acts(key)
        return ItemView(
            entry=entry,
            title=entry.title or correction_title(entry.kind, found.corrected, self._reviewer),
            topics=found.topics if entry.fields else (),
            is_open=is_open,
            is_others=found.is_others,
            is_own=entry.member_id == self._reviewer.member_id,
            hides_corrected=found.hides_corrected,
            corrected=found.corrected,
            corrected_by=await self._reader.owner(found.corrected),
            decided_by=_decider(acts),
            is_suggestion=suggestion,
            sections=[_section(entry, name, findings) for name in names_of(entry.fields) if entry.fields.get(name)],
            changes=await self._changes(found, entry) if is_open else (),
            findings=[_finding_line(one) for one in findings],
            neighbours=await self._neighbours(entry) if is_open else Neighbours(),
            preview=preview_of(entry, found.organisation) if is_open and not suggestion else None,
            names_house_in=await ContributionService(self._unit).names_house(entry) if is_open else (),
            acts=acts,
        )

    async def _neighbours(self, entry: ContributionEntry) -> Neighbours:
        return await find_neighbours(self._unit.session, self._answers, self._reviewer, entry)

    async def _changes(self, found: Looked, entry: ContributionEntry) -> list[Changed]:
        if found.corrected is None:
            return []
        if is_suggestion(entry.fields):
            return _suggested(entry)
        if found.corrected.kind is not Kind.EXPERIENCE:
            return []
        old = await fields_of(self._unit, found.corrected)
        pairs = ((name, shown_text(name, old.get(name)), shown_text(name, entry.fields.get(name))) for name in BY_NAME)
        compared = [Changed(label_of(name), compare(before, after)) for name, before, after in pairs]
        return [one for one in compared if one.comparison.differs]


def _decider(acts: Sequence[Act]) -> str | None:
    """Return who decided, from what is on record."""
    deciding = [act for act in acts if act.action in DECIDING]
    return deciding[-1].by if deciding else None


def _suggested(entry: ContributionEntry) -> list[Changed]:
    """Return the passage that was quoted beside what is suggested for it."""
    quoted = str(entry.fields.get(QUOTE) or "")
    if not quoted:
        return []
    return [Changed(label_of(SUGGESTION), compare(quoted, str(entry.fields.get(SUGGESTION) or "")))]


def _section(entry: ContributionEntry, name: str, findings: Sequence[Found]) -> Section:
    value = entry.fields[name]
    texts = value if isinstance(value, list) else [shown_text(name, value)]
    here = [found for found in findings if found.place.field == name]
    parts = [
        marked(str(text), [found.finding for found in here if found.place.number == number])
        for number, text in enumerate(texts)
    ]
    return Section(name, label_of(name), parts)


def shown_text(name: str, value: Any) -> str:
    """Return the value of a field in words."""
    field = BY_NAME.get(name)
    if field is not None and field.values is not None and value in {one.value for one in field.values}:
        return value_label(field.values(value))
    return typed_text(value)


def _finding_line(found: Found) -> FindingLine:
    finding = found.finding
    return FindingLine(label_of(found.place.field), finding_word(finding.kind), finding.text, found.place.written)
