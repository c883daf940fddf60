"""Titles, and what only looks like one."""

import pytest

from knowledge.library.files.blocks import Block
from knowledge.library.files.titles import first_heading, title_from_metadata


class TestMetadata:
    @pytest.mark.parametrize(
        "junk",
        [None, "", "Microsoft Word - Bericht_final.doc", "PowerPoint-Präsentation", "Dokument1", "a.indd", "---"],
    )  # fmt: skip
    def test_junk_is_no_title(self, junk: str | None) -> None:
        assert title_from_metadata(junk) is None

    def test_a_title_is_cleaned(self) -> None:
        assert title_from_metadata(" Ein\u00a0Jahr\n Chatbot ") == "Ein Jahr Chatbot"


class TestHeadings:
    def test_the_first_of_the_highest_level(self) -> None:
        blocks = [Block("heading", "Reihe", 2), Block("heading", "Titel", 1), Block("heading", "Kapitel", 1)]

        assert first_heading(blocks) == "Titel"

    def test_none_where_the_text_begins_without(self) -> None:
        assert first_heading([Block("paragraph", "Text.")]) is None
