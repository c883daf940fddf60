"""The start list of synonyms that comes with the program: how administrations and people name the same thing.

It lies beside the groups that moderators keep and never mixes with them; ``ALLMENDE_THESAURUS`` names another file, or
``none``. Words are compared by their stems, so that „Kitas" finds „Kita".
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from knowledge.kit.logs import get_logger
from knowledge.library.text.analysis import terms_of_word, words_of
from knowledge.synonyms import terms
from knowledge.synonyms.terms import TermUnusable, check_terms, read_lines, split_line

SHIPPED = Path(terms.__file__).resolve().parent / "grundwortschatz.txt"
NONE = "none"

Stems = tuple[str, ...]


def stems_of(wording: str) -> Stems:
    """Return the stems of a word or phrase, without function words."""
    return tuple(stem for word in words_of(wording) for stem in terms_of_word(word)[0])


def load_thesaurus(setting: str) -> Mapping[Stems, tuple[str, ...]]:
    """Return the other words for each word or phrase, which is given by its stems.

    Args:
        setting: ``default`` for the list that is shipped, ``none``, or the path of another list.

    Raises ``SynonymFileUnreadable`` for a list that cannot be read.
    """
    if setting == NONE:
        return {}
    return _read(SHIPPED if setting == "default" else Path(setting).expanduser())


@lru_cache(maxsize=2)
def _read(path: Path) -> Mapping[Stems, tuple[str, ...]]:
    others: defaultdict[Stems, dict[str, None]] = defaultdict(dict)
    for line in read_lines(path):
        try:
            words = list(check_terms(split_line(line.text)).values())
        except TermUnusable as error:
            get_logger().warning("thesaurus_line_left_out", line=line.number, error=error.code)
            continue
        for term in words:
            key = stems_of(term)
            others[key].update(dict.fromkeys(other for other in words if stems_of(other) != key))
    return {key: tuple(words) for key, words in others.items() if key and words}
