"""The real literature of the shared corpus comes out as clean text."""

import time
from pathlib import Path

from tests.knowledge.library.files.conftest import Parse
from tests.knowledge.library.files.helpers import block_with, texts


class TestColab:
    def test_words_broken_at_line_ends_are_whole(self, corpus: Path, parse: Parse) -> None:
        parsed = parse(corpus / "colab-ki-in-kommunen.txt")
        whole = "\n".join(texts(parsed))

        assert "inmitten eines disruptiven technologischen Wandels. Künstliche" in whole
        for word in ("Natural-Language-Processing-Methoden", "Hochwasserschutzgebieten", "Stadt- und Regionalplanung"):
            assert word in whole
        assert "(KI-Strategie/Datenstrategie etc.)" in whole
        assert "in den Institutionen und Unternehmen" in whole

    def test_paragraphs_cut_by_a_page_go_on(self, corpus: Path, parse: Parse) -> None:
        parsed = parse(corpus / "colab-ki-in-kommunen.txt")

        assert "welche sie zukünftig spielen kann." in block_with(parsed, "interdisziplinäre Expertenrunde").text

    def test_the_three_dimensions_are_one_list(self, corpus: Path, parse: Parse) -> None:
        block = block_with(parse(corpus / "colab-ki-in-kommunen.txt"), "Effizienzsteigerung und Ressourcenentlastung")

        assert block.kind == "list"
        assert block.text.split("\n") == [
            "Erhöhung von (gesellschaftlicher) Teilhabe",
            "Effizienzsteigerung und Ressourcenentlastung",
            "Ermöglichung evidenzbasierter Entscheidungen",
        ]

    def test_running_heads_and_page_numbers_are_gone(self, corpus: Path, parse: Parse) -> None:
        parsed = parse(corpus / "colab-ki-in-kommunen.txt")

        assert len(parsed.blocks) > 30
        assert not [text for text in texts(parsed) if text.startswith("Ausgewählte Thesen") or text.isdigit()]


class TestSgk:
    def test_split_words_are_mended(self, corpus: Path, parse: Parse) -> None:
        whole = "\n".join(texts(parse(corpus / "sgk-vertrauenswuerdige-ki.txt")))

        assert "durch die Automatisierung von Prozessen" in whole
        assert "bis hin zur KI-gestützten Auszahlung von Sozialleistungen" in whole
        assert "Die Risikoklasse 1 umfasst KI-Systeme" in whole
        assert " -" not in whole.replace(" - ", "")

    def test_a_page_break_does_not_split_a_sentence(self, corpus: Path, parse: Parse) -> None:
        whole = "\n".join(texts(parse(corpus / "sgk-vertrauenswuerdige-ki.txt")))

        assert "Mitarbeiter:innen und Bürger:innen sollen die Kontrolle" in whole

    def test_headings(self, corpus: Path, parse: Parse) -> None:
        parsed = parse(corpus / "sgk-vertrauenswuerdige-ki.txt")
        headings = [(block.level, block.text) for block in parsed.blocks if block.kind == "heading"]

        assert (1, "3. KI – heute und morgen") in headings
        assert (2, "b. Transparenz") in headings
        assert (2, "f. Umstrukturierung") in headings
        assert parsed.title == "Diskussionspapier der Bundes-SGK"

    def test_the_footnote_stands_apart_and_its_mark_is_gone(self, corpus: Path, parse: Parse) -> None:
        parsed = parse(corpus / "sgk-vertrauenswuerdige-ki.txt")

        assert "1 Übersicht über das KI-Gesetz" in texts(parsed, note="footnote")[0]
        assert "spielt der AI-Act (europäisches KI-Gesetz)" in "\n".join(texts(parsed))


class TestCodina:
    def test_headings_keep_their_levels(self, corpus: Path, parse: Parse) -> None:
        parsed = parse(corpus / "codina-kurzstudie-ki-daseinsvorsorge.md")
        headings = {item.text: item.level for item in parsed.blocks if item.kind == "heading"}

        assert headings["4.1. Ökologische Nachhaltigkeit"] == 4
        assert headings["6. Literatur"] == 2
        assert parsed.title == "Künstliche Intelligenz für eine nachhaltig-digitale Daseinsvorsorge"

    def test_contents_and_references_are_marked_and_the_text_is_not(self, corpus: Path, parse: Parse) -> None:
        parsed = parse(corpus / "codina-kurzstudie-ki-daseinsvorsorge.md")

        contents = "\n".join(texts(parsed, note="toc"))
        assert "Zielsetzung der Kurzstudie" in contents
        assert "Über die Autoren" in contents
        references = "\n".join(texts(parsed, note="references"))
        assert "Loorbach, Derk (2010)" in references
        assert "WBGU - Wissenschaftlicher Beirat" in references
        assert block_with(parsed, "Verkehrssteuerung in Darmstadt").note is None
        assert block_with(parsed, "Dr. Matthias Berg ist Kommunikations").note is None

    def test_paragraphs_and_items_cut_by_a_page_go_on(self, corpus: Path, parse: Parse) -> None:
        whole = "\n".join(texts(parse(corpus / "codina-kurzstudie-ki-daseinsvorsorge.md")))

        assert "Die Einbindung von KI-Methoden verspricht" in whole
        assert "eine angemessene Versorgungsqualität, sozialverträgliche Preise" in whole
        assert "mehr durch Projekthaftigkeit als durch" in whole
        assert "damit sie diese gegenüber den Bürger*innen kommunizieren können" in whole

    def test_words_of_the_typesetter_are_mended_where_the_text_shows_how(self, corpus: Path, parse: Parse) -> None:
        whole = "\n".join(texts(parse(corpus / "codina-kurzstudie-ki-daseinsvorsorge.md")))

        assert "Zusammen-hang" not in whole
        assert "sozial-ökologische" in whole

    def test_sixty_kilobytes_are_parsed_in_a_moment(self, corpus: Path, parse: Parse) -> None:
        path = corpus / "codina-kurzstudie-ki-daseinsvorsorge.md"
        parse(path)
        begun = time.process_time()
        parse(path)

        assert time.process_time() - begun < 0.1  # measured: 0.014 s


class TestMinutes:
    def test_lists_hold_whole_items(self, corpus: Path, parse: Parse) -> None:
        parsed = parse(corpus / "workshop-protokoll-2024-pdf-text.txt")
        items = block_with(parsed, "interkommunalen Austausch").text.split("\n")

        assert len(items) == 4
        assert items[1].endswith("(Idee: niedrigschwelliger Schulung- und Arbeitskreis, bspw. als WhatsApp Gruppe.)")

    def test_the_sentence_with_the_six_measures_is_whole(self, corpus: Path, parse: Parse) -> None:
        for name in ("workshop-protokoll-2024-pdf-text.txt", "workshop-protokoll-2024.md"):
            whole = "\n".join(texts(parse(corpus / name)))
            assert "von den sechshundert Maßnahmen des Smart Cities Programms nur wenige (sechs) explizit KI" in whole

    def test_addresses_broken_by_lines_are_whole(self, corpus: Path, parse: Parse) -> None:
        references = "\n".join(texts(parse(corpus / "workshop-protokoll-2024-pdf-text.txt"), note="references"))

        assert "https://nbn-resolving.org/urn:nbn:de:0168-ssoar-91379-4" in references
        assert "content/uploads/2021/03/Koki_Kuenstliche_Intelligenz_in_Kommunen.pdf" in references
