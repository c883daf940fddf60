"""From the blocks of a file to passages that can be found and quoted."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.library.files.blocks import Block, Kind, Note, ParsedFile
from knowledge.library.text.passages import PassageDraft, PassageLimits, split_passages
from knowledge.library.text.sentences import sentence_texts

SENTENCE = "Die Gemeinde hat dafür im letzten Jahr eine eigene Stelle im Rathaus geschaffen."
LIMITS = PassageLimits(whole=60, target=40, small=8)


def parsed(*blocks: Block) -> ParsedFile:
    return ParsedFile(blocks, None, {}, "text/markdown")


def split(*blocks: Block) -> list[PassageDraft]:
    return split_passages(parsed(*blocks), limits=LIMITS)


def heading(text: str, level: int = 1) -> Block:
    return Block("heading", text, level)


def paragraph(text: str = SENTENCE, *, page: int | None = None, note: Note | None = None) -> Block:
    return Block("paragraph", text, place="page" if page else None, number=page, note=note)


class TestLength:
    def test_a_short_text_is_one_passage(self) -> None:
        assert [draft.text for draft in split(paragraph())] == [SENTENCE]

    def test_a_long_paragraph_is_cut_between_sentences_into_even_pieces(self) -> None:
        drafts = split(paragraph(" ".join([SENTENCE] * 12)))

        assert len(drafts) == 4
        assert {draft.text for draft in drafts} == {" ".join([SENTENCE] * 3)}

    def test_a_cut_between_paragraphs_is_preferred(self) -> None:
        first, second = " ".join([SENTENCE] * 2), " ".join([SENTENCE] * 3)

        assert [draft.text for draft in split(paragraph(first), paragraph(second))] == [first, second]

    def test_only_a_monster_of_a_sentence_is_cut_inside(self) -> None:
        drafts = split(paragraph("wort " * 2_000))

        assert max(len(draft.text) for draft in drafts) <= 2 * LIMITS.longest_sentence
        assert sum(len(draft.text.split()) for draft in drafts) == 2_000


class TestHeadings:
    def test_a_heading_begins_a_passage_and_is_not_part_of_its_text(self) -> None:
        drafts = split(heading("Einleitung"), paragraph(), heading("Fazit"), paragraph())

        assert [(draft.headings, draft.text) for draft in drafts] == [
            (("Einleitung",), SENTENCE),
            (("Fazit",), SENTENCE),
        ]

    def test_the_path_leads_from_the_outermost_heading_inwards(self) -> None:
        drafts = split(heading("Bericht"), heading("Ziele", 2), paragraph(), heading("Kosten", 2), paragraph())

        assert [draft.headings for draft in drafts] == [("Bericht", "Ziele"), ("Bericht", "Kosten")]

    def test_numbers_tell_who_stands_below_whom_where_levels_are_wrong(self) -> None:
        drafts = split(
            heading("2. Begriffe", 2), paragraph(), heading("4. Chancen", 4), heading("4.3. Ökonomie", 3), paragraph()
        )

        assert [draft.headings for draft in drafts] == [("2. Begriffe",), ("4. Chancen", "4.3. Ökonomie")]

    def test_tiny_sections_share_a_passage_that_names_them(self) -> None:
        drafts = split(
            heading("Kontakt"),
            heading("Telefon", 2),
            paragraph("030 1234"),
            heading("Anschrift", 2),
            paragraph("Hauptstraße 1"),
        )

        assert [(draft.headings, draft.text) for draft in drafts] == [
            (("Kontakt",), "Telefon\n030 1234\nAnschrift\nHauptstraße 1")
        ]

    def test_a_heading_with_nothing_below_can_be_found(self) -> None:
        drafts = split(heading("Haushalt 2024"), heading("Anlage"), paragraph())

        assert [(draft.headings, draft.text) for draft in drafts] == [((), "Haushalt 2024"), (("Anlage",), SENTENCE)]


class TestListsAndTables:
    def test_items_get_a_bullet_unless_they_are_numbered(self) -> None:
        drafts = split(Block("list", "Teilhabe\nEffizienz"), Block("list", "1. Planen\n2. Bauen"))

        assert drafts[0].text == "• Teilhabe\n• Effizienz\n1. Planen\n2. Bauen"

    def test_a_list_stays_with_the_sentence_that_leads_into_it(self) -> None:
        lead = "Dafür sprechen folgende Gründe:"
        items = "\n".join([SENTENCE] * 6)

        drafts = split(paragraph(" ".join([SENTENCE] * 3) + " " + lead), Block("list", items))

        with_lead = next(draft.text for draft in drafts if lead in draft.text)
        assert f"{lead}\n• {SENTENCE}" in with_lead

    def test_a_long_table_is_cut_between_rows(self) -> None:
        rows = [f"Kommune: Ort {number}; Einwohner: {number}000; Land: Brandenburg" for number in range(30)]

        drafts = split(Block("table", "\n".join(rows)))

        assert len(drafts) > 3
        assert "\n".join(draft.text for draft in drafts).split("\n") == rows


class TestPages:
    def test_a_page_border_is_a_border(self) -> None:
        drafts = split(paragraph(page=3), paragraph(page=4))

        assert [(draft.place, draft.number, draft.last_number) for draft in drafts] == [("page", 3, 3), ("page", 4, 4)]

    def test_a_sentence_that_runs_over_the_border_is_put_together(self) -> None:
        (draft,) = split(paragraph("Das zeigt sich im luftleeren Raum", page=3), paragraph("nicht sofort.", page=4))

        assert draft.text == "Das zeigt sich im luftleeren Raum nicht sofort."
        assert (draft.number, draft.last_number) == (3, 4)

    @pytest.mark.parametrize(
        ("before", "after", "joined"),
        [
            ("Der Projekt-", "charakter zählt.", "Der Projektcharakter zählt."),
            ("Die KI-", "Methoden zählen.", "Die KI-Methoden zählen."),
            ("Die Energie-", "und Wasserversorgung.", "Die Energie- und Wasserversorgung."),
        ],
    )
    def test_a_word_that_runs_over_the_border_is_put_together(self, before: str, after: str, joined: str) -> None:
        assert [draft.text for draft in split(paragraph(before), paragraph(after))] == [joined]

    def test_slides_stay_apart(self) -> None:
        slides = [Block("paragraph", "Kurz.", place="slide", number=number, label="Titel") for number in (1, 2)]

        assert [(draft.number, draft.label) for draft in split(*slides)] == [(1, "Titel"), (2, "Titel")]


class TestNotes:
    def test_tables_of_contents_are_left_out(self) -> None:
        assert [draft.text for draft in split(paragraph("1 Einleitung ..... 3", note="toc"), paragraph())] == [SENTENCE]

    @pytest.mark.parametrize("note", ["references", "footnote"])
    def test_references_and_footnotes_are_searched_but_not_quoted(self, note: Note) -> None:
        drafts = split(paragraph(), paragraph("Beer (2021): Daseinsvorsorge.", note=note))

        assert [draft.quotable for draft in drafts] == [True, False]


KINDS: st.SearchStrategy[Kind] = st.sampled_from(["heading", "paragraph", "list", "table"])
BLOCKS = st.builds(
    lambda kind, words, level, page: Block(
        kind, ("\n" if kind in ("list", "table") else " ").join(words), level if kind == "heading" else 0, "page", page
    ),
    KINDS,
    st.lists(st.text("abcÄ1.:-(", min_size=1, max_size=8), min_size=1, max_size=80),
    st.integers(1, 6),
    st.integers(1, 3),
)


class TestAnyFile:
    @given(st.lists(BLOCKS, max_size=12))
    def test_no_word_is_lost(self, blocks: list[Block]) -> None:
        drafts = split(*blocks)

        read = "".join("".join((*draft.headings, draft.text)) for draft in drafts)
        for block in blocks:
            for word in block.text.split():
                assert word.strip("-") in read

    @given(st.lists(BLOCKS, max_size=12))
    def test_passages_are_never_empty(self, blocks: list[Block]) -> None:
        assert all(draft.text.strip() for draft in split(*blocks))

    @pytest.mark.parametrize(
        "block",
        [
            Block("paragraph", "x " * 200_000),
            Block("paragraph", "x" * 400_000),
            Block("paragraph", "x: " * 100_000),
            Block("list", "x\n" * 50_000),
        ],
    )
    def test_hostile_blocks_cost_time_only_by_their_length(self, block: Block) -> None:
        began = time.process_time()

        drafts = split_passages(parsed(block, *[Block("paragraph", "x")] * 10_000))

        assert time.process_time() - began < 10
        assert max(len(draft.text) for draft in drafts) < 4_000


class TestDefaults:
    def test_passages_hold_whole_sentences(self) -> None:
        text = " ".join(f"Satz {number} handelt von der Straße und z. B. von Nr. {number}." for number in range(60))

        drafts = split_passages(parsed(paragraph(text)))

        assert len(drafts) > 2
        assert [part for draft in drafts for part in sentence_texts(draft.text)] == sentence_texts(text)
        lengths = [len(draft.text.split()) for draft in drafts]
        assert all(abs(one - other) < 30 for one, other in pairwise(lengths))
