"""Which questions ask for organisations like one's own, measured on two lists of wordings, as written and as typed."""

import random
from dataclasses import dataclass
from pathlib import Path

import pytest

from knowledge.peers.wording import LONGEST, read_alike

SEED = 20260302
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
BEFORE = ("", "Hallo, ", "Guten Morgen! ", "Und ", "Frage: ", "ok, aber ", "  ")
BEHIND = ("", "?", " ?", "??", "…", "!")


@dataclass(frozen=True)
class Wording:
    """A wording, whether it is meant, and what it asks about (empty: what was asked before)."""

    text: str
    meant: bool
    topic: str = ""


def wordings() -> list[Wording]:
    found = []
    for line in (Path(__file__).parent / "wordings.txt").read_text("utf-8").splitlines():
        if line.startswith("+ "):
            topic, _stroke, text = line[2:].partition(" | ")
            found.append(Wording(text, meant=True, topic="" if topic == "-" else topic))
        elif line.startswith("- "):
            found.append(Wording(line[2:], meant=False))
    return found


def typed(text: str, draw: random.Random) -> str:
    """Return a text as somebody in a hurry types it."""
    text = text.rstrip("?.") + draw.choice(BEHIND)
    text = draw.choice((str, str.lower))(text)
    if draw.random() < 0.3:
        text = text.translate(UMLAUTS)
    return draw.choice(BEFORE) + text.replace(" ", draw.choice((" ", " ", "  ")))


class TestLists:
    def test_has_enough_of_both(self) -> None:
        meant = [one for one in wordings() if one.meant]
        assert len(meant) >= 60
        assert len(wordings()) - len(meant) >= 60

    def test_precision_and_recall(self) -> None:
        draw = random.Random(SEED)
        tried = [(one, text) for one in wordings() for text in (one.text, *(typed(one.text, draw) for _ in range(2)))]
        read = [(one, text) for one, text in tried if read_alike(text) is not None]

        right = [text for one, text in read if one.meant]
        wrong = [text for one, text in read if not one.meant]
        meant = [text for one, text in tried if one.meant]
        assert len(right) / len(meant) >= 0.97, sorted(set(meant) - set(right))
        assert len(right) / len(read) >= 0.97, wrong

    def test_what_is_asked_about(self) -> None:
        mistaken = []
        for one in wordings():
            read = read_alike(one.text) if one.meant else None
            if read is not None and read.goes_on != (not one.topic):
                mistaken.append((one.text, read.words))
        assert len(mistaken) <= 1, mistaken

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("Hat eine Kommune wie unsere schon ein digitales Bürgerbüro eingeführt?", "digitales Bürgerbüro"),
            ("Gibt es Landkreise wie unseren mit einem Hitzeaktionsplan?", "Hitzeaktionsplan"),
            ("Are there towns our size that use a chat bot?", "chat bot"),
        ],
    )
    def test_the_words_that_are_left(self, text: str, words: str) -> None:
        read = read_alike(text)
        assert read is not None
        assert read.words == words


class TestRefused:
    @pytest.mark.parametrize("text", ["", "?", "wie wir", "x" * 5000, "Kommune wie unsere " * 2000])
    def test_what_is_no_question(self, text: str) -> None:
        assert read_alike(text) is None

    def test_a_long_text_is_not_looked_through(self) -> None:
        long = "Hat eine Kommune wie unsere das schon gemacht? " + "a" * LONGEST
        assert read_alike(long) is None
