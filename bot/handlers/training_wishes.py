"""What somebody looks for in trainings, read from plain words: topics, a time, a place, online."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from knowledge.kit.clock import HOME
from knowledge.models.organisation import OrganisationKind
from knowledge.organisations.names import fold_name
from knowledge.organisations.schemas import FoundOrganisation, Match
from knowledge.organisations.service import OrganisationService
from knowledge.organisations.states import STATES
from knowledge.topics.tree import TopicTree

# More words than these are no wish, but a text.
MOST_WORDS = 40
# From so many letters on, a word is not by chance a part of another one.
LONG = 6
_MONTHS = (
    ("januar", "jänner", "january", "jan"),
    ("februar", "february", "feb"),
    ("märz", "maerz", "march", "mrz", "mar"),
    ("april", "apr"),
    ("mai", "may"),
    ("juni", "june", "jun"),
    ("juli", "july", "jul"),
    ("august", "aug"),
    ("september", "sept", "sep"),
    ("oktober", "october", "okt", "oct"),
    ("november", "nov"),
    ("dezember", "december", "dez", "dec"),
)
MONTHS = {word: number for number, words in enumerate(_MONTHS, start=1) for word in words}
_NEXT = r"(?:nächste[nrs]?|naechste[nrs]?|kommende[nrs]?|next)"
_THIS = r"(?:diese[nrs]?|this)"
_SMALL = (
    "ab alle am an auf bei bitte das der des die ein eine einen es for für fuer gibt hat i ich im in ist könnte mich "
    "mit near nach of oder on schulung schulungen seminar seminare kurs kurse fortbildung fortbildungen the training "
    "trainings thema themen to über ueber um und von vom want was welche what will with wo zu zum zur"
)
_SMALL_WORDS = frozenset(_SMALL.split())


@dataclass(frozen=True, slots=True)
class Own:
    """Where somebody is at home, for „hier"."""

    state_key: str | None = None
    district_key: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. ``since`` and ``until`` are days, both included.

    ``words`` are those that mean no topic, time or place; trainings are to hold all of them. ``here_unknown``: „hier"
    was said by somebody of whom no place is known. ``names_district``: „Landkreis" was said.
    """

    topics: tuple[UUID, ...] = ()
    state_key: str | None = None
    district_key: str | None = None
    district_name: str | None = None
    online: bool | None = None
    since: date | None = None
    until: date | None = None
    words: tuple[str, ...] = ()
    here_unknown: bool = False
    names_district: bool = False

    @property
    def starts(self) -> datetime | None:
        """The first moment of it."""
        return _midnight(self.since) if self.since else None

    @property
    def ends(self) -> datetime | None:
        """The first moment behind it."""
        return _midnight(self.until + timedelta(days=1)) if self.until else None

    @property
    def reads_texts(self) -> bool:
        """Whether it takes more than a look at columns to find it."""
        return bool(self.topics or self.words)

    def fits(self, text: str, topics: Collection[UUID], tree: TopicTree) -> bool:
        """Whether something with this text and these topics is looked for, as to what it is about.

        What has a topic's words in its text counts as well: not everybody who writes a training chooses topics.
        """
        folded = f" {fold_name(text)} "
        if not all(fold_name(word) in folded for word in self.words):
            return False
        return all(tree.below(key) & set(topics) or _says(folded, _names(tree, key)) for key in self.topics)


def _names(tree: TopicTree, key: UUID) -> list[str]:
    entry = tree.get(key)
    names = (entry.name_de, entry.name_en, *tree.words(key)) if entry is not None else ()
    return [fold_name(name) for name in names]


def _says(folded: str, names: list[str]) -> bool:
    """Whether a folded text says one of some names; long ones also as a part of a compound, as in „Aktenplan"."""
    return any((name if len(name) >= LONG else f" {name} ") in folded for name in names if name)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), HOME).astimezone(UTC)


async def read_wanted(text: str, tree: TopicTree, own: Own, *, today: date, register: OrganisationService) -> Wanted:
    """Return what words ask for.

    Args:
        text: as somebody wrote it.
        tree: the topics.
        own: where they are at home.
        today: where the municipalities are.
        register: knows the names of districts.
    """
    wanted = read_words(text, tree, own, today=today)
    if not wanted.words or wanted.state_key or wanted.district_key:
        return wanted
    district = await _district(register, " ".join(wanted.words), named=wanted.names_district)
    if district is None:
        return wanted
    return replace(wanted, words=(), district_key=district.key, district_name=district.name)


def read_words(text: str, tree: TopicTree, own: Own, *, today: date) -> Wanted:
    """Return what words ask for, as far as that can be said without the register."""
    reading = _Reading(" ".join(text.split()[:MOST_WORDS]), today)
    reading.take_times()
    reading.take_places(own)
    return _with_topics(reading.wanted, reading.left, tree)


async def _district(register: OrganisationService, name: str, *, named: bool) -> FoundOrganisation | None:
    """Return the district of a name; without the word „Landkreis" it must be called exactly so."""
    found = await register.find(name, kinds=(OrganisationKind.DISTRICT,), limit=1)
    good = (Match.EXACT, Match.PREFIX, Match.WORDS, Match.SIMILAR) if named else (Match.EXACT,)
    return found[0] if found and found[0].match in good else None


