"""The words of a contact request: what they may be, and what in them looks like personal data."""

from dataclasses import dataclass

from knowledge.kit.cleaning import clean_text
from knowledge.kit.language import _
from knowledge.peers.errors import WordsInvalid
from knowledge.personal_data.finder import find_personal_data
from knowledge.personal_data.schemas import Finding

LONGEST, SHORTEST = 1000, 10


@dataclass(frozen=True, slots=True)
class CheckedWords:
    """The words as they would be sent, with what looks like personal data; the writer decides about that."""

    text: str
    findings: tuple[Finding, ...]


def clean_words(text: str) -> str:
    """Return what somebody wants to write to a peer as it would be sent. Raises ``WordsInvalid``."""
    text = clean_text(text)
    if sum(letter.isalnum() for letter in text) < SHORTEST:
        raise WordsInvalid(_("Please write in a sentence or two what you would like to talk about."))
    if len(text) > LONGEST:
        problem = _("Please write at most {most} characters; these are {count}.")
        raise WordsInvalid(problem.format(most=LONGEST, count=len(text)))
    return text


def check_words(text: str) -> CheckedWords:
    """Look at what somebody wants to write to a peer. Raises ``WordsInvalid``."""
    text = clean_words(text)
    return CheckedWords(text, tuple(find_personal_data(text)))
