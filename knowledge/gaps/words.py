"""The words of questions: whether they say what is missing, what of them is shown, and which say it best."""

from collections.abc import Sequence

from knowledge.gaps.likeness import Wording, resemblance
from knowledge.library.text.analysis import is_function_word, is_light_word, words_of
from knowledge.personal_data.finder import find_personal_data
from knowledge.personal_data.schemas import redact

# Of each question so many characters are shown.
LONGEST_SHOWN = 300
# Greetings, thanks and trials, which ask for nothing.
EMPTY_WORDS = frozenset(
    """
    abend asdf bitte bot danke dankeschön frage fragen guten hallo hallihallo halloechen hallöchen hello help hey hi
    hilfe info infos jemand lieber liebe lorem ipsum mahlzeit merci moin morgen nachricht ok okay probe pling schönen
    servus start stop tach tag test teste testen testfrage testnachricht tests testing thanks thank tschüss wiedersehen
    heißt kannst machst
    """.split()  # noqa: SIM905 - thirty strings are harder to read
)


def says_something(text: str) -> bool:
    """Whether a question says what is wanted: „Hundesteuer" does, but „hallo", „Test 123" and „Wer bist du?" do not."""
    return any(_has_weight(word) for word in words_of(text))


def _has_weight(word: str) -> bool:
    if word.casefold() in EMPTY_WORDS or is_function_word(word) or is_light_word(word):
        return False
    return any(letter.isalpha() for letter in word) and len(set(word.casefold())) > 1


def shown(text: str) -> str:
    """Return a question as people may read it: on one line, cut, and without what looks like personal data."""
    line = " ".join(text.split())
    for finding in reversed(find_personal_data(line)):
        line = redact(line, finding)
    return line if len(line) <= LONGEST_SHOWN else f"{line[: LONGEST_SHOWN - 1].rstrip()}…"


def best_first(wordings: Sequence[Wording]) -> list[int]:
    """Return the numbers of wordings, each wording once: whole questions first, and what is most like all others."""
    distinct: dict[str, int] = {}
    for number, wording in enumerate(wordings):
        distinct.setdefault(wording.text.casefold(), number)
    nearness = {
        number: sum(resemblance(wordings[number], wordings[other]) for other in distinct.values() if other != number)
        for number in distinct.values()
    }
    return sorted(nearness, key=lambda number: ("?" not in wordings[number].text, -nearness[number], number))
