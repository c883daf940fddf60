"""The one way to ask the indexes, whether this process holds them or another one does."""

from base64 import b64decode, b64encode
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self
from uuid import UUID

from knowledge.library.indexes.queries import Expansion
from knowledge.library.indexes.schemas import Hit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# What the vectors contribute: they do; there is no model; their server is away; they were made with another model.
VectorsState = Literal["ok", "off", "away", "other_model"]

# Bounds for what another process may ask; far above what is ever needed.
LONGEST_TEXT, MOST = 1_000_000, 10_000
# Texts embedded in one go, and the characters of each that are looked at (a model reads far fewer): so few that
# searches come in between, and that any of them fit into one line to the owner.
EMBEDDED_TOGETHER, LONGEST_EMBEDDED = 16, 20_000


@dataclass(frozen=True, slots=True)
class IndexQuery:
    """What to look for.

    ``limit`` counts passages on each side; ``access`` holds the tokens of what may be found, ``None`` is everything.
    """

    text: str
    limit: int = 100
    access: frozenset[str] | None = None
    expansions: tuple[Expansion, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        values = asdict(self)
        values["access"] = None if self.access is None else sorted(self.access)
        return values

    @classmethod
    def from_json(cls, values: Any) -> Self:
        """Read what ``as_json`` wrote. Raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else."""
        text, limit, access = values["text"], values["limit"], values["access"]
        if not isinstance(text, str) or len(text) > LONGEST_TEXT or type(limit) is not int or not 0 < limit <= MOST:
            raise ValueError("no query")
        if access is not None:
            access = frozenset(_texts(access))
        return cls(text, limit, access, tuple(_expansion(item) for item in values["expansions"]))


@dataclass(frozen=True, slots=True)
class WordsFound:
    """What the words index found, best first; ``frequencies`` and ``total`` as in :class:`IndexHits`."""

    hits: list[Hit]
    frequencies: dict[str, int]
    total: int
    version: str


@dataclass(frozen=True, slots=True)
class VectorsFound:
    """What the vector index found, best first, with which ``model``; nothing where ``state`` is not ``ok``."""

    hits: list[Hit]
    state: VectorsState
    model: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Any) -> Self:
        """Read what ``as_json`` wrote. Raises ``KeyError`` or ``TypeError`` for what another version wrote."""
        return cls(**{**values, "hits": [Hit(**hit) for hit in values["hits"]]})


@dataclass(frozen=True, slots=True)
class IndexHits:
    """What both indexes found, best first, and what is needed to judge it.

    ``frequencies`` counts for each stem of the question the passages that hold it, among ``total`` passages.
    """

    words: list[Hit]
    vectors: list[Hit]
    frequencies: dict[str, int]
    total: int
    vectors_state: VectorsState
    index_version: str
    model: str | None = None

    @classmethod
    def of(cls, words: WordsFound, vectors: VectorsFound) -> Self:
        """Put both sides together."""
        return cls(
            words=words.hits,
            vectors=vectors.hits,
            frequencies=words.frequencies,
            total=words.total,
            vectors_state=vectors.state,
            index_version=words.version,
            model=vectors.model,
        )

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Any) -> Self:
        """Read what ``as_json`` wrote. Raises ``KeyError`` or ``TypeError`` for what another version wrote."""
        hits = {side: [Hit(**hit) for hit in values[side]] for side in ("words", "vectors")}
        return cls(**{**values, **hits})


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """What a language model makes of texts.

    ``vectors`` has one row of unit length per text (zeros where the model sees nothing in it). ``model`` tells them
    from those of other models, with which they must not be compared.
    """

    model: str
    vectors: "NDArray[np.float32]"

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        values = b64encode(self.vectors.astype("<f4").tobytes()).decode()
        return {"model": self.model, "shape": list(self.vectors.shape), "vectors": values}

    @classmethod
    def from_json(cls, values: Any) -> Self:
        """Read what ``as_json`` wrote. Raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else."""
        import numpy as np

        rows, dimension = values["shape"]
        vectors = np.frombuffer(b64decode(values["vectors"], validate=True), dtype="<f4").reshape(rows, dimension)
        return cls(str(values["model"]), vectors.astype(np.float32))


def texts_to_embed(values: Any) -> Sequence[str]:
    """Read the texts that another process wants to have embedded. Raises ``TypeError`` or ``ValueError``."""
    texts = _texts(values)
    if len(texts) > EMBEDDED_TOGETHER or any(len(text) > LONGEST_EMBEDDED for text in texts):
        raise ValueError("too much at once")
    return texts


class Indexes(Protocol):
    """Something that can be asked for passages, and for vectors."""

    async def find(self, query: IndexQuery) -> IndexHits:
        """Return the best passages of both sides. Raises ``Unavailable`` when the words index cannot be asked."""
        ...

    async def embed(self, texts: Sequence[str]) -> Embedded | None:
        """Return vectors of texts as of questions, which can be compared with each other; ``None`` without a model.

        Whether the vector index can be reached does not matter. Raises ``Unavailable`` when the process that holds the
        model cannot be asked.
        """
        ...

    async def words_waiting(self, keys: Collection[str] | None = None) -> int:
        """Count the documents, all or of these hex keys, whose words this host's index has yet to look at.

        They are looked at soon after. Raises ``Unavailable`` when the process that holds the index cannot be asked.
        """
        ...


class HeldIndexes(Indexes, Protocol):
    """Indexes as their owner has them; those who read the words themselves ask it for vectors alone."""

    async def find_vectors(self, query: IndexQuery) -> VectorsFound:
        """Return the nearest passages. Raises ``Unavailable`` when the process that holds the model cannot be asked."""
        ...


def keys_to_look_for(values: Any) -> Sequence[str] | None:
    """Read the hex keys of documents that another process waits for; ``None`` is all. Raises ``ValueError``."""
    return None if values is None else [UUID(key).hex for key in _texts(values)]


def _texts(values: Any) -> Sequence[str]:
    if not isinstance(values, list | tuple) or not all(isinstance(value, str) for value in values):
        raise ValueError("no list of texts")
    return values


def _expansion(values: Any) -> Expansion:
    if not isinstance(values["stands_for"], str) or not isinstance(values["weight"], int | float):
        raise ValueError("no expansion")
    return Expansion(**{**values, "terms": tuple(_texts(values["terms"]))})
