"""Do the papers for an administration say what the program does: periods, tables, and how pages are looked at?"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from datetime import timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from knowledge.kit.settings import TOPICS
from knowledge.privacy.expiry.repository import Rule, rules
from tests.browser import DESKTOP, NARROW, PHONE
from tests.docs.test_datenschutz import listed

PROJECT = Path(__file__).resolve().parents[2]
PAPERS = PROJECT / "docs" / "papiere"
NAMES = (
    "barrierefreiheit.md",
    "dienstvereinbarung.md",
    "ki-hinweis.md",
    "schwellwertanalyse.md",
    "vereinbarung-verantwortliche.md",
    "verzeichnis-verarbeitung.md",
)
UNITS = {"Minute": "minutes", "Stunde": "hours", "Tag": "days", "Jahr": "days"}
# A constant whose name has one of these says how long something lasts or is kept.
LASTING = re.compile(
    r"KEPT|LAST(S|ING)\b|EXPIR|RETAIN|RETENTION|FORGOTTEN|AFTERWARDS|OPEN_FOR|WAITS|OUTLIVES|UNUSED|TO_ANSWER|SHOWN_AFTER"
)
# Constants of a day or more that say something else: how often, how far ahead, when people are reminded or asked.
OTHERWISE = {
    "knowledge.digests.repository.SOON",
    "knowledge.figures.closing.SETTLING",
    "knowledge.freshness.service.AGAIN_AFTER",
    "knowledge.freshness.service.BEFORE",
    "knowledge.freshness.service.EVERY",
    "knowledge.freshness.service.HOLDS_FOR",
    "knowledge.contributions.publishing.REVIEW_AFTER",
    "knowledge.members.limits.MAILS_WITHIN",
    "knowledge.operations.house_checks.OLD_BACKUP",
    "knowledge.peers.requests.limits.AGAIN_AFTER",
    "knowledge.privacy.retention.GRACE",
    "knowledge.questions.reminding.OVERDUE_AFTER",
    "knowledge.questions.routing.LOOKS_FOR",
    "knowledge.review.alerts.AT_MOST_EVERY",
    "knowledge.review.service.LONGEST_WAIT",
    "knowledge.chats.service.SEEN_EVERY",
    "knowledge.trainings.checking.FURTHEST",
    "knowledge.trainings.checking.LONGEST_DATE",
    "knowledge.trainings.checking.LONGEST_SERIES",
    "knowledge.trainings.reminding.AHEAD",
    "knowledge.trainings.reminding.BACK",
    "knowledge.trainings.settling.ASKED_WITHIN",
}
# Settings in days, hours or minutes that keep nothing.
NOT_KEEPING = {"ALLMENDE_CHAT_FRESH_MINUTES", "ALLMENDE_REVIEW_ALERT_DAYS"}
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """How long, as the paper says it, and where that stands in the program."""

    said: str
    place: str


def paper(name: str) -> str:
    """Return the text of a paper."""
    return (PAPERS / name).read_text("utf-8")


def rows(text: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading."""
    below = text.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]
    lines = [line for line in below.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def periods() -> list[Period]:
    """Return all periods that the record names."""
    found = rows(paper("verzeichnis-verarbeitung.md"), "Löschfristen")
    return [Period(cells[0], place) for cells in found for place in re.findall(r"`([\w.]+)`", cells[-1])]


def tables() -> dict[str, str]:
    """Return what the record says of each table of the database."""
    found = rows(paper("verzeichnis-verarbeitung.md"), "Alle Tabellen mit Personenbezug")
    return {cells[0].strip("`"): " | ".join(cells[1:]) for cells in found}


def duration(said: str) -> timedelta:
    """Return what words such as „14 Tage" mean."""
    match = re.fullmatch(r"(\d+) (Minute|Stunde|Tag|Jahr)(e|en|n)?", said)
    assert match is not None, said
    number = int(match[1]) * (365 if match[2] == "Jahr" else 1)
    return timedelta(**{UNITS[match[2]]: number})


def written(period: timedelta) -> str:
    """Return a period of whole days as the record writes it."""
    years, days = divmod(period.days, 365)
    if years > 1 and not days and years != 2:
        return f"{years} Jahre"
    return f"{period.days} Tag" if period.days == 1 else f"{period.days} Tage"


@cache
def settings() -> dict[str, timedelta]:
    """Return the defaults of all settings that are in days, hours or minutes."""
    found = {}
    for topic in TOPICS:
        for name, value in topic().model_dump().items():
            unit = name.rsplit("_", 1)[-1]
            if unit in ("days", "hours", "minutes"):
                found[f"ALLMENDE_{name.upper()}"] = timedelta(**{unit: value})
    return found


def _names(statement: ast.stmt) -> Iterator[str]:
    """Return the names that a statement gives to periods."""
    if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
        return
    if any(isinstance(part, ast.Name) and part.id == "timedelta" for part in ast.walk(statement.value)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))


@cache
def constants() -> dict[str, timedelta]:
    """Return all periods that stand by name in the program, by the name with its module."""
    found: dict[str, timedelta] = {}
    for path in sorted(path for floor in ("knowledge", "bot", "hub") for path in (PROJECT / floor).rglob("*.py")):
        text = path.read_text("utf-8")
        names = [name for line in ast.parse(text).body for name in _names(line)] if "timedelta" in text else []
        module = ".".join(path.relative_to(PROJECT).with_suffix("").parts)
        values = {name: getattr(import_module(module), name) for name in names}
        found |= {f"{module}.{name}": value for name, value in values.items() if isinstance(value, timedelta)}
    return found


