"""The page on data protection, the record of processing activities and the program name the same periods."""

from knowledge.about.activities import activities
from knowledge.kit.settings import load_settings
from tests.docs.test_papers import in_program, paper, periods, rows

# Neither about a person nor kept by us: what a reaction meant; what browsers keep, which stands among the cookies.
ELSEWHERE = {"bot.matrix.keeping.REACTION_DAYS", "hub.auth.visiting.OUTLIVES", "hub.messages.LASTS"}


def on_page() -> dict[str, object]:
    """Return the periods that the page names, by where they stand in the program."""
    found = [period for activity in activities(load_settings()) for period in activity.periods]
    assert len(found) > 30
    return {period.place: period.lasts for period in found}


class TestPeriods:
    def test_each_is_what_the_program_does(self) -> None:
        assert on_page() == {place: in_program(place) for place in on_page()}

    def test_each_stands_in_the_record(self) -> None:
        assert on_page().keys() - {period.place for period in periods()} == set()

    def test_none_of_the_record_is_missing(self) -> None:
        """What is new in the record belongs into ``knowledge/about/periods.py``, too."""
        said = [
            row[-1].replace("`", "").split(", ") for row in rows(paper("verzeichnis-verarbeitung.md"), "Löschfristen")
        ]
        assert [places for places in said if not {*places} & (on_page().keys() | ELSEWHERE)] == []

    def test_each_activity_of_the_record_is_on_the_page(self) -> None:
        described = paper("verzeichnis-verarbeitung.md").count("\n### ")
        assert len(activities(load_settings())) == described
