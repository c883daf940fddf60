"""The one way to ask the indexes, whether this process holds them or another one does."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol, Self

from knowledge.library.indexes.queries import Expansion
from knowledge.library.indexes.schemas import Hit

# What the vectors contribute: they do; there is no model; their server is away; they were made with another model.
VectorsState = Literal["ok", "off", "away", "other_model"]

# Bounds for what another process may ask; far above what is ever needed.
LONGEST_TEXT, MOST = 1_000_000, 10_000


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
    model: str | None = field(default=None)

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Any) -> Self:
        """Read what ``as_json`` wrote. Raises ``KeyError`` or ``TypeError`` for what another version wrote."""
        hits = {side: [Hit(**hit) for hit in values[side]] for side in ("words", "vectors")}
        return cls(**{**values, **hits})


class Indexes(Protocol):
    """Something that can be asked for passages."""

    async def find(self, query: IndexQuery) -> IndexHits:
        """Return the best passages of both sides. Raises ``Unavailable`` when the words index cannot be asked."""
        ...


def _texts(values: Any) -> Sequence[str]:
    if not isinstance(values, list | tuple) or not all(isinstance(value, str) for value in values):
        raise ValueError("no list of texts")
    return values


def _expansion(values: Any) -> Expansion:
    if not isinstance(values["stands_for"], str) or not isinstance(values["weight"], int | float):
        raise ValueError("no expansion")
    return Expansion(**{**values, "terms": tuple(_texts(values["terms"]))})
