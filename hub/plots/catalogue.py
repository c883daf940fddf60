"""Which plots there are, and how sums become what is in them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hub.plots.schemas import Column, Form, Plot, Row, Unit
from hub.plots.words import last_day, length_of, period_text, short_period_text, size_text
from knowledge.figures.houses import QUARTER
from knowledge.figures.schemas import ATTENDED, COUNT, DAYS, NO, REGISTERED, REST, YES, Period, Series
from knowledge.figures.service import Register
from knowledge.kit.language import _
from knowledge.organisations.states import STATES, state_name

# So many topics are drawn one by one; the rest of them together.
TOPICS = 5


class Area(StrEnum):
    """The parts of the page; the values are in its address."""

    QUESTIONS = "fragen"
    NETWORK = "netzwerk"
    LEARNING = "lernen"
    REVIEW = "pruefung"
    OWN = "kommune"


@dataclass(frozen=True, slots=True)
class Material:
    """What a plot is made from: the sums, the names of topics, and how many municipalities there are."""

    periods: Sequence[Period]
    topics: Mapping[str, str]
    register: Register
    quarterly: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A plot that there is: its name in addresses, where on the page it stands, what it is made from and how."""

    name: str
    area: Area
    series: Series
    make: Callable[[str, Material], Plot]
    own: bool = False


def over_time(name: str, words: tuple[str, str], form: Form, material: Material, *columns: Column) -> Plot:
    """Return a plot over time; ``words`` are its title and what it shows."""
    rows = _rows(material.periods, QUARTER if material.quarterly else 1)
    return Plot(name, *words, form, rows, columns, over=_("Period"), quarterly=material.quarterly)


def counted(title: Callable[[], str], lead: Callable[[], str], column: Callable[[], str]) -> Callable[..., Plot]:
    """Return what makes a plot of one count over time."""

    def make(name: str, material: Material) -> Plot:
        values = _values(material.periods, COUNT)
        return over_time(name, (title(), lead()), Form.BARS, material, Column(column(), values))

    return make


def shared(title: Callable[[], str], lead: Callable[[], str], of: Callable[[], str]) -> Callable[..., Plot]:
    """Return what makes a plot of a share over time."""

    def make(name: str, material: Material) -> Plot:
        percent = tuple(_percent(period) for period in material.periods)
        whole = tuple(_whole(period) for period in material.periods)
        share = Column(_("Share"), percent, Unit.PERCENT)
        return over_time(name, (title(), lead()), Form.BARS, material, share, Column(of(), whole, drawn=False))

    return make


def in_days(title: Callable[[], str], lead: Callable[[], str], of: Callable[[], str]) -> Callable[..., Plot]:
    """Return what makes a plot of days over time."""

    def make(name: str, material: Material) -> Plot:
        days = Column(_("Days (median)"), _values(material.periods, DAYS), Unit.DAYS)
        count = Column(of(), _values(material.periods, COUNT), drawn=False)
        return over_time(name, (title(), lead()), Form.BARS, material, days, count)

    return make


def participation(name: str, material: Material) -> Plot:
    """Return who came to trainings."""
    words = (
        _("Taking part in trainings"),
        _("Registrations for trainings that are over, and how many of them came."),
    )
    columns = (
        Column(_("registered"), _values(material.periods, REGISTERED)),
        Column(_("took part"), _values(material.periods, ATTENDED)),
    )
    return over_time(name, words, Form.BARS, material, *columns)


def topics(name: str, material: Material) -> Plot:
    """Return what was asked about: the topics that were asked about most, and the rest together."""
    totals: dict[str, float] = {}
    for period in material.periods:
        for key, count in period.counts.items():
            totals[key] = totals.get(key, 0) + count
    known = [key for key in totals if key in material.topics]
    most = sorted(known, key=lambda key: (-totals[key], material.topics[key]))[:TOPICS]
    columns = [Column(material.topics[key], tuple(_cell(period, key) for period in material.periods)) for key in most]
    rest = tuple(sum(count for key, count in period.counts.items() if key not in most) for period in material.periods)
    if any(rest):
        columns.append(Column(_("other topics"), rest))
    words = (
        _("Topics of the questions"),
        _("Questions that were answered from documents on a topic. Some have several topics and are counted in each."),
    )
    return over_time(name, words, Form.STACKED, material, *columns)


def sizes(name: str, material: Material) -> Plot:
    """Return which municipalities take part, by size."""
    total = material.register.sizes
    places = sorted({*_cells(material), *total}, key=int)
    words = (_("Municipalities by size"), _("Municipalities with at least one member, by number of inhabitants."))
    return _cell_plot(name, (*words, _("Inhabitants")), material, [(key, size_text(int(key))) for key in places], total)


def states(name: str, material: Material) -> Plot:
    """Return which municipalities take part, by Land."""
    total = material.register.states
    keys = sorted({*_cells(material), *total} & STATES.keys(), key=lambda key: state_name(key) or "")
    words = (_("Municipalities by Land"), _("Municipalities with at least one member, by Land."))
    return _cell_plot(name, (*words, _("Land")), material, [(key, state_name(key) or key) for key in keys], total)