def value_of(place: str) -> Any:
    """Return what stands at a place such as ``package.module.NAME`` or ``package.module.Class.field``."""
    module, name = place.rsplit(".", 1)
    kind = module.rsplit(".", 1)[1]
    holder = value_of(module) if kind[0].isupper() else import_module(module)
    return getattr(holder, name) if not is_dataclass(holder) else holder.__dataclass_fields__[name].default


def in_program(place: str) -> timedelta:
    """Return the period that stands in the program at a place that the record names."""
    if place.startswith("ALLMENDE_"):
        return settings()[place]
    value = value_of(place)
    if isinstance(value, timedelta):
        return value
    assert place.lower().endswith("_days"), place
    return timedelta(days=value)


def anchors(text: str) -> set[str]:
    """Return what links into a text can point to."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


class TestPapers:
    def test_all_are_there(self) -> None:
        assert sorted(path.name for path in PAPERS.glob("*.md")) == list(NAMES)

    @pytest.mark.parametrize("name", NAMES)
    def test_each_says_that_it_is_a_draft_and_what_is_to_be_filled_in(self, name: str) -> None:
        title, _blank, draft = paper(name).splitlines()[:3]
        assert title.startswith("# ")
        assert "Entwurf – bitte juristisch prüfen lassen" in draft
        assert "**[" in paper(name)

    def test_links_lead_somewhere(self) -> None:
        followed = 0
        for path in (*PAPERS.glob("*.md"), PROJECT / "SECURITY.md"):
            for file, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", path.read_text("utf-8")):
                target = (path.parent / file).resolve() if file else path
                assert target.exists(), (path.name, file)
                assert not anchor or anchor in anchors(target.read_text("utf-8")), (path.name, file, anchor)
                followed += 1
        assert followed > 20

    @pytest.mark.parametrize("name", [*NAMES, "../../SECURITY.md"])
    def test_what_they_name_of_the_program_is_there(self, name: str) -> None:
        named = re.findall(r"`((?:knowledge|bot|hub|tests|bench|docs)/[\w./-]+)`", paper(name))
        assert [path for path in named if not (PROJECT / path).exists()] == []


class TestPeriods:
    def test_each_is_what_the_program_does(self) -> None:
        named = {each.place: duration(each.said) for each in periods()}
        assert len(named) > 30
        assert named == {place: in_program(place) for place in named}

    def test_every_setting_that_keeps_something_is_named(self) -> None:
        assert settings().keys() - NOT_KEEPING <= {each.place for each in periods()}

    def test_every_constant_that_keeps_something_is_named(self) -> None:
        named = {each.place for each in periods()}
        lasting = {place for place in constants() if LASTING.search(place.rsplit(".", 1)[1])}
        assert len(lasting) > 25
        assert lasting <= named

    def test_every_other_one_of_a_day_or_more_is_known_to_keep_nothing(self) -> None:
        """A new constant goes into the table „Löschfristen“, or into ``OTHERWISE`` when nothing is kept by it."""
        long = {place for place, period in constants().items() if period >= A_DAY}
        plain = {place for place in long if place.endswith((".DAY", ".WEEK"))}
        assert long - plain - {each.place for each in periods()} == OTHERWISE


class TestTables:
    def test_all_about_people_are_there_and_no_other(self) -> None:
        assert tables().keys() == listed().keys()

    def test_each_belongs_to_something_that_is_described(self) -> None:
        described = set(re.findall(r"^### (\d+)\. ", paper("verzeichnis-verarbeitung.md"), re.MULTILINE))
        used = {number for row in tables().values() for number in row.split(" | ")[0].split(", ")}
        assert used == described - {""}

    @pytest.mark.parametrize("name", rules(0))
    def test_what_is_deleted_by_itself_is_said_to_be(self, name: str) -> None:
        rule = rules(settings()["ALLMENDE_CHAT_QUESTION_DAYS"].days)[name]
        said = tables()[rule.model.__tablename__]
        assert "von selbst" in said
        assert _said_period(rule) in said


def _said_period(rule: Rule) -> str:
    """Return what the row of a rule's table must say."""
    return written(rule.kept) if rule.kept else "Ablauf"


class TestAccessibility:
    def test_the_statement_names_how_pages_are_looked_at(self) -> None:
        text = paper("barrierefreiheit.md")
        source = (PROJECT / "tests" / "hub" / "browser" / "test_every_page.py").read_text("utf-8")
        found = re.search(r"^TAGS = (\[.*\])$", source, re.MULTILINE)
        assert found is not None
        tags: list[str] = ast.literal_eval(found[1])
        assert [tag for tag in tags if f"`{tag}`" not in text] == []
        assert set(re.findall(r"`(wcag\w+)`", text)) == set(tags)
        for width, _height in (DESKTOP, PHONE, NARROW):
            assert f"{width} Pixel" in text


class TestWorksAgreement:
    def test_nothing_is_counted_below_three_where_it_says_so(self) -> None:
        places = re.findall(r"`(knowledge\.[\w.]+)`", paper("dienstvereinbarung.md"))
        assert len(places) == 4
        assert [value_of(place) for place in places] == [3, 3, 3, 3]
