"""Reading the words index, also from processes that do not write it: they see what its owner has committed."""

from pathlib import Path
from threading import Lock

from knowledge.kit.logs import get_logger
from knowledge.library.indexes.port import IndexQuery, WordsFound
from knowledge.library.indexes.queries import WordsQuery, analyse_query
from knowledge.library.indexes.segments import META_FILE
from knowledge.library.indexes.words import FORMAT_FILE, WordsIndex, WordsIndexDamaged

# What tells one state of a file from another: every commit puts a new file in its place.
_State = tuple[int, int, int]


def find_words(words: WordsIndex, query: IndexQuery) -> WordsFound:
    """Return the best passages of a words index, and how many passages have the words of the question."""
    return WordsFound(
        hits=words.search(WordsQuery(query.text, query.expansions), limit=query.limit, access=query.access),
        frequencies=words.document_frequencies(analyse_query(query.text).stems),
        total=words.count(),
        version=words.version,
    )


class WordsReader:
    """Reads an index that another process of the same host writes; safe from many threads.

    Args:
        folder: where its files lie. Nothing is made or changed there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._words: WordsIndex | None = None
        self._begun: _State | None = None
        self._committed: _State | None = None
        self._turn = Lock()
        self._log = get_logger()

    def find(self, query: IndexQuery) -> WordsFound | None:
        """Return what the index holds as last committed; ``None`` where its files cannot be read just now."""
        words = self._latest()
        try:
            return None if words is None else find_words(words, query)
        except (ValueError, OSError) as error:
            self._give_up(error)
            return None

    def _latest(self) -> WordsIndex | None:
        """Return the index as last committed; an index that was made anew is opened anew."""
        with self._turn:
            try:
                begun, committed = _state(self._folder / FORMAT_FILE), _state(self._folder / META_FILE)
                if self._words is None or begun != self._begun:
                    self._words = WordsIndex.open_existing(self._folder)
                elif committed != self._committed:
                    self._words.reload()
            except (WordsIndexDamaged, ValueError, OSError) as error:
                self._give_up(error)
                return None
            self._begun, self._committed = begun, committed
            return self._words

    def _give_up(self, error: Exception) -> None:
        """Open it anew the next time; its owner mends what is wrong with it."""
        self._words = None
        self._log.info("words_not_read", error=type(error).__name__)


def _state(file: Path) -> _State:
    found = file.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size
