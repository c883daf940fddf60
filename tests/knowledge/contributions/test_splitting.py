"""Tests of one pasted text that becomes fields, of which nothing is lost."""

import re

import pytest

from knowledge.contributions.splitting import split_into_fields, text_of_blocks
from knowledge.library.files.blocks import Block

TEXT = """Chatbot abgeschaltet

Wir hatten zu viele Anrufe.
**Ausgangslage:** Das Telefon klingelt.
2. Was wir getan haben
Gemietet.
## Ergebnis
- 41 Prozent richtig
Kosten: 5.000 Euro
Förderung: keine
Status: gescheitert
Würden wir es wieder machen? Nein
Themen: KI, Website
Zeitraum – 2022 bis 2024
Dienstvereinbarung: gibt es seit 2023
## Sonstiges
Danke an alle.
"""


class TestSplitting:
    def test_headings_and_cues_lead_to_fields(self) -> None:
        assert split_into_fields(TEXT) == {
            "title": "Chatbot abgeschaltet",
            "done": "Wir hatten zu viele Anrufe.\n\nGemietet.\n\nSonstiges\nDanke an alle.",
            "situation": "Das Telefon klingelt.",
            "outcome": "- 41 Prozent richtig",
            "costs": "5.000 Euro\n\nFörderung: keine",
            "status": "failed",
            "again": "no",
            "topics": ["KI", "Website"],
            "period": "2022 bis 2024",
            "legal": "Dienstvereinbarung: gibt es seit 2023",
        }

    def test_english_cues_do_too(self) -> None:
        fields = split_into_fields(
            "A title\nWhat we did: this\nWhat came of it:\nthat\nCosts: 3 Euro\nWould do again: yes"
        )

        assert fields == {"title": "A title", "done": "this", "outcome": "that", "costs": "3 Euro", "again": "yes"}

    def test_one_long_text_is_what_was_done(self) -> None:
        text = "Ohne Punkt " * 60

        assert split_into_fields(text) == {"done": text.strip()}

    @pytest.mark.parametrize("text", ["", "\x00", " \n\n "])
    def test_nothing_gives_nothing(self, text: str) -> None:
        assert split_into_fields(text) == {}

    def test_what_a_field_cannot_hold_stays_readable(self) -> None:
        fields = split_into_fields("Titel\nStatus: mal so, mal so\nZeitraum: 2022\nZeitraum: 2024")

        assert fields["done"] == "Status: mal so, mal so\n\nZeitraum: 2024"
        assert fields["period"] == "2022"

    def test_no_word_is_lost(self) -> None:
        said = " ".join(str(value) for value in split_into_fields(TEXT).values())

        words = set(re.findall(r"\w{4,}", TEXT)) - {
            "Ausgangslage",
            "Ergebnis",
            "Kosten",
            "Status",
            "Themen",
            "Zeitraum",
        }
        headings = {"getan", "haben", "Würden", "wieder", "machen", "Nein", "gescheitert"}
        assert {word for word in words - headings if word not in said} == set()

    def test_a_file_is_split_by_its_headings(self) -> None:
        blocks = [
            Block("heading", "Radweg", level=1),
            Block("heading", "Ausgangslage", level=2),
            Block("paragraph", "Kein Weg."),
            Block("heading", "Ergebnis", level=2),
            Block("list", "ein Weg\nzwei Wege"),
        ]
        assert split_into_fields(text_of_blocks(blocks)) == {
            "title": "Radweg",
            "situation": "Kein Weg.",
            "outcome": "- ein Weg\n- zwei Wege",
        }
