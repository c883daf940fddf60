"""PDFs as they are printed: heads and feet, broken words, footnotes, headings by type size."""

import time
from pathlib import Path

import pytest

from knowledge.library.files.errors import DamagedFile, EncryptedFile, ScanWithoutText, TooManyPages
from knowledge.library.files.limits import ReadLimits
from knowledge.library.files.parse import parse_file
from tests.knowledge.library.files.conftest import Parse
from tests.knowledge.library.files.helpers import block_with, texts
from tests.knowledge.library.files.makers import Page, Printed, make_pdf, make_scan

REPORT = [
    Page(
        [
            Printed("Chatbots in kleinen Gemeinden", size=20, bold=True),
            Printed("1. Anlass", size=14, bold=True, space=1),
            "Die Gemeinde Musterfeld hat im Jahr 2023 einen Chatbot eingeführt, weil die Anrufe im Bürger-",
            "büro stetig zunahmen. Zuerst wurden Ein- und Ausgabe der Antworten von Hand geprüft, und die KI-",
            "gestützte Auskunft blieb auf drei Themen beschränkt, die im Alltag der Verwaltung besonders",
        ],
        head="Musterfeld: Bericht zum Chatbot",
        foot="Seite 1 von 3",
    ),
    Page(
        [
            "häufig sind. Nach einem halben Jahr kamen weitere Themen hinzu, etwa der Abfallkalender.",
            Printed("1.1 Ökologische Nachhaltigkeit", size=12, bold=True, space=1),
            "Der Strombedarf des Dienstes wurde vorher geschätzt und nachher gemessen, wie der Rat es wollte.",
            "Er lag unter den Erwartungen.",
        ],
        head="Musterfeld: Bericht zum Chatbot",
        foot="Seite 2 von 3",
        notes=["1 Beschluss des Gemeinderats vom 3. Mai 2023.", "2 Messung des Rechenzentrums."],
    ),
    Page(
        ["Im Herbst wird der Vertrag verlängert.", Printed("Literatur", size=14, bold=True, space=1), "Muster (2023)."],
        head="Musterfeld: Bericht zum Chatbot",
        foot="Seite 3 von 3",
    ),
]


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return make_pdf(tmp_path / "bericht.pdf", REPORT, title="Microsoft Word - bericht_final.doc")


class TestAPrintedReport:
    def test_words_broken_at_line_ends_are_whole_again(self, report: Path, parse: Parse) -> None:
        text = block_with(parse(report), "Musterfeld hat").text

        assert "im Bürgerbüro stetig" in text
        assert "die KI-gestützte Auskunft" in text
        assert "Ein- und Ausgabe" in text

    def test_a_sentence_goes_on_over_the_page_and_stands_where_it_began(self, report: Path, parse: Parse) -> None:
        block = block_with(parse(report), "besonders häufig sind.")

        assert (block.place, block.number) == ("page", 1)

    def test_running_heads_and_page_numbers_are_gone(self, report: Path, parse: Parse) -> None:
        whole = "\n".join(texts(parse(report)))

        assert "Bericht zum Chatbot" not in whole
        assert "Seite" not in whole

    def test_headings_are_told_by_type_size_and_number(self, report: Path, parse: Parse) -> None:
        headings = [(block.text, block.level) for block in parse(report).blocks if block.kind == "heading"]

        assert headings == [
            ("Chatbots in kleinen Gemeinden", 1),
            ("1. Anlass", 1),
            ("1.1 Ökologische Nachhaltigkeit", 2),
            ("Literatur", headings[3][1]),
        ]

    def test_footnotes_stand_apart_and_are_marked(self, report: Path, parse: Parse) -> None:
        assert texts(parse(report), note="footnote") == [
            "1 Beschluss des Gemeinderats vom 3. Mai 2023.",
            "2 Messung des Rechenzentrums.",
        ]

    def test_the_list_of_literature_is_marked(self, report: Path, parse: Parse) -> None:
        assert texts(parse(report), note="references") == ["Muster (2023)."]

    def test_the_title_is_the_largest_heading_where_metadata_is_junk(self, report: Path, parse: Parse) -> None:
        parsed = parse(report)

        assert parsed.title == "Chatbots in kleinen Gemeinden"
        assert parsed.media_type == "application/pdf"

    def test_a_title_in_the_metadata_comes_first(self, tmp_path: Path, parse: Parse) -> None:
        path = make_pdf(tmp_path / "a.pdf", REPORT, title="Ein Jahr Chatbot")

        assert parse(path).title == "Ein Jahr Chatbot"


