"""Are plots drawn so that everybody can read them, and nothing in them acts?"""

from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import pytest

from hub.plots.drawing import AVERAGE, DARK, LIGHT, NARROW, WIDE, draw, height_of
from hub.plots.schemas import Column, Form, Look, Plot, Row, Unit
from knowledge.kit.language import choose_language, current_language

SVG = "{http://www.w3.org/2000/svg}"
ROWS = tuple(Row(f"Monat {number}", f"M{number}", date(2026, number, 1), date(2026, number, 9)) for number in (1, 2, 3))
QUESTIONS = Plot("fragen", "Fragen & mehr", "Was <gefragt> wurde", Form.BARS, ROWS, (Column("Fragen", (4, 1200, 7)),))
TWO = replace(QUESTIONS, columns=(Column("angemeldet", (4, 5, 6)), Column("da", (3, None, 3))))
TOPICS = replace(QUESTIONS, form=Form.STACKED, columns=tuple(Column(f"Thema {n}", (1.0, 2.0, n)) for n in range(1, 7)))
LANDS = Plot(
    "laender",
    "Länder",
    "Wo",
    Form.CELLS,
    (Row("Brandenburg"), Row("Sachsen")),
    (Column("machen mit", (3, 12)), Column("im Verzeichnis", (413, None), drawn=False)),
)
EVERY = (QUESTIONS, TWO, TOPICS, LANDS)


def drawn(plot: Plot, look: Look | None = None) -> ElementTree.Element:
    return ElementTree.fromstring(draw(plot, look or Look()))


def words(plot: Plot, look: Look | None = None) -> list[str]:
    return [node.text or "" for node in drawn(plot, look).iter(f"{SVG}text")]


def bars(plot: Plot) -> list[str]:
    return [node.get("class", "") for node in drawn(plot).iter(f"{SVG}rect") if "rect" in node.get("class", "").split()]


@pytest.mark.parametrize("plot", EVERY, ids=lambda plot: plot.name)
class TestEvery:
    def test_says_what_it_is(self, plot: Plot) -> None:
        tree = drawn(plot)
        assert tree.get("role") == "img"
        named = {node.get("id"): node.text for node in tree if node.tag in (f"{SVG}title", f"{SVG}desc")}
        assert named == {"t": plot.title, "d": plot.lead}
        assert tree.get("aria-labelledby") == "t d"

    def test_nothing_in_it_acts_or_is_loaded(self, plot: Plot) -> None:
        text = draw(plot, Look()).decode()
        for bad in ("<script", "http://www.pygal", "xlink", "tooltip", " on", "<a ", "@import", "<!--"):
            assert bad not in text

    def test_is_small(self, plot: Plot) -> None:
        assert all(len(draw(plot, Look(dark, narrow))) < 16_000 for dark in (True, False) for narrow in (True, False))

    def test_is_as_large_as_the_page_says(self, plot: Plot) -> None:
        for narrow in (True, False):
            tree = drawn(plot, Look(narrow=narrow))
            height = height_of(plot, lies=narrow or plot.form is Form.CELLS)
            assert (tree.get("width"), tree.get("height")) == (str(NARROW if narrow else WIDE), str(height))

    def test_on_dark_pages_it_is_light(self, plot: Plot) -> None:
        light, dark = draw(plot, Look()).decode(), draw(plot, Look(dark=True)).decode()
        assert LIGHT[0] in light
        assert DARK[0] in dark
        assert LIGHT[0] not in dark


class TestBars:
    def test_each_value_stands_at_its_bar_as_germans_write_it(self) -> None:
        assert {"4", "1.200", "7", "M1", "M2", "M3"} <= set(words(QUESTIONS))
        assert "1,200" in words(QUESTIONS, Look(language="en"))

    def test_on_narrow_pages_the_long_words_stand_beside_them(self) -> None:
        assert {"Monat 1", "Monat 2", "Monat 3"} <= set(words(QUESTIONS, Look(narrow=True)))

    def test_what_is_not_told_has_no_bar(self) -> None:
        assert len(bars(TWO)) == 5

    def test_columns_differ_in_more_than_colour(self) -> None:
        tree = drawn(TOPICS)
        patterns = [ElementTree.tostring(node[1]) if len(node) > 1 else b"" for node in tree.iter(f"{SVG}pattern")]
        assert len(patterns) == 6
        assert len(set(patterns)) == 6

    def test_several_months_are_drawn_as_the_average_of_one_and_otherwise(self) -> None:
        merged = replace(QUESTIONS, rows=(*ROWS[:2], replace(ROWS[2], parts=2)))
        assert "3,5" in words(merged)
        assert sum(AVERAGE in bar for bar in bars(merged)) == 1
        assert not any(AVERAGE in bar for bar in bars(QUESTIONS))

    def test_a_share_of_several_months_is_no_average(self) -> None:
        share = (Column("Anteil", (50, 60, 70), Unit.PERCENT),)
        merged = replace(QUESTIONS, rows=(*ROWS[:2], replace(ROWS[2], parts=2)), columns=share)
        assert "70\u00a0%" in words(merged)
        assert not any(AVERAGE in bar for bar in bars(merged))

    def test_the_scale_has_whole_numbers(self) -> None:
        small = replace(QUESTIONS, columns=(Column("Fragen", (1, 1, 1)),))
        assert not [word for word in words(small) if "," in word or "." in word]

    def test_cells_are_told_of_how_many_they_are(self) -> None:
        before = current_language()
        choose_language("en")
        assert {"3 of 413", "12"} <= set(words(LANDS, Look(language="en")))
        choose_language(before)
