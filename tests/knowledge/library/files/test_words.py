"""Mending broken words with what the rest of the text shows."""

import pytest

from knowledge.library.files.words import Vocabulary

TEXT = [
    "Die Automatisierung der Verwaltung ist sozial-ökologisch geprägt.",
    "Der Zusammenhang ist bekannt, und der Zusammenhang bleibt.",
    "KI-gestützte Systeme sind nachhaltig-digitale Werkzeuge.",
    "Eine Institution arbeitet mit Smart-City-Strategien und -Projekten.",
]


class TestLineEnds:
    @pytest.mark.parametrize(
        ("left", "right", "joined"),
        [
            ("des technologi-", "schen Wandels", "des technologischen Wandels"),
            ("die KI-", "gestützten Dienste", "die KI-gestützten Dienste"),
            ("die KI-", "Strategie", "die KI-Strategie"),
            ("per E-", "mail", "per E-mail"),
            ("Ein-", "und Ausgabe", "Ein- und Ausgabe"),
            ("KI in der Stadt-", "& Regionalplanung", "KI in der Stadt- & Regionalplanung"),
            ("Natural-Language-Processing-Me-", "thoden", "Natural-Language-Processing-Methoden"),
            ("nachhaltig-", "digitalen Zielen", "nachhaltig-digitalen Zielen"),
            ("von 2020-", "2022", "von 2020-2022"),
            ("ein ganzer", "Satz", "ein ganzer Satz"),
            ("das ist so -", "jedenfalls hier", "das ist so - jedenfalls hier"),
            ("in den Institu -", "tionen", "in den Institutionen"),
            ("hin zur KI -", "gestützten Auszahlung", "hin zur KI-gestützten Auszahlung"),
            ("siehe https://nbn-", "resolving.org/urn", "siehe https://nbn-resolving.org/urn"),
            ("https://www.example.org/dateien/2021/Publikati", "onen/2021/a.pdf", "https://www.example.org/dateien/2021/Publikationen/2021/a.pdf"),
        ],
    )  # fmt: skip
    def test_join(self, left: str, right: str, joined: str) -> None:
        assert Vocabulary(TEXT).join(left, right) == joined

    def test_a_form_seen_elsewhere_decides(self) -> None:
        assert (
            Vocabulary(["auf gut-bürgerliche Art"]).join("eine gut-", "bürgerliche Küche")
            == "eine gut-bürgerliche Küche"
        )
        assert (
            Vocabulary(["auf gutbürgerliche Art"]).join("eine gut-", "bürgerliche Küche") == "eine gutbürgerliche Küche"
        )

    def test_english_compounds_keep_their_hyphen(self) -> None:
        words = Vocabulary(["This is a well of ideas, and the known facts are for all of us to see with care."])

        assert words.join("a well-", "known fact") == "a well-known fact"


class TestRepair:
    @pytest.mark.parametrize(
        ("broken", "mended"),
        [
            ("durch Automatis ierung von Prozessen", "durch Automatisierung von Prozessen"),
            ("die KI -gestützten Systeme", "die KI-gestützten Systeme"),
            ("ein Zusammen-hang", "ein Zusammenhang"),
            ("Smart-City-Strategien und -Projekten", "Smart-City-Strategien und -Projekten"),
            ("sozial-ökologisch", "sozial-ökologisch"),
            ("Planungs- und Bauamt", "Planungs- und Bauamt"),
        ],
    )
    def test_only_where_the_text_shows_it(self, broken: str, mended: str) -> None:
        assert Vocabulary([*TEXT, broken]).repair(broken) == mended

    def test_two_words_that_also_stand_alone_stay_apart(self) -> None:
        lines = ["Das System wird ein gesetzt.", "Es wird eingesetzt.", "Das ist ein Haus.", "Er hat gesetzt."]

        assert Vocabulary(lines).repair(lines[0]) == lines[0]