class TestATableOfContents:
    def test_is_marked_so_that_it_is_never_quoted(self, tmp_path: Path, parse: Parse) -> None:
        lines: list[Printed | str] = [
            Printed("Inhalt", size=16, bold=True),
            "1. Anlass ........ 3",
            "1.1 Kosten ........ 4",
            "2. Fazit ..... 9",
        ]
        parsed = parse(make_pdf(tmp_path / "toc.pdf", [Page(lines)]))

        marked = "\n".join(texts(parsed, note="toc"))
        assert "Anlass" in marked
        assert "Fazit" in marked


class TestRaisedFigures:
    def test_of_footnotes_go_and_those_of_units_stay(self, tmp_path: Path, parse: Parse) -> None:
        from reportlab.lib.styles import getSampleStyleSheet  # type: ignore[import-untyped]
        from reportlab.platypus import Paragraph, SimpleDocTemplate  # type: ignore[import-untyped]

        style = getSampleStyleSheet()["BodyText"]
        text = "Das KI-Gesetz<super size=6>12</super> gilt auch für die Halle mit 300 m<super size=6>2</super> Fläche."
        SimpleDocTemplate(str(tmp_path / "a.pdf")).build([Paragraph(text, style)])

        assert texts(parse(tmp_path / "a.pdf")) == ["Das KI-Gesetz gilt auch für die Halle mit 300 m2 Fläche."]


class TestPdfsThatCannotBeRead:
    def test_a_password_is_named_with_the_remedy(self, tmp_path: Path, parse: Parse) -> None:
        path = make_pdf(tmp_path / "geheim.pdf", REPORT, password="geheim")

        with pytest.raises(EncryptedFile) as caught:
            parse(path)

        assert "password" in caught.value.message or "Passwort" in caught.value.message

    def test_a_scan_needs_text_recognition(self, tmp_path: Path, parse: Parse) -> None:
        with pytest.raises(ScanWithoutText) as caught:
            parse(make_scan(tmp_path / "scan.pdf"))

        assert "OCR" in caught.value.message

    @pytest.mark.parametrize("part", [0.05, 0.5, 0.97])
    def test_half_a_file_does_not_pass_for_the_whole(self, report: Path, parse: Parse, part: float) -> None:
        data = report.read_bytes()
        report.write_bytes(data[: int(len(data) * part)])

        with pytest.raises(DamagedFile):
            parse(report)

    def test_too_many_pages(self, report: Path) -> None:
        with pytest.raises(TooManyPages) as caught:
            parse_file(report, ReadLimits(pages=2))

        assert caught.value.facts == {"pages": 3, "limit": 2}


class TestSpeed:
    def test_two_hundred_pages_take_less_than_eight_seconds(self, tmp_path: Path, parse: Parse) -> None:
        line = "Die Verwaltung prüft jede Antwort, bevor sie den Bürgerinnen und Bürgern gezeigt wird, und lernt."
        path = make_pdf(tmp_path / "lang.pdf", [Page([f"Absatz {number}. {line}"] * 50) for number in range(200)])

        begun = time.process_time()
        parsed = parse(path)

        assert time.process_time() - begun < 8
        assert parsed.blocks[-1].number == 200
