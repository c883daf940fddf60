"""What was found on something, by organisation: which reports are independent, and where they contradict."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from knowledge.library.answers.quoting import group_duplicates
from knowledge.library.answers.retrieval import Around, RankedPassage
from knowledge.library.experiences import Again, Progress
from knowledge.models.document import Kind
from knowledge.models.organisation import Organisation, OrganisationKind
from knowledge.peers.likeness import NOTHING, Likeness, ReasonKind, body_key, likeness

_T = TypeVar("_T", Progress, Again)
# A report is about something when it covers so much of its words.
COVERS = 0.5
# Of what was cited in the answer before, that much will do.
COVERS_CITED = 0.25
# Where an association's staff does the work of its municipalities, so that they are one house with it. Elsewhere
# (Baden-Württemberg, Sachsen), municipalities in an association keep an administration of their own.
_ONE_STAFF = frozenset({"01", "03", "07", "09", "12", "13", "15", "16"})
_LIKE_OURS = (
    ReasonKind.SIZE,
    ReasonKind.ASSOCIATION,
    ReasonKind.DISTRICT,
    ReasonKind.YOUR_ASSOCIATION,
    ReasonKind.YOUR_DISTRICT,
    ReasonKind.IN_YOUR_ASSOCIATION,
)


@dataclass(frozen=True, slots=True)
class Report:
    """One published experience that is about it, with its best passages and how near its organisation is."""

    document: UUID
    organisation: Organisation
    passages: tuple[RankedPassage, ...]
    share: float
    near: Likeness
    progress: Progress | None
    again: Again | None

    @property
    def is_like_ours(self) -> bool:
        """Whether its organisation may be called one like the asker's."""
        return self.near.has(*_LIKE_OURS)


@dataclass(frozen=True, slots=True)
class House:
    """Reports that are not independent of each other, the nearest and best first."""

    reports: tuple[Report, ...]

    @property
    def best(self) -> Report:
        """The one to cite."""
        return self.reports[0]

    @property
    def is_like_ours(self) -> bool:
        """Whether one of them is of an organisation like the asker's."""
        return any(report.is_like_ours for report in self.reports)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """How many houses say what, where they do not agree."""

    again: int
    not_again: int
    went_well: int
    failed: int

    @property
    def on_again(self) -> bool:
        """Whether some would do it again, and others would not."""
        return bool(self.again and self.not_again)

    @property
    def on_progress(self) -> bool:
        """Whether it runs with some, and failed with others."""
        return bool(self.went_well and self.failed)


def find_reports(
    around: Around, own: Organisation | None, cited: Collection[UUID]
) -> tuple[list[Report], frozenset[UUID]]:
    """Return the reports of other houses on what was looked for, and the anonymous ones, which have no house.

    Args:
        around: what was found.
        own: the asker's organisation.
        cited: documents that the answer before cited, where the question goes on from one.
    """
    reports: dict[UUID, list[RankedPassage]] = {}
    anonymous: set[UUID] = set()
    for item in around.retrieved.passages:
        document, organisation = item.found.document, item.found.organisation
        least = COVERS_CITED if document.id in cited else COVERS
        if document.kind is not Kind.EXPERIENCE or around.shares.get(document.id, 0.0) < least:
            continue
        if organisation is None:
            anonymous.add(document.id)
        elif own is None or body_key(organisation) != body_key(own):
            reports.setdefault(document.id, []).append(item)
    found = [_report(items, around.shares, own) for items in reports.values()]
    return found, frozenset(anonymous)


def _report(items: Sequence[RankedPassage], shares: Mapping[UUID, float], own: Organisation | None) -> Report:
    document, organisation = items[0].found.document, items[0].found.organisation
    assert organisation is not None  # noqa: S101 — reports without one were left out
    return Report(
        document=document.id,
        organisation=organisation,
        passages=tuple(items),
        share=shares.get(document.id, 0.0),
        near=likeness(own, organisation) if own else NOTHING,
        progress=_value(Progress, document.details.get("status")),
        again=_value(Again, document.details.get("would_do_again")),
    )


def _value(kind: type[_T], value: object) -> _T | None:
    try:
        return kind(str(value))
    except ValueError:
        return None


def independent(reports: Sequence[Report], fingerprints: Mapping[UUID, bytes]) -> list[House]:
    """Return the reports by house, nearest first: what two of one house say, or a text that stands twice, counts once.

    An association and the municipalities that its staff works for are one house.
    """
    ordered = sorted(reports, key=lambda one: (-one.near.points, -one.share, one.organisation.key, one.document.hex))
    groups = group_duplicates([report.document for report in ordered], fingerprints)
    leaders: dict[str, str] = {}

    def leader(mark: str) -> str:
        while leaders.setdefault(mark, mark) != mark:
            mark = leaders[mark]
        return mark

    for report in ordered:
        first, *others = (f"text:{groups[report.document]}", *_house_marks(report.organisation))
        for mark in others:
            leaders[leader(mark)] = leader(first)
    houses: dict[str, list[Report]] = {}
    for report in ordered:
        houses.setdefault(leader(f"text:{groups[report.document]}"), []).append(report)
    return [House(tuple(found)) for found in houses.values()]


def _house_marks(organisation: Organisation) -> list[str]:
    marks = [f"body:{body_key(organisation)}"]
    staff = organisation.association_key
    if organisation.kind is OrganisationKind.ASSOCIATION:
        staff = organisation.key
    if staff is not None and staff[:2] in _ONE_STAFF:
        marks.append(f"staff:{staff}")
    return marks


def contradiction(houses: Sequence[House]) -> Contradiction:
    """Return how many houses say that they would do it again, or not, and that it went well, or failed.

    A house that says both counts for both.
    """

    def count(*values: Progress | Again) -> int:
        return sum(any(report.again in values or report.progress in values for report in one.reports) for one in houses)

    return Contradiction(
        again=count(Again.YES, Again.WITH_CHANGES),
        not_again=count(Again.NO),
        went_well=count(Progress.RUNNING, Progress.ENDED, Progress.TRIAL),
        failed=count(Progress.FAILED),
    )
