"""Where a quotation stands, in words."""

from collections.abc import Iterator

import pytest

from knowledge.kit.language import choose_language
from knowledge.library.text.locators import MAX_HEADING, locator


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    choose_language("en")
    yield
    choose_language("de")


class TestPlace:
    def test_a_page(self) -> None:
        assert locator("page", 3, last_number=3) == "p. 3"

    def test_a_passage_over_two_pages(self) -> None:
        assert locator("page", 3, last_number=4) == "pp. 3–4"

    def test_a_slide(self) -> None:
        assert locator("slide", 7, label="Ausblick") == "slide 7"

    def test_a_sheet_goes_by_its_name(self) -> None:
        assert locator("sheet", 2, label="Haushalt") == "sheet ‘Haushalt’"

    def test_a_sheet_without_a_name_goes_by_its_number(self) -> None:
        assert locator("sheet", 2) == "sheet 2"

    def test_a_place_without_a_number_is_none(self) -> None:
        assert locator("page", None) is None

    def test_nothing_is_known_about_a_plain_text(self) -> None:
        assert locator(None, None) is None


class TestSection:
    def test_the_innermost_heading_is_named_without_the_stop_behind_its_number(self) -> None:
        headings = ("4. Chancen und Risiken", "4.1. Ökologische Nachhaltigkeit")

        assert locator(None, None, headings=headings) == "section 4.1 Ökologische Nachhaltigkeit"

    def test_a_heading_without_number_is_set_in_quotation_marks(self) -> None:
        assert locator(None, None, headings=("Kurz gesagt",)) == "section ‘Kurz gesagt’"

    def test_the_page_comes_first(self) -> None:
        assert locator("page", 12, headings=("2 Ziele",)) == "p. 12, section 2 Ziele"

    def test_the_title_of_a_slide_is_not_said_twice(self) -> None:
        assert locator("slide", 7, label="Ausblick", headings=("Ausblick",)) == "slide 7"

    def test_braces_in_a_heading_are_only_text(self) -> None:
        assert locator(None, None, headings=("Die {Klammer}",)) == "section ‘Die {Klammer}’"

    def test_a_long_heading_is_cut_at_a_word(self) -> None:
        said = locator(None, None, headings=("Lange Überschrift " * 20,))

        assert said is not None
        assert said.endswith(("Lange …’", "Überschrift …’"))
        assert len(said) < MAX_HEADING + 20
