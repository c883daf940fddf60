"""How alike two organisations are, and why, in words: state, district, association, kind, population.

Points from 0 to 100, the same in Python and in the database (``repository.likeness_points``), so that whoever asks why
somebody stands first can be told:

- the very same body: 100. An independent city that is its own district is one body.
- who works for whom, whatever their sizes: your association 75, your district 50, the other way round 45 and 35.
- all others: the nearest place they share (association 40, district 30, state 15), up to 50 for their sizes by the
  ratio of the populations (``SIZE_POINTS``), and 10 for being of one kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from knowledge.kit.language import _
from knowledge.models.organisation import Organisation, OrganisationKind

SAME, YOUR_ASSOCIATION, YOUR_DISTRICT, IN_YOUR_ASSOCIATION, IN_YOUR_DISTRICT = 100, 75, 50, 45, 35
SAME_ASSOCIATION, SAME_DISTRICT, SAME_STATE, SAME_KIND = 40, 30, 15, 10
# Up to which ratio of the larger population to the smaller one, in percent, there are how many points.
SIZE_POINTS = ((125, 50), (160, 40), (200, 30), (300, 15), (500, 5))
# From so many on, two sizes are called alike: neither has more than twice the other's population.
ALIKE = 30
LEVELS = frozenset({OrganisationKind.MUNICIPALITY, OrganisationKind.ASSOCIATION, OrganisationKind.DISTRICT})


class ReasonKind(StrEnum):
    """Why one organisation is near another."""

    # The very same body, perhaps under another key.
    SAME = "same"
    SIZE = "size"
    # The other one is the association, or the district, that works for the first.
    YOUR_ASSOCIATION = "your_association"
    YOUR_DISTRICT = "your_district"
    # The other one is among those that the first works for.
    IN_YOUR_ASSOCIATION = "in_your_association"
    IN_YOUR_DISTRICT = "in_your_district"
    # They share it, and nothing nearer.
    ASSOCIATION = "association"
    DISTRICT = "district"
    STATE = "state"
    # Both are associations, or both districts; that both are municipalities goes without saying.
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason; ``state_key`` tells which word people have for an association there („Amt", „Samtgemeinde")."""

    kind: ReasonKind
    state_key: str | None = None
    # With ``KIND``: which one.
    level: OrganisationKind | None = None


@dataclass(frozen=True, slots=True)
class Likeness:
    """From 0 (nothing in common) to 1, with the reasons in the order in which they are said."""

    score: float
    reasons: tuple[Reason, ...] = ()

    def has(self, *kinds: ReasonKind) -> bool:
        """Whether one of these is among the reasons."""
        return any(reason.kind in kinds for reason in self.reasons)

    @property
    def points(self) -> int:
        """The score in points, from 0 to 100."""
        return round(self.score * 100)


NOTHING = Likeness(0.0)


def body_key(organisation: Organisation) -> str:
    """Return the key of the body that a record stands for: an independent city is its own district, too."""
    return organisation.same_as_key or organisation.key


def likeness(one: Organisation, other: Organisation) -> Likeness:
    """Return how near ``other`` is to ``one``, seen from ``one``."""
    if body_key(one) == body_key(other):
        return Likeness(SAME / 100, (Reason(ReasonKind.SAME),))
    working = _working(one, other)
    if working is not None:
        kind, points = working
        return Likeness(points / 100, (Reason(kind, one.state_key),))
    size, place, same_kind = _size_points(one, other), _place(one, other), _of_one_kind(one, other)
    reasons = [Reason(ReasonKind.SIZE)] if size >= ALIKE else []
    points = size
    if place is not None:
        reasons.append(Reason(place[0], one.state_key))
        points += place[1]
    if same_kind:
        points += SAME_KIND
        if one.kind is not OrganisationKind.MUNICIPALITY:
            reasons.append(Reason(ReasonKind.KIND, one.state_key, one.kind))
    return Likeness(points / 100, tuple(reasons))


