"""Markdown: marked structure kept, markup gone, page breaks of a former PDF healed."""

from pathlib import Path

from tests.knowledge.library.files.conftest import ParseText
from tests.knowledge.library.files.helpers import block_with, texts

NAME = "text.md"


class TestStructure:
    def test_headings_lists_and_tables(self, parse_text: ParseText) -> None:
        parsed = parse_text(
            "# Bücherei\n\nEin *wichtiger* Absatz mit [Verweis](https://example.org) und `Code`.\n\n"
            "- eins\n- zwei\n  - zwei a\n\n3. drei\n4. vier\n\n"
            "| Monat | Fragen |\n|---|---|\n| Mai | **120** |\n\n#### Fazit\n",
            NAME,
        )

        assert [(block.kind, block.level, block.text) for block in parsed.blocks] == [
            ("heading", 1, "Bücherei"),
            ("paragraph", 0, "Ein wichtiger Absatz mit Verweis und Code."),
            ("list", 0, "eins\nzwei\nzwei a"),
            ("list", 0, "3. drei\n4. vier"),
            ("table", 0, "Monat: Mai; Fragen: 120"),
            ("heading", 4, "Fazit"),
        ]
        assert parsed.title == "Bücherei"

    def test_escaped_stars_of_gender_forms_stay(self, parse_text: ParseText) -> None:
        assert texts(parse_text("Bürger\\*innen und Bürger*innen", NAME)) == ["Bürger*innen und Bürger*innen"]

    def test_html_inside_is_read_and_scripts_are_not(self, parse_text: ParseText) -> None:
        parsed = parse_text("Vorher.\n\n<div><p>Mitten.</p><script>alert(1)</script></div>\n\nNach<br>her.\n", NAME)

        assert texts(parsed) == ["Vorher.", "Mitten.", "Nach her."]

    def test_footnotes_are_marked_and_their_marks_gone(self, parse_text: ParseText) -> None:
        parsed = parse_text("Ein Satz[^1] mit Beleg.\n\n[^1]: Der Beleg dazu.\n", NAME)

        assert block_with(parsed, "mit Beleg").text == "Ein Satz mit Beleg."
        assert texts(parsed, note="footnote") == ["Der Beleg dazu."]

    def test_references_last_until_a_heading_of_their_rank(self, parse_text: ParseText) -> None:
        parsed = parse_text("## Quellen\n\n- Amt (2020)\n\n### Im Netz\n\n- example.org\n\n## Danach\n\nText.\n", NAME)

        assert texts(parsed, note="references") == ["Amt (2020)", "example.org"]

    def test_contents_that_list_the_headings_are_marked(self, parse_text: ParseText) -> None:
        parsed = parse_text(
            "# A\n\n## Inhalt\n\n- [Anlass](#anlass)\n- [Ziele](#ziele)\n\n## 1. Anlass\n\nX.\n\n## 2. Ziele\n\nY.\n",
            NAME,
        )

        assert texts(parsed, note="toc") == ["Anlass\nZiele"]

    def test_the_topics_of_a_training_are_no_contents(self, parse_text: ParseText) -> None:
        parsed = parse_text("# Schulung\n\n## Inhalt\n\n- Was ist ein Chatbot?\n- Wer haftet?\n", NAME)

        assert block_with(parsed, "Wer haftet?").note is None


class TestPageBreaksInside:
    def test_a_paragraph_cut_in_two_is_joined(self, parse_text: ParseText) -> None:
        parsed = parse_text(
            "Die Einbindung dieser Verfahren in den Alltag der Verwaltung verlangt von KI-\n\nMethoden viel Geduld, "
            "und sie verlangt eine\n\ngute Planung.\n",
            NAME,
        )

        assert len(parsed.blocks) == 1
        assert "von KI-Methoden viel Geduld, und sie verlangt eine gute Planung." in parsed.blocks[0].text

    def test_whole_paragraphs_stay_apart(self, parse_text: ParseText) -> None:
        parsed = parse_text("Das ist ein ganzer Absatz mit einem Punkt am Ende.\n\nweiter klein geschrieben.\n", NAME)

        assert len(parsed.blocks) == 2


class TestFrontMatter:
    def test_describes_the_document(self, parse_text: ParseText) -> None:
        parsed = parse_text(
            "---\ntitle: Ein Jahr Chatbot\nyear: 2023\norganisation: 010530000000\nvalid-until: 2026-12-31\n"
            "topics: [Chatbot, Bücherei]\nwould_do_again: ja\nvisibility: public\nrights: full\nnested: {a: b}\n"
            "licence: ~\n---\n# Anderer Titel\n\nText.\n",
            NAME,
        )

        assert parsed.title == "Ein Jahr Chatbot"
        assert parsed.properties == {
            "title": "Ein Jahr Chatbot",
            "year": "2023",
            "organisation": "010530000000",
            "valid_until": "2026-12-31",
            "topics": ["Chatbot", "Bücherei"],
            "would_do_again": "ja",
        }
        assert texts(parsed) == ["Anderer Titel", "Text."]

    def test_broken_front_matter_is_text(self, parse_text: ParseText) -> None:
        parsed = parse_text("---\ntitle: [offen\nkind: x\n---\n\nDer Text danach.\n", NAME)

        assert parsed.properties == {}
        assert texts(parsed) == ["title: [offen kind: x", "Der Text danach."]

    def test_a_list_or_a_sentence_is_no_front_matter(self, parse_text: ParseText) -> None:
        assert parse_text("---\nnur ein Satz\n---\n\nText.\n", NAME).properties == {}

    def test_objects_and_bombs_of_yaml_do_nothing(self, parse_text: ParseText, tmp_path: Path) -> None:
        bomb = "a: &a [x, x]\n" + "".join(
            f"{n}: &{n} [*{p}, *{p}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True)
        )
        text = f"---\ntitle: !!python/object/apply:os.mkdir ['{tmp_path}/da']\n{bomb}topics: *i\n---\n\nText.\n"
        parsed = parse_text(text, NAME)

        assert "Text." in texts(parsed)
        assert not (tmp_path / "da").exists()

    def test_nesting_without_end_is_text(self, parse_text: ParseText) -> None:
        parsed = parse_text("---\ntitle: " + "[" * 5000 + "\n---\n\nText.\n", NAME)

        assert texts(parsed)[-1] == "Text."
