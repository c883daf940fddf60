"""What somebody looks for in trainings, in words."""

from datetime import date
from uuid import UUID

import pytest
import pytest_asyncio

from bot.handlers.training_wishes import Own, Wanted, read_wanted, read_words
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.organisation import Organisation, OrganisationKind
from knowledge.models.topic import TopicKind
from knowledge.organisations.names import search_spellings
from knowledge.organisations.service import OrganisationService
from knowledge.topics.tree import TopicEntry, TopicTree

# A Saturday.
TODAY = date(2026, 11, 21)
AI, RECORDS = new_id(), new_id()
OWN = Own("12", "12070")


def topic(key: UUID, german: str, english: str) -> TopicEntry:
    return TopicEntry(key, german, TopicKind.FIELD, None, german, english, retired=False)


TREE = TopicTree(
    [topic(AI, "Künstliche Intelligenz", "Artificial intelligence"), topic(RECORDS, "E-Akte", "Electronic records")],
    {AI: ("KI",)},
)


@pytest_asyncio.fixture
async def district(database: Database) -> Database:
    """A database that knows the one district of these tests."""
    async with unit_of_work(database) as unit:
        unit.session.add(
            Organisation(
                key="12070",
                kind=OrganisationKind.DISTRICT,
                name="Prignitz",
                search_name=search_spellings("Prignitz"),
                state_key="12",
                district_key="12070",
                register_date=TODAY,
            )
        )
    return database


def read(text: str, own: Own = OWN) -> Wanted:
    return read_words(text, TREE, own, today=TODAY)


class TestTopics:
    @pytest.mark.parametrize("text", ["KI", "künstliche intelligenz", "Schulungen zu KI bitte", "was gibt es zur KI?"])
    def test_words_of_a_topic(self, text: str) -> None:
        assert read(text) == Wanted(topics=(AI,))

    def test_other_words_are_looked_for_in_the_texts(self) -> None:
        wanted = read("Bauleitplanung online")
        assert (wanted.words, wanted.online) == (("Bauleitplanung",), True)
        assert wanted.fits("Grundlagen der Bauleitplanung", (), TREE)
        assert not wanted.fits("Grundlagen der E-Akte", (), TREE)

    def test_a_topic_is_also_found_by_its_words_in_the_text(self) -> None:
        wanted = read("KI")
        assert wanted.fits("Was auch immer", (AI,), TREE)
        assert wanted.fits("KI im Bürgerbüro", (), TREE)
        assert not wanted.fits("Die neue Kita", (RECORDS,), TREE)


class TestTimes:
    @pytest.mark.parametrize(
        ("text", "since", "until"),
        [
            ("heute", TODAY, TODAY),
            ("morgen", date(2026, 11, 22), date(2026, 11, 22)),
            ("diese Woche", TODAY, date(2026, 11, 22)),
            ("nächste Woche", date(2026, 11, 23), date(2026, 11, 29)),
            ("next week", date(2026, 11, 23), date(2026, 11, 29)),
            ("nächsten Monat", date(2026, 12, 1), date(2026, 12, 31)),
            ("im Dezember", date(2026, 12, 1), date(2026, 12, 31)),
            ("im März", date(2027, 3, 1), date(2027, 3, 31)),
            ("März 2028", date(2028, 3, 1), date(2028, 3, 31)),
            ("ab März", date(2027, 3, 1), None),
            ("am 12.3.", date(2027, 3, 12), date(2027, 3, 12)),
            ("nächstes Jahr", date(2027, 1, 1), date(2027, 12, 31)),
        ],
    )
    def test_spans(self, text: str, since: date, until: date | None) -> None:
        assert read(text) == Wanted(since=since, until=until)

    def test_a_day_begins_where_the_municipalities_are(self) -> None:
        wanted = Wanted(since=date(2027, 3, 28), until=date(2027, 3, 28))
        assert [str(wanted.starts), str(wanted.ends)] == ["2027-03-27 23:00:00+00:00", "2027-03-28 22:00:00+00:00"]


class TestPlaces:
    @pytest.mark.parametrize("text", ["Brandenburg", "in brandenburg", "BB"])
    def test_a_land(self, text: str) -> None:
        assert read(text) == Wanted(state_key="12")

    def test_the_longer_name_counts(self) -> None:
        assert read("Sachsen-Anhalt").state_key == "15"
        assert read("Sachsen").state_key == "14"

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    async def test_a_district_of_the_register(self, district: Database) -> None:
        async with unit_of_work(district, writes=False) as unit:
            register = OrganisationService(unit.session)
            for text in ("Landkreis Prignitz", "im LK Prignitz", "Prignitz"):
                wanted = await read_wanted(text, TREE, OWN, today=TODAY, register=register)
                assert (wanted.district_key, wanted.district_name, wanted.words) == ("12070", "Prignitz", ())
            other = await read_wanted("Landkreis Nirgendwo", TREE, OWN, today=TODAY, register=register)
            assert (other.district_key, other.words) == (None, ("Nirgendwo",))

    def test_here_is_ones_own_land(self) -> None:
        assert read("hier") == Wanted(state_key="12")
        assert read("in meinem Landkreis") == Wanted(district_key="12070")

    def test_of_a_stranger_nobody_knows_where_here_is(self) -> None:
        assert read("hier", Own()) == Wanted(here_unknown=True)

    def test_everything_at_once(self) -> None:
        wanted = read("KI online nächste Woche hier")
        expected = Wanted((AI,), "12", None, None, True, date(2026, 11, 23), date(2026, 11, 29))
        assert wanted == expected