def _working(one: Organisation, other: Organisation) -> tuple[ReasonKind, int] | None:
    """Return who works for whom, where one of the two does."""
    kind = OrganisationKind
    if other.kind is kind.ASSOCIATION and one.kind is kind.MUNICIPALITY and one.association_key == other.key:
        return ReasonKind.YOUR_ASSOCIATION, YOUR_ASSOCIATION
    if other.kind is kind.DISTRICT and one.district_key == other.key:
        return ReasonKind.YOUR_DISTRICT, YOUR_DISTRICT
    if one.kind is kind.ASSOCIATION and other.kind is kind.MUNICIPALITY and other.association_key == one.key:
        return ReasonKind.IN_YOUR_ASSOCIATION, IN_YOUR_ASSOCIATION
    if one.kind is kind.DISTRICT and other.district_key == one.key:
        return ReasonKind.IN_YOUR_DISTRICT, IN_YOUR_DISTRICT
    return None


def _size_points(one: Organisation, other: Organisation) -> int:
    if not one.population or not other.population:
        return 0
    for low, high, points in size_bounds(one.population):
        if low <= other.population <= high:
            return points
    return 0


def size_bounds(population: int) -> list[tuple[int, int, int]]:
    """Return the populations that get points beside this one, whole numbers: from, to, how many points."""
    return [(-(-population * 100 // percent), population * percent // 100, points) for percent, points in SIZE_POINTS]


def _place(one: Organisation, other: Organisation) -> tuple[ReasonKind, int] | None:
    """Return the nearest place that both share."""
    if one.association_key is not None and one.association_key == other.association_key:
        return ReasonKind.ASSOCIATION, SAME_ASSOCIATION
    if one.district_key is not None and one.district_key == other.district_key:
        return ReasonKind.DISTRICT, SAME_DISTRICT
    if one.state_key is not None and one.state_key == other.state_key:
        return ReasonKind.STATE, SAME_STATE
    return None


def _of_one_kind(one: Organisation, other: Organisation) -> bool:
    return one.kind is other.kind and one.kind in LEVELS


def reason_words(reasons: Sequence[Reason]) -> str:
    """Return reasons in words of the current language: „ähnliche Größe, gleicher Landkreis"; empty without any."""
    return ", ".join(_reason_word(reason) for reason in reasons)


def _reason_word(reason: Reason) -> str:
    match reason.kind:
        case ReasonKind.YOUR_ASSOCIATION:
            return _your_association(reason.state_key)
        case ReasonKind.IN_YOUR_ASSOCIATION:
            return _in_your_association(reason.state_key)
        case ReasonKind.ASSOCIATION:
            return _same_association(reason.state_key)
        case ReasonKind.KIND:
            return _("a district, too") if reason.level is OrganisationKind.DISTRICT else _("an association, too")
    return {
        ReasonKind.SAME: _("your own house"),
        ReasonKind.SIZE: _("similar size"),
        ReasonKind.YOUR_DISTRICT: _("your district, which works for you, too"),
        ReasonKind.IN_YOUR_DISTRICT: _("in your district"),
        ReasonKind.DISTRICT: _("same district"),
        ReasonKind.STATE: _("same state"),
    }[reason.kind]


# What an association of municipalities is called, by the key of the state.
_AMT, _SAMTGEMEINDE, _VERBANDSGEMEINDE = frozenset({"01", "12", "13"}), frozenset({"03"}), frozenset({"07", "15"})


def _your_association(state: str | None) -> str:
    if state in _AMT:
        return _("your Amt, which works for you, too")
    if state in _SAMTGEMEINDE:
        return _("your Samtgemeinde, which works for you, too")
    if state in _VERBANDSGEMEINDE:
        return _("your Verbandsgemeinde, which works for you, too")
    return _("your association, which works for you, too")


def _in_your_association(state: str | None) -> str:
    if state in _AMT:
        return _("belongs to your Amt")
    if state in _SAMTGEMEINDE:
        return _("belongs to your Samtgemeinde")
    if state in _VERBANDSGEMEINDE:
        return _("belongs to your Verbandsgemeinde")
    return _("belongs to your association")


def _same_association(state: str | None) -> str:
    if state in _AMT:
        return _("same Amt")
    if state in _SAMTGEMEINDE:
        return _("same Samtgemeinde")
    if state in _VERBANDSGEMEINDE:
        return _("same Verbandsgemeinde")
    return _("same association")
