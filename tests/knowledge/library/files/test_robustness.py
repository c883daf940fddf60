"""Whatever comes in, blocks come out that keep their promises, or an error that a person understands."""

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.library.files.blocks import Block
from knowledge.library.files.characters import clean_characters
from knowledge.library.files.limits import ReadLimits
from knowledge.library.files.markdown import MarkdownReader
from knowledge.library.files.text import blocks_of_plain_text
from knowledge.library.files.worker import answer
from tests.knowledge.library.files.makers import (
    Page,
    make_docx,
    make_odt,
    make_pdf,
    make_pptx,
    make_rtf,
    make_xlsx,
)

# Pieces that mean something to the cleaning, thrown together at random.
WHITE = ["\n", "\n\n", "\f", "\t", " ", " " * 25]
MARKS = [
    "-",
    " -",
    "- ",
    "• ",
    "1. ",
    "a) ",
    "4.1 ",
    "....... 7",
    "12",
    ".",
    ":",
    "„",
    "#",
    "*",
    "|",
    "`",
    "[",
    "]",
    "---",
]
WORDS = ["Literatur", "Inhalt", "KI", "wort", "Wort", "(2020): ", "https://example.org/", "<b>", "_" * 8, "é"]
ODD = ["\u00ad", "\ufb01", "\x00", "\ud800", "\ufffd"]
PIECES = st.sampled_from([*WHITE, *MARKS, *WORDS, *ODD])
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=60).map("".join))


def check(blocks: list[Block]) -> None:
    for block in blocks:
        assert block.text.strip(), "no block is empty"
        assert block.kind in ("list", "table") or "\n" not in block.text
        assert (1 <= block.level <= 6) == (block.kind == "heading")
        assert not [sign for sign in block.text if unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n"]
        assert unicodedata.is_normalized("NFC", block.text)


class TestAnyText:
    @settings(max_examples=200, deadline=None)
    @given(TEXTS)
    def test_as_plain_text(self, text: str) -> None:
        check(blocks_of_plain_text(clean_characters(text)))

    @settings(max_examples=200, deadline=None)
    @given(TEXTS)
    def test_as_markdown(self, text: str) -> None:
        check(MarkdownReader().read(clean_characters(text)))


MAKERS: dict[str, Callable[[Path], Path]] = {
    "docx": make_docx,
    "pptx": make_pptx,
    "xlsx": make_xlsx,
    "odt": make_odt,
    "rtf": make_rtf,
    "pdf": lambda path: make_pdf(path, [Page(["Ein Satz auf einer Seite."])]),
}


class TestDamagedFiles:
    @pytest.mark.parametrize("kind", MAKERS)
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_give_blocks_or_an_error(self, tmp_path: Path, kind: str, data: st.DataObject) -> None:
        path = tmp_path / f"a.{kind}"
        whole = MAKERS[kind](path).read_bytes() if not path.exists() else (tmp_path / "whole").read_bytes()
        (tmp_path / "whole").write_bytes(whole)
        at = data.draw(st.integers(0, len(whole) - 1))
        length = data.draw(st.integers(0, 50))
        path.write_bytes(whole[:at] + data.draw(st.binary(max_size=20)) + whole[at + length :])

        reply = answer(path, ReadLimits())

        assert ("blocks" in reply) != ("error" in reply)
