"""What a person's words are."""

import pytest

from bot.core.commands import nearest_command, parse_command, parse_number, same_emoji, says_something, visible

NAMES = ("hilfe", "help", "frage", "ask", "ueber", "über", "about", "quellen", "sources", "sprache")


class TestCommands:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("/frage Was kostet das?", ("frage", "Was kostet das?")),
            ("  /FRAGE\n Was\nkostet das? ", ("frage", "Was\nkostet das?")),
            ("/hilfe", ("hilfe", "")),
            ("/über", ("über", "")),
            ("\u200f\u200b/hilfe\u2060", ("hilfe", "")),
            ("/start private_1-a", ("start", "private_1-a")),
        ],
    )
    def test_what_begins_with_a_slash_and_a_word(self, text: str, expected: tuple[str, str]) -> None:
        assert parse_command(text) == expected

    @pytest.mark.parametrize(
        "text", ["", "/", "/ frage", "//", "/etc/passwd", "frage", "/frage@", "1/2", "/" + "x" * 40]
    )
    def test_other_texts_are_none(self, text: str) -> None:
        assert parse_command(text) is None

    @pytest.mark.parametrize(
        ("name", "expected"),
        [("hlife", "hilfe"), ("fragen", "frage"), ("uber", "über"), ("que", "quellen"), ("s", None), ("xyzzy", None)],
    )
    def test_the_nearest_one_is_found(self, name: str, expected: str | None) -> None:
        assert nearest_command(name, NAMES) == expected


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2", 2),
            (" 2. ", 2),
            ("(2)", 2),
            ("2)", 2),
            ("2️⃣", 2),
            ("🔟", 10),
            ("12", 12),
            ("zwei", None),
            ("2 Bäume", None),
        ],
    )
    def test_a_number_alone(self, text: str, expected: int | None) -> None:
        assert parse_number(text) == expected


class TestSaying:
    @pytest.mark.parametrize("text", ["", "   ", "👍", "🌳🌳", "?!", "\u200b\u200e\u202e", "…", "👨‍👩‍👧"])
    def test_nothing(self, text: str) -> None:
        assert not says_something(text)

    @pytest.mark.parametrize("text", ["a", "ß", "مرحبا", "\u202eshalom", "日本", "5"])
    def test_something_in_any_script(self, text: str) -> None:
        assert says_something(text)

    def test_what_cannot_be_seen_is_taken_away(self) -> None:
        assert visible(" \u200bWas\u202e kostet\u00ad das? ") == "Was kostet das?"

    def test_emoji_are_the_same_in_any_colour(self) -> None:
        assert same_emoji("👍🏿", "👍")
        assert same_emoji("❤️", "❤")
        assert not same_emoji("👍", "👎")
