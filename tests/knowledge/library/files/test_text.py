"""Plain text: encodings, pages, paragraphs, lists, headings."""

import codecs

import pytest

from knowledge.library.files.errors import UndecodableText
from tests.knowledge.library.files.conftest import ParseText
from tests.knowledge.library.files.helpers import block_with, texts

SENTENCE = "Größere Städte prüfen „Künstliche Intelligenz“ für 5 €."


class TestEncodings:
    @pytest.mark.parametrize(
        "data",
        [
            SENTENCE.encode(),
            codecs.BOM_UTF8 + SENTENCE.encode(),
            SENTENCE.encode("cp1252"),
            SENTENCE.encode("utf-16"),
            SENTENCE.encode("utf-16-le"),
            SENTENCE.encode("utf-16-be"),
            SENTENCE.encode("utf-32"),
        ],
        ids=["utf-8", "utf-8 with mark", "cp1252", "utf-16 with mark", "utf-16-le", "utf-16-be", "utf-32"],
    )
    def test_are_told_apart(self, parse_text: ParseText, data: bytes) -> None:
        assert texts(parse_text(data)) == [SENTENCE]

    def test_one_broken_byte_does_not_turn_utf8_into_something_else(self, parse_text: ParseText) -> None:
        parsed = parse_text((SENTENCE * 5).encode() + b"\xff")

        assert "Größere Städte" in texts(parsed)[0]

    def test_noise_is_refused(self, parse_text: ParseText) -> None:
        with pytest.raises(UndecodableText):
            parse_text(bytes(range(256)) * 40)


class TestCharacters:
    def test_control_and_invisible_characters_go(self, parse_text: ParseText) -> None:
        parsed = parse_text("Bür\u00adger\u200bbüro\x07 und\u00a0Amt: e\ufb03zient, u\u0308blich.\x00\x1b")

        assert texts(parsed) == ["Bürgerbüro und Amt: effizient, üblich."]

    def test_a_soft_hyphen_at_a_line_end_joins_the_word(self, parse_text: ParseText) -> None:
        assert texts(parse_text("Das Bürger\u00ad\nbüro.")) == ["Das Bürgerbüro."]


class TestHardLineBreaks:
    def test_become_paragraphs(self, parse_text: ParseText) -> None:
        parsed = parse_text(
            "Die Stadt Musterfeld hat in diesem Jahr einen Chatbot eingeführt,\n"
            "der Fragen zum Müll beantwortet.\n\n"
            "Im nächsten Jahr kommen die Öffnungszeiten der Bücherei hinzu und\n"
            "weitere Themen.\n"
        )

        assert texts(parsed, "paragraph") == [
            "Die Stadt Musterfeld hat in diesem Jahr einen Chatbot eingeführt, der Fragen zum Müll beantwortet.",
            "Im nächsten Jahr kommen die Öffnungszeiten der Bücherei hinzu und weitere Themen.",
        ]

    def test_long_lines_are_paragraphs_already(self, parse_text: ParseText) -> None:
        first, second = "Erster Satz der Stadt. " * 20, "Zweiter Satz der Stadt. " * 20

        assert texts(parse_text(f"{first}\n{second}\n")) == [first.strip(), second.strip()]

    def test_items_of_a_list_stay_items(self, parse_text: ParseText) -> None:
        parsed = parse_text(
            "Wichtig sind:\n• ein klares Ziel, das alle in der Verwaltung und im Rat\nkennen\n• Zeit\n\n"
            "– erstens dies\n– zweitens das\n\n1. Anfang\n2. Mitte\n3. Ende\n\na) Haus\nb) Hof\n"
        )

        assert "\n".join(texts(parsed, "list")).split("\n") == [
            "ein klares Ziel, das alle in der Verwaltung und im Rat kennen",
            "Zeit",
            "erstens dies",
            "zweitens das",
            "1. Anfang",
            "2. Mitte",
            "3. Ende",
            "a) Haus",
            "b) Hof",
        ]

    def test_a_dash_at_a_line_start_inside_a_sentence_is_no_item(self, parse_text: ParseText) -> None:
        parsed = parse_text(
            "Die Gemeinde hat im vergangenen Jahr viele Erfahrungen gesammelt\n"
            "– gute wie schlechte – und daraus gelernt, dass Geduld sich sehr\nlohnt.\n"
        )

        assert [block.kind for block in parsed.blocks] == ["paragraph"]


PAGES = "\f".join(
    f"Musterfeld, Bericht {2020 + page}\n\n{page}. Kapitel\n\n"
    f"Der Rat der Gemeinde Musterfeld beschloss in Sitzung {page} Folgendes, nämlich\n"
    f"den Beschluss zum Thema Nummer {word} der Liste.\n\n- {page} -"
    for page, word in enumerate(("eins", "zwei", "drei", "vier"), start=1)
)


class TestPages:
    def test_form_feeds_give_page_numbers(self, parse_text: ParseText) -> None:
        block = block_with(parse_text(PAGES), "Nummer drei")

        assert (block.place, block.number) == ("page", 3)

    def test_repeated_heads_and_bare_numbers_are_dropped(self, parse_text: ParseText) -> None:
        whole = texts(parse_text(PAGES))

        assert not [text for text in whole if "Bericht" in text or text.strip("- ").isdigit()]
        assert len([text for text in whole if "Sitzung" in text]) == 4

    def test_a_sentence_goes_on_over_the_page(self, parse_text: ParseText) -> None:
        parsed = parse_text("Der Rat beschloss nach langer Aussprache, die Gebühren für\fdas Bürgerhaus zu senken.")

        assert texts(parsed) == ["Der Rat beschloss nach langer Aussprache, die Gebühren für das Bürgerhaus zu senken."]


class TestHeadings:
    TEXT = (
        "Bericht zum Chatbot\n\n1. Einleitung\n\nDie Gemeinde hat einen Chatbot, der am Abend antwortet und hilft.\n\n"
        "1.1.\tZiele\n\nDie Ziele waren bescheiden, und sie wurden im ersten Jahr alle erreicht.\n\n2. Fazit\n\n"
        "Es hat sich gelohnt, sagen die Beteiligten nach einem langen Jahr der Arbeit.\n"
    )

    def test_numbered_and_set_off_lines_are_headings(self, parse_text: ParseText) -> None:
        parsed = parse_text(self.TEXT)

        assert [(block.level, block.text) for block in parsed.blocks if block.kind == "heading"] == [
            (1, "Bericht zum Chatbot"),
            (1, "1. Einleitung"),
            (2, "1.1. Ziele"),
            (1, "2. Fazit"),
        ]
        assert parsed.title == "Bericht zum Chatbot"

    def test_times_of_day_are_no_chapter_numbers(self, parse_text: ParseText) -> None:
        parsed = parse_text(
            "1. Ablauf\n\nDer Ausschuss tagt im Rathaus und berät über den Haushalt des nächsten Jahres.\n\n"
            "13.30 Begrüßung im Saal durch den Bürgermeister und die Vorsitzende des Ausschusses für Digitales.\n\n"
            "Danach wird über alles beraten, was auf der Tagesordnung steht, und darüber abgestimmt.\n"
        )

        assert texts(parsed, "heading") == ["1. Ablauf"]

    def test_contents_are_marked(self, parse_text: ParseText) -> None:
        parsed = parse_text(
            "Inhalt\n\n1. Einleitung ....... 3\n1.1. Ziele ....... 4\n2. Fazit ....... 9\n\n" + self.TEXT
        )

        assert "Fazit ....... 9" in "\n".join(texts(parsed, note="toc"))
        assert block_with(parsed, "Die Ziele waren").note is None
