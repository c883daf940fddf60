"""Do sums become the plots that they are?"""

from collections.abc import Mapping
from datetime import date

from hub.plots.catalogue import KINDS, Material
from hub.plots.schemas import Plot
from hub.plots.words import period_text, short_period_text, size_text
from knowledge.figures.schemas import ATTENDED, COUNT, NO, REGISTERED, REST, YES, Period
from knowledge.figures.service import Register

MARCH, SPRING = (date(2026, 3, 1), date(2026, 4, 1)), (date(2026, 4, 1), date(2026, 6, 1))


def made(
    name: str, *periods: Period, register: Register | None = None, topics: Mapping[str, str] | None = None
) -> Plot:
    kind = next(kind for kind in KINDS if kind.name == name)
    return kind.make(name, Material(periods, topics or {}, register or Register({}, {}), quarterly=kind.own))


class TestWords:
    def test_months_are_named_briefly(self) -> None:
        assert period_text(Period(*MARCH, {})) == "Mär 2026"
        assert period_text(Period(*SPRING, {})) == "Apr–Mai 2026"
        winter = Period(date(2025, 12, 1), date(2026, 2, 1), {})
        assert (period_text(winter), short_period_text(winter)) == ("Dez 2025–Jan 2026", "Dez–Jan 26")

    def test_sizes_are_ranges(self) -> None:
        assert "2.000" in size_text(0)
        assert "2.001" in size_text(1)
        assert "500.000" in size_text(7)


class TestPlots:
    def test_every_plot_has_a_name_of_its_own(self) -> None:
        assert len({kind.name for kind in KINDS}) == len(KINDS) == 15

    def test_without_sums_none_shows_anything(self) -> None:
        assert not any(made(kind.name).shows_something for kind in KINDS)

    def test_an_axis_full_of_zeros_is_nothing_to_show(self) -> None:
        assert not made("fragen", Period(*MARCH, {COUNT: 0})).shows_something

    def test_a_share_says_of_how_many(self) -> None:
        share, whole = made("beantwortet", Period(*MARCH, {YES: 6, NO: 3}), Period(*SPRING, {YES: 0, NO: 0})).columns
        assert (share.values, whole.values) == ((67, None), (9, 0))

    def test_who_came_may_be_held_back(self) -> None:
        plot = made("teilnahme", Period(*MARCH, {REGISTERED: 6}), Period(*SPRING, {REGISTERED: 9, ATTENDED: 6}))
        assert [column.values for column in plot.columns] == [(6, 9), (None, 6)]
        assert plot.withholds

    def test_topics_that_may_be_in_the_rest_are_no_zeros(self) -> None:
        plot = made(
            "themen", Period(*MARCH, {"a": 4, REST: 3}), Period(*SPRING, {"a": 5, "b": 3}), topics={"a": "A", "b": "B"}
        )
        assert {column.name: column.values for column in plot.columns[:2]} == {"A": (4, 5), "B": (None, 3)}
        assert plot.columns[2].values == (3, 0)

    def test_only_the_topics_asked_about_most_are_drawn_one_by_one(self) -> None:
        counts = {key: number + 3 for number, key in enumerate("abcdefgh")}
        plot = made("themen", Period(*MARCH, counts), topics={key: key.upper() for key in counts})
        assert [column.name for column in plot.columns[:5]] == ["H", "G", "F", "E", "D"]
        assert plot.columns[5].values == (3 + 4 + 5,)

    def test_lands_come_with_the_number_of_their_municipalities(self) -> None:
        register = Register({}, {"12": 413, "16": 605})
        plot = made("laender", Period(*MARCH, {"12": 3, REST: 2}), register=register)
        assert [row.label for row in plot.rows][:2] == ["Brandenburg", "Thüringen"]
        assert [column.values for column in plot.columns] == [(3, None, 2), (413, 605, None)]

    def test_a_quarter_of_the_own_organisation_is_one(self) -> None:
        quarter, half = (date(2026, 1, 1), date(2026, 4, 1)), (date(2026, 4, 1), date(2026, 10, 1))
        plot = made("eigene-nachweise", Period(*quarter, {COUNT: 3}), Period(*half, {COUNT: 4}))
        assert [row.parts for row in plot.rows] == [1, 2]
        assert plot.quarterly
