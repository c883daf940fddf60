"""DOCX: the order of the document, its structure, and what is not text."""

from pathlib import Path

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from knowledge.library.files.errors import DamagedFile
from tests.knowledge.library.files.conftest import Parse
from tests.knowledge.library.files.helpers import block_with, texts
from tests.knowledge.library.files.makers import make_docx


class TestAReport:
    def test_comes_in_the_order_of_the_document(self, tmp_path: Path, parse: Parse) -> None:
        parsed = parse(make_docx(tmp_path / "a.docx"))

        assert [(block.kind, block.level, block.text, block.note) for block in parsed.blocks] == [
            ("heading", 1, "Bericht zur Bücherei", None),
            ("paragraph", 0, "Die Bücherei hat seit Mai einen Chatbot.", None),
            ("heading", 2, "Erfahrungen", None),
            ("list", 0, "Öffnungszeiten\nMahngebühren", None),
            ("table", 0, "Monat: Mai; Fragen: 120", None),
            ("paragraph", 0, "Danach gab es weniger Anrufe.", None),
            ("heading", 2, "Literatur", None),
            ("paragraph", 0, "Beispiel, Anna (2023): Chatbots in Büchereien.", "references"),
        ]

    def test_a_junk_title_gives_way_to_the_heading(self, tmp_path: Path, parse: Parse) -> None:
        assert parse(make_docx(tmp_path / "a.docx")).title == "Bericht zur Bücherei"

    @pytest.mark.parametrize("part", [0.3, 0.9])
    def test_half_of_it_is_damaged(self, tmp_path: Path, parse: Parse, part: float) -> None:
        path = make_docx(tmp_path / "a.docx")
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * part)])

        with pytest.raises(DamagedFile):
            parse(path)


class TestWhatIsNotText:
    def test_deleted_words_are_gone_and_inserted_ones_are_there(self, tmp_path: Path, parse: Parse) -> None:
        document = docx.Document()
        paragraph = document.add_paragraph("Der Rat ")
        for tag, inner in (("del", "<w:delText>stritt </w:delText>"), ("ins", "<w:t>beschloss den Haushalt.</w:t>")):
            paragraph._p.append(
                parse_xml(f'<w:{tag} {nsdecls("w")} w:id="1" w:author="x"><w:r>{inner}</w:r></w:{tag}>')
            )
        document.save(str(tmp_path / "a.docx"))

        assert texts(parse(tmp_path / "a.docx")) == ["Der Rat beschloss den Haushalt."]

    def test_a_table_of_contents_is_marked(self, tmp_path: Path, parse: Parse) -> None:
        document = docx.Document()
        style = document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
        document.add_paragraph("1 Anlass\t3", style=style)
        document.add_paragraph("2 Fazit\t9", style=style)
        document.add_heading("1 Anlass", 1)
        document.add_paragraph("Es gab einen Anlass.")
        document.save(str(tmp_path / "a.docx"))
        parsed = parse(tmp_path / "a.docx")

        assert texts(parsed, note="toc") == ["1 Anlass 3\n2 Fazit 9"]
        assert block_with(parsed, "Es gab einen Anlass.").note is None

    def test_footnotes_stand_behind_their_paragraph(self, tmp_path: Path, parse: Parse) -> None:
        document = docx.Document()
        paragraph = document.add_paragraph("Der Rat beschloss")
        paragraph._p.append(parse_xml(f'<w:r {nsdecls("w")}><w:footnoteReference w:id="2"/></w:r>'))
        paragraph.add_run(" den Haushalt.")
        document.add_paragraph("Danach war Pause.")
        note = '<w:footnote w:id="2"><w:p><w:r><w:t>Am 3. Mai.</w:t></w:r></w:p></w:footnote>'
        notes = f"<w:footnotes {nsdecls('w')}>{note}</w:footnotes>"
        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
        part = Part(PackURI("/word/footnotes.xml"), kind, notes.encode(), document.part.package)
        document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
        document.save(str(tmp_path / "a.docx"))
        parsed = parse(tmp_path / "a.docx")

        assert texts(parsed) == ["Der Rat beschloss den Haushalt.", "Am 3. Mai.", "Danach war Pause."]
        assert texts(parsed, note="footnote") == ["Am 3. Mai."]

    def test_a_bold_line_is_a_heading_where_there_are_no_styles(self, tmp_path: Path, parse: Parse) -> None:
        document = docx.Document()
        document.add_paragraph().add_run("Unsere Erfahrungen").bold = True
        document.add_paragraph("Es lief gut.")
        document.save(str(tmp_path / "a.docx"))

        assert texts(parse(tmp_path / "a.docx"), "heading") == ["Unsere Erfahrungen"]