def _cell_plot(
    name: str,
    words: tuple[str, str, str],
    material: Material,
    cells: Sequence[tuple[str, str]],
    total: Mapping[str, int],
) -> Plot:
    title, lead, over = words
    counts = material.periods[-1].counts if material.periods else {}
    rows = [Row(text) for _key, text in cells] if counts else []
    here: list[float | None] = [counts.get(key) for key, _text in cells] if counts else []
    there: list[float | None] = [total.get(key) for key, _text in cells] if counts else []
    if REST in counts:
        rows.append(Row(_("in the others together")))
        here.append(counts[REST])
        there.append(None)
    columns = [Column(_("take part"), tuple(here))]
    if total:
        columns.append(Column(_("in the official register"), tuple(there), drawn=False))
    return Plot(name, title, lead, Form.CELLS, tuple(rows), tuple(columns), over=over)


def _cells(material: Material) -> set[str]:
    return set(material.periods[-1].counts) - {REST} if material.periods else set()


def _rows(periods: Sequence[Period], step: int) -> tuple[Row, ...]:
    return tuple(
        Row(period_text(one), short_period_text(one), one.first, last_day(one.until), length_of(one) // step)
        for one in periods
    )


def _values(periods: Sequence[Period], key: str) -> tuple[float | None, ...]:
    return tuple(period.counts.get(key) for period in periods)


def _cell(period: Period, key: str) -> float | None:
    """Return the count of a cell; nothing where it may be in the rest."""
    return period.counts.get(key, None if REST in period.counts else 0)


def _whole(period: Period) -> float | None:
    return period.counts[YES] + period.counts[NO] if YES in period.counts else None


def _percent(period: Period) -> float | None:
    whole = _whole(period)
    return round(100 * period.counts[YES] / whole) if whole else None


KINDS: tuple[Kind, ...] = (
    Kind(
        "fragen",
        Area.QUESTIONS,
        Series.QUESTIONS,
        counted(lambda: _("Questions"), lambda: _("Questions asked in chats and in the hub."), lambda: _("Questions")),
    ),
    Kind(
        "beantwortet",
        Area.QUESTIONS,
        Series.ANSWERED,
        shared(
            lambda: _("Answered from the library"),
            lambda: _("Of all questions, those that the library had an answer to."),
            lambda: _("Questions"),
        ),
    ),
    Kind(
        "geholfen",
        Area.QUESTIONS,
        Series.HELPFUL,
        shared(
            lambda: _("Helpful answers"),
            lambda: _("Of all answers that somebody judged, those that helped."),
            lambda: _("Judgements"),
        ),
    ),
    Kind("themen", Area.QUESTIONS, Series.TOPICS, topics),
    Kind("groesse", Area.NETWORK, Series.SIZES, sizes),
    Kind("laender", Area.NETWORK, Series.STATES, states),
    Kind(
        "schulungen",
        Area.LEARNING,
        Series.OFFERED,
        counted(
            lambda: _("Trainings held"),
            lambda: _("Trainings for the network that are over, by their last day."),
            lambda: _("Trainings"),
        ),
    ),
    Kind("teilnahme", Area.LEARNING, Series.PARTICIPATION, participation),
    Kind(
        "nachweise",
        Area.LEARNING,
        Series.CERTIFICATES,
        counted(
            lambda: _("Certificates"),
            lambda: _("Certificates of trainings and learning paths that learners had made out to them."),
            lambda: _("Certificates"),
        ),
    ),
    Kind(
        "lernen",
        Area.LEARNING,
        Series.LESSONS,
        counted(
            lambda: _("Micro-lessons completed"),
            lambda: _("Micro-lessons that somebody completed for the first time."),
            lambda: _("completed"),
        ),
    ),
    Kind(
        "veroeffentlichung",
        Area.REVIEW,
        Series.PUBLICATION,
        in_days(
            lambda: _("Days from contribution to publication"),
            lambda: _("The median: half took fewer days, half more."),
            lambda: _("Published"),
        ),
    ),
    Kind(
        "warteschlange",
        Area.REVIEW,
        Series.QUEUE,
        in_days(
            lambda: _("Days that contributions have been waiting"),
            lambda: _("The median at the end of each month: half have been waiting for fewer days, half for more."),
            lambda: _("Waiting"),
        ),
    ),
    Kind(
        "eigene-beitraege",
        Area.OWN,
        Series.CONTRIBUTIONS,
        counted(
            lambda: _("Our published contributions"),
            lambda: _("Published with the name of your organisation."),
            lambda: _("Published"),
        ),
        own=True,
    ),
    Kind(
        "eigene-lernhaeppchen",
        Area.OWN,
        Series.LESSONS,
        counted(
            lambda: _("Micro-lessons completed by us"),
            lambda: _("Micro-lessons that somebody completed for the first time."),
            lambda: _("completed"),
        ),
        own=True,
    ),
    Kind(
        "eigene-nachweise",
        Area.OWN,
        Series.CERTIFICATES,
        counted(
            lambda: _("Our certificates"),
            lambda: _("Certificates of trainings and learning paths that learners had made out to them."),
            lambda: _("Certificates"),
        ),
        own=True,
    ),
)
