"""The words that topics go by: checking and comparing them."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _

LONGEST_NAME = 120
MOST_WORDS = 60
# People part topics by them.
_APART = (",", ";")


class TopicWordUnusable(InvalidInput):
    """This cannot be the name of a topic, or a word for one."""

    code = "topics.word_unusable"


# The tree of topics is read for every question that is asked of the network, always with the same words.
@lru_cache(maxsize=8192)
def fold_topic(word: str) -> str:
    """Return a word for comparing: its letters and digits alone, so that „E-Akte", „e-akte" and „eAkte" are one."""
    folded = unicodedata.normalize("NFKC", word).casefold().replace("&", "und")
    return "".join(letter for letter in folded if letter.isalnum())


def check_word(word: str) -> str:
    """Return a word as it is kept, without spare spaces. Raises TopicWordUnusable."""
    tidy = " ".join(unicodedata.normalize("NFC", word).split())
    shown = "".join(letter if letter.isprintable() else "�" for letter in tidy)[:40]
    if not fold_topic(tidy) or not tidy.isprintable():
        raise TopicWordUnusable(_("“{word}” is not a word.").format(word=shown) if tidy else _("Please enter a name."))
    if len(tidy) > LONGEST_NAME:
        raise TopicWordUnusable(_("“{word}…” is too long.").format(word=shown))
    if any(sign in tidy for sign in _APART):
        problem = _("“{word}” has a comma or semicolon in it, which would part it into two topics.")
        raise TopicWordUnusable(problem.format(word=shown))
    return tidy


def check_words(words: Iterable[str]) -> dict[str, str]:
    """Return words as they are kept, by their folded form; empty ones and doubles are left out.

    Raises TopicWordUnusable.
    """
    checked: dict[str, str] = {}
    for word in words:
        if word.strip():
            tidy = check_word(word)
            checked.setdefault(fold_topic(tidy), tidy)
    if len(checked) > MOST_WORDS:
        raise TopicWordUnusable(_("These are more than {count} words for one topic.").format(count=MOST_WORDS))
    return checked
