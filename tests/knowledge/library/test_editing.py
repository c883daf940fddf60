"""The text of an experience by its headings, and back."""

from knowledge.library.editing import Section, join_sections, split_sections
from knowledge.library.files.blocks import Block

BLOCKS = (
    Block("paragraph", "Vorweg."),
    Block("heading", "Was wir getan haben", 2),
    Block("paragraph", "Ein Satz."),
    Block("list", "eins\nzwei"),
    Block("heading", "Kosten", 2),
    Block("paragraph", "10 Euro."),
)


class TestSections:
    def test_there_and_back(self) -> None:
        sections = split_sections(BLOCKS)
        assert sections == [
            Section("", 0, "Vorweg."),
            Section("Was wir getan haben", 2, "Ein Satz.\n\n- eins\n- zwei"),
            Section("Kosten", 2, "10 Euro."),
        ]
        assert tuple(join_sections(sections)) == BLOCKS

    def test_an_empty_field_goes_with_its_heading(self) -> None:
        sections = [Section("Kosten", 2, " \r\n "), Section("Recht", 2, "Eine\nDienstvereinbarung.\n• mit Liste")]
        assert list(join_sections(sections)) == [
            Block("heading", "Recht", 2),
            Block("paragraph", "Eine Dienstvereinbarung."),
            Block("list", "mit Liste"),
        ]

    def test_a_heading_above_others_stays(self) -> None:
        sections = [Section("Titel", 1, ""), Section("Kosten", 2, "10 Euro.")]
        assert [block.text for block in join_sections(sections)] == ["Titel", "Kosten", "10 Euro."]
