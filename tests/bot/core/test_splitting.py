"""Long texts are cut where a reader would, and never beyond what a network takes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.splitting import SHORTEST, split_text, utf16_length
from bot.core.text import (
    Block,
    BlockKind,
    RichText,
    Span,
    Style,
    block,
    bold,
    heading,
    item,
    link,
    note,
    paragraph,
    quote,
    rich,
)


def plains(text: RichText, longest: int) -> list[str]:
    return [part.plain for part in split_text(text, longest)]


class TestShortTexts:
    def test_what_fits_stays_one_message(self) -> None:
        text = rich("Hello.", quote("As it stands."))
        assert split_text(text, 4096) == [text]

    def test_nothing_to_say_is_no_message(self) -> None:
        assert split_text(rich(" ", ""), 100) == []

    def test_exactly_full_message_is_one(self) -> None:
        assert plains(rich("x" * 50), 50) == ["x" * 50]


class TestWhereItIsCut:
    def test_between_paragraphs_first(self) -> None:
        text = rich("First one. With two sentences.", "Second one. And more of it.")
        assert plains(text, 40) == ["First one. With two sentences.", "Second one. And more of it."]

    def test_then_between_sentences(self) -> None:
        text = rich("Am 3. Mai tagte der Rat. Er beschloss den Plan. Danach war Schluss.")
        assert plains(text, 50) == ["Am 3. Mai tagte der Rat. Er beschloss den Plan.", "Danach war Schluss."]

    def test_then_between_words(self) -> None:
        assert plains(rich("one two three four five six"), 12) == ["one two", "three four", "five six"]

    def test_then_between_characters(self) -> None:
        assert plains(rich("x" * 25), 10) == ["x" * 10, "x" * 10, "x" * 5]

    def test_heading_goes_with_what_it_heads(self) -> None:
        text = rich("A first paragraph here.", heading("Costs"), "What it has cost.")
        assert plains(text, 34) == ["A first paragraph here.", "Costs\n\nWhat it has cost."]

    def test_rest_of_an_item_is_no_item_of_its_own(self) -> None:
        parts = split_text(rich(item("one two three four")), 12)
        assert [(part.blocks[0].kind, part.plain) for part in parts] == [
            (BlockKind.ITEM, "· one two"),
            (BlockKind.PARAGRAPH, "three four"),
        ]


class TestStyles:
    def test_styles_and_links_go_on_behind_the_cut(self) -> None:
        text = rich(paragraph("plain ", bold("thick and strong"), " ", link("far away", "https://a.example")))
        parts = split_text(text, 16)
        assert [part.blocks[0].spans for part in parts] == [
            (Span("plain "), Span("thick and", Style.BOLD)),
            (Span("strong", Style.BOLD), Span(" "), Span("far away", link="https://a.example")),
        ]

    def test_kinds_of_blocks_stay(self) -> None:
        parts = split_text(rich(quote("a" * 12), note("b" * 12)), 10)
        assert [piece.kind for part in parts for piece in part.blocks] == [BlockKind.QUOTE] * 2 + [BlockKind.NOTE] * 2


class TestCharacters:
    def test_emoji_count_double_and_stay_whole(self) -> None:
        assert plains(rich("😀" * 7), 9) == ["😀" * 4, "😀" * 3]

    def test_joined_emoji_and_accents_stay_together(self) -> None:
        family = "👩\u200d👩\u200d👧"
        assert plains(rich("abcdefg" + family), 10) == ["abcdefg", family]
        assert plains(rich("abcdefge\u0301xyz"), 8) == ["abcdefg", "e\u0301xyz"]

    def test_no_room_at_all_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="room"):
            split_text(rich("x"), SHORTEST - 1)


SPANS = st.builds(Span, st.text(max_size=60), st.sampled_from(Style))
BLOCKS: st.SearchStrategy[Block] = st.builds(
    lambda kind, spans: Block(kind, tuple(spans)), st.sampled_from(BlockKind), st.lists(SPANS, max_size=4)
)


def without_spaces(text: str) -> str:
    return "".join(character for character in text if not character.isspace())


class TestAnyText:
    @settings(max_examples=150, deadline=None)
    @given(blocks=st.lists(BLOCKS, max_size=6), longest=st.integers(SHORTEST, 80))
    def test_nothing_is_too_long_and_nothing_is_lost(self, blocks: list[Block], longest: int) -> None:
        text = RichText(tuple(blocks))
        parts = split_text(text, longest)
        assert all(0 < utf16_length(part.plain) <= longest for part in parts)
        said = "".join(without_spaces(piece.plain) for part in parts for piece in part.blocks)
        assert said == "".join(without_spaces(piece.plain) for piece in blocks)

    def test_very_long_text_is_cut_quickly(self) -> None:
        text = RichText((block(BlockKind.QUOTE, "Ein Satz mit Inhalt. " * 5000),))
        parts = split_text(text, 4096)
        assert len(parts) == 26
        assert all(part.plain.endswith("Inhalt.") for part in parts)