class _Reading:
    """Takes what it understands out of a text, one kind after the other."""

    def __init__(self, text: str, today: date) -> None:
        self.left = f" {text} "
        self.today = today
        self.wanted = Wanted()

    def _take(self, pattern: str) -> re.Match[str] | None:
        found = re.search(rf"(?<![\w-]){pattern}(?![\w-])", self.left, re.IGNORECASE)
        if found is not None:
            self.left = f"{self.left[: found.start()]} {self.left[found.end() :]}"
        return found

    def take_times(self) -> None:
        """Read when."""
        for pattern, span in _SPANS:
            if self._take(pattern):
                self._between(*span(self.today))
                return
        if not self._take_day():
            self._take_month()

    def _between(self, since: date, until: date) -> None:
        self.wanted = replace(self.wanted, since=since, until=until)

    def _take_day(self) -> bool:
        found = self._take(r"(ab |from )?(\d{1,2})\.\s?(\d{1,2})\.(\d{4})?")
        day = day_of(int(found[2]), int(found[3]), int(found[4] or 0), self.today) if found else None
        if found is None or day is None:
            return False
        self.wanted = replace(self.wanted, since=day, until=None if found[1] else day)
        return True

    def _take_month(self) -> None:
        names = "|".join(sorted(MONTHS, key=len, reverse=True))
        found = self._take(rf"(ab |from )?({names})(?: (\d{{4}}))?")
        if found is None:
            return
        month = MONTHS[found[2].casefold()]
        year = int(found[3]) if found[3] else self.today.year + (month < self.today.month)
        first = date(max(year, 1), month, 1)
        self.wanted = replace(self.wanted, since=first, until=None if found[1] else _month_end(first))

    def take_places(self, own: Own) -> None:
        """Read where, and whether online."""
        if self._take(r"(?:online|digital|virtuell|virtual|webinare?|videokonferenz|per video)"):
            self.wanted = replace(self.wanted, online=True)
        elif self._take(r"(?:präsenz|praesenz|vor ort|in person|on site)"):
            self.wanted = replace(self.wanted, online=False)
        if self._take(r"(?:hier|here|bei uns|in der nähe|in meiner nähe|nearby|bei mir)"):
            unknown = own.state_key is None and own.district_key is None
            self.wanted = replace(self.wanted, state_key=own.state_key, here_unknown=unknown)
            if own.state_key is None:
                self.wanted = replace(self.wanted, district_key=own.district_key)
        if self._take(r"(?:mein(?:em)? (?:land)?kreis|unser(?:em)? (?:land)?kreis|my district)"):
            unknown = own.district_key is None
            self.wanted = replace(self.wanted, district_key=own.district_key, here_unknown=unknown)
        if self._take(r"(?:landkreis|kreis|lk|district)"):
            self.wanted = replace(self.wanted, names_district=True)
        else:
            self._take_state()

    def _take_state(self) -> None:
        for key, (short, name) in sorted(STATES.items(), key=lambda pair: -len(pair[1][1])):
            if self._take(re.escape(name)) or (short in self.left.split() and self._take(short)):
                self.wanted = replace(self.wanted, state_key=key)
                return
        if self._take("nrw"):
            self.wanted = replace(self.wanted, state_key="05")


def _with_topics(wanted: Wanted, text: str, tree: TopicTree) -> Wanted:
    """Return it with the topics that the words mean, the longest runs of words first; what means none is left."""
    words = [word.strip(",;.:!?„“\"'()") for word in text.split()]
    words = [word for word in words if word]
    topics: list[UUID] = []
    for length in range(min(len(words), 5), 0, -1):
        start = 0
        while start + length <= len(words):
            entry = tree.find(" ".join(words[start : start + length]))
            if entry is None or words[start].casefold() in _SMALL_WORDS:
                start += 1
                continue
            topics.append(entry.id)
            del words[start : start + length]
    left = tuple(word for word in words if word.casefold() not in _SMALL_WORDS)
    return replace(wanted, topics=tuple(dict.fromkeys(topics)), words=left)


def day_of(day: int, month: int, year: int, today: date) -> date | None:
    """Return a day; without a year the next one of that name. ``None`` where there is no such day."""
    try:
        if year:
            return date(year, month, day)
        if (month, day) == (2, 29):
            return None  # without its year nobody knows which is meant
        this = date(today.year, month, day)
    except ValueError:
        return None
    return this if this >= today else date(today.year + 1, month, day)


def _month_end(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _day_from(today: date, ahead: int) -> tuple[date, date]:
    return today + timedelta(days=ahead), today + timedelta(days=ahead)


def _week(today: date, ahead: int) -> tuple[date, date]:
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=ahead)
    return max(monday, today), monday + timedelta(days=6)


def _month(today: date, ahead: int) -> tuple[date, date]:
    first = today.replace(day=1)
    for _step in range(ahead):
        first = _month_end(first) + timedelta(days=1)
    return max(first, today), _month_end(first)


def _year(today: date, ahead: int) -> tuple[date, date]:
    year = today.year + ahead
    return max(date(year, 1, 1), today), date(year, 12, 31)


_SPANS: tuple[tuple[str, Callable[[date], tuple[date, date]]], ...] = (
    (r"(?:heute|today)", lambda today: _day_from(today, 0)),
    (r"(?:morgen|tomorrow)", lambda today: _day_from(today, 1)),
    (rf"{_THIS} (?:woche|week)", lambda today: _week(today, 0)),
    (r"(?:übernächste|uebernaechste) woche", lambda today: _week(today, 2)),
    (rf"{_NEXT} (?:woche|week)", lambda today: _week(today, 1)),
    (rf"{_THIS} (?:monat|month)", lambda today: _month(today, 0)),
    (rf"{_NEXT} (?:monat|month)", lambda today: _month(today, 1)),
    (rf"{_THIS} (?:jahr|year)", lambda today: _year(today, 0)),
    (rf"{_NEXT} (?:jahr|year)", lambda today: _year(today, 1)),
)
