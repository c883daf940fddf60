"""The certificate as a file: what archives and assistive technology need is read back from it."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf

from knowledge.certificates import writable as writable_module
from knowledge.certificates.document import file_name, make_pdf, verification_address
from knowledge.certificates.errors import NameInvalid
from knowledge.certificates.names import MOST_NAMED, clean_name
from knowledge.certificates.schemas import CertificateEntry
from knowledge.certificates.service import LONGEST_LEARNED, MOST_LINES
from knowledge.certificates.typesetting import typeset
from knowledge.certificates.writable import PLACEHOLDER, first_unwritable, unwritable, writable
from knowledge.kit.language import choose_language, current_language
from knowledge.models.certificate import CertificateKind

# It ships no types.
pypdfium2: Any = import_module("pypdfium2")
ENTRY = CertificateEntry(
    id=UUID(int=7),
    kind=CertificateKind.TRAINING,
    subject_id=None,
    name="Jördis Müßig-Łuk",
    title="KI in der Kommune",
    learned="KI einschätzen\nDaten schützen",
    publisher="Lernwerkstatt Nord",
    minutes=210,
    language="en",
    completed_on=date(2026, 11, 20),
    issued_at=datetime(2026, 11, 20, 23, 30, tzinfo=UTC),
    code="K7QF2-9XW3R-PM4TD-0ZHC8",
)
ADDRESS = verification_address("https://allmende.test/", ENTRY.code)
PDFA, PDFUA = "http://www.aiim.org/pdfa/ns/id/", "http://www.aiim.org/pdfua/ns/id/"


def opened(pdf: bytes) -> Pdf:
    return pikepdf.open(io.BytesIO(pdf))


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def elements(node: pikepdf.Object) -> Iterator[Dictionary]:
    """Walk the tag tree in reading order."""
    if isinstance(node, Array):
        for child in node:
            yield from elements(child)
    elif isinstance(node, Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node.K)


def tags(pdf: Pdf) -> list[str]:
    return [str(element.S) for element in elements(pdf.Root.StructTreeRoot)]


@pytest.fixture(scope="module")
def made() -> bytes:
    return make_pdf(ENTRY, ADDRESS)


class TestArchivable:
    def test_says_which_standards_it_keeps(self, made: bytes) -> None:
        with opened(made) as pdf:
            packet = ElementTree.fromstring(bytes(pdf.Root.Metadata.read_bytes()))
        said = {element.tag: element.text for element in packet.iter()}
        assert (said[f"{{{PDFA}}}part"], said[f"{{{PDFA}}}conformance"]) == ("2", "A")
        assert said[f"{{{PDFUA}}}part"] == "1"

    def test_brings_its_colours_and_acts_by_nothing(self, made: bytes) -> None:
        with opened(made) as pdf:
            assert [str(intent.S) for intent in pdf.Root.OutputIntents] == ["/GTS_PDFA1"]
            assert not pdf.is_encrypted
            assert not {"/OpenAction", "/AA"} & set(pdf.Root.keys())

    def test_embeds_every_font(self, made: bytes) -> None:
        with opened(made) as pdf:
            fonts = [obj for obj in pdf.objects if isinstance(obj, Dictionary) and obj.get("/Type") == Name.Font]
            descriptors = [font.FontDescriptor for font in fonts if "/FontDescriptor" in font]
            assert len(descriptors) >= 2
            for descriptor in descriptors:
                assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor.keys())
            # Whatever has no descriptor is composed of fonts that have one, and says how to read its letters.
            composed = [font for font in fonts if "/FontDescriptor" not in font]
            assert composed
            assert all("/DescendantFonts" in font and "/ToUnicode" in font for font in composed)

    def test_is_the_same_each_time(self, made: bytes) -> None:
        assert make_pdf(ENTRY, ADDRESS) == made


class TestAccessible:
    @pytest.mark.parametrize(("language", "said"), [("en", "en-GB"), ("de", "de-DE")])
    def test_says_its_language_and_title(self, language: str, said: str) -> None:
        with opened(make_pdf(replace(ENTRY, language=language), ADDRESS)) as pdf:
            assert str(pdf.Root.Lang) == said
            assert str(pdf.docinfo.Title).endswith(": KI in der Kommune")
            assert pdf.Root.ViewerPreferences.DisplayDocTitle
            assert str(pdf.docinfo.Author) == "Lernwerkstatt Nord"

    def test_has_a_tag_tree_with_headings_and_a_list(self, made: bytes) -> None:
        with opened(made) as pdf:
            assert pdf.Root.MarkInfo.Marked
            found = tags(pdf)
            assert found[0] == "/Document"
            assert found.count("/H1") == 1
            assert found.index("/H1") < found.index("/H2")
            assert (found.count("/LI"), found.count("/Link")) == (2, 1)
            assert all("/StructParents" in page for page in pdf.pages)

    def test_tells_what_the_code_is_to_those_who_do_not_see_it(self, made: bytes) -> None:
        with opened(made) as pdf:
            figures = [element for element in elements(pdf.Root.StructTreeRoot) if Name.Figure == element.S]
            assert len(figures) == 1
            assert ADDRESS in str(figures[0].Alt)

    def test_leads_to_its_address(self, made: bytes) -> None:
        with opened(made) as pdf:
            assert [str(link.A.URI) for link in pdf.pages[0].Annots] == [ADDRESS]

    def test_can_be_read_as_text(self, made: bytes) -> None:
        said = text_of(made)
        for part in ("Jördis Müßig-Łuk", "KI in der Kommune", "Daten schützen", "Lernwerkstatt Nord", ADDRESS):
            assert part in said
        assert "3 hours 30 minutes" in said.replace("\r\n", " ")
        # Issued after midnight where the municipalities are.
        assert "21 November 2026" in said

    def test_leaves_the_language_of_whoever_asked_for_it(self) -> None:
        choose_language("en")
        make_pdf(replace(ENTRY, language="de"), ADDRESS)
        assert current_language() == "en"


class TestHostile:
    @pytest.mark.parametrize(
        "words",
        [
            '#read("certificate.typ")',
            "$x^2$ *fett* _kursiv_ = Kopf",
            "\\ #h(100%) <marke> @beleg",
            '"]) #panic()',
            "<b>&amp;",
        ],
    )
    def test_markup_is_shown_as_it_was_typed(self, words: str) -> None:
        said = text_of(make_pdf(replace(ENTRY, name=words, title=words, learned=words, publisher=words), ADDRESS))
        assert said.count(words) >= 4

    def test_letters_that_no_font_has_are_seen_to_be_missing(self) -> None:
        said = text_of(make_pdf(replace(ENTRY, title="KI 漢 für alle 🎉"), ADDRESS))
        assert f"KI {PLACEHOLDER} für alle" in said
        assert unwritable("KI 漢 für 漢 alle 🎉") == ["漢", "🎉"]
        assert first_unwritable("KI 漢 für 漢 alle 🎉", 5) == ["漢", "🎉"]
        assert writable("Straße محمد Жанна") == "Straße محمد Жанна"

    def test_looking_for_them_ends_soon_where_there_are_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        tried = []

        def counting(template: str, values: dict[str, str]) -> bytes:
            tried.append(values["text"])
            return typeset(template, values)

        monkeypatch.setattr(writable_module, "typeset", counting)
        signs = "".join(chr(0x4E80 + number) for number in range(117))
        with pytest.raises(NameInvalid) as refused:
            clean_name(f"A {signs}")
        assert f"{' '.join(signs[:MOST_NAMED])} " in refused.value.message
        assert signs[MOST_NAMED] not in refused.value.message
        assert 0 < len(tried) <= 25

    @pytest.mark.parametrize("letter", ["W", "ß", "a "])
    def test_stays_on_one_page_with_as_much_as_may_be_said(self, letter: str) -> None:
        learned = "\n".join(letter * (LONGEST_LEARNED // MOST_LINES // len(letter)) for _line in range(MOST_LINES))
        full = replace(ENTRY, name="Anna-Lena Maria " * 7, title="Wörter " * 28, learned=learned)
        with pypdfium2.PdfDocument(make_pdf(full, ADDRESS)) as document:
            assert len(document) == 1

    def test_its_file_name_names_nobody(self) -> None:
        assert file_name(ENTRY) == "teilnahmebescheinigung-2026-11-20.pdf"
        assert file_name(replace(ENTRY, kind=CertificateKind.PATH)) == "lernnachweis-2026-11-20.pdf"
