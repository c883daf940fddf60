"""The one way to ask the indexes, whether this process holds them or another one does."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol, Self

from knowledge.library.indexes.queries import Expansion
from knowledge.library.indexes.schemas import Hit

# What the vectors contribute: they do; there is no model; their server is away; they were made with another model.
VectorsState = Literal["ok", "off", "away", "other_model"]


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
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Read what ``as_json`` wrote."""
        access = values["access"]
        expansions = tuple(Expansion(**{**item, "terms": tuple(item["terms"])}) for item in values["expansions"])
        return cls(values["text"], values["limit"], None if access is None else frozenset(access), expansions)


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
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Read what ``as_json`` wrote."""
        hits = {side: [Hit(**hit) for hit in values[side]] for side in ("words", "vectors")}
        return cls(**{**values, **hits})


class Indexes(Protocol):
    """Something that can be asked for passages."""

    async def find(self, query: IndexQuery) -> IndexHits:
        """Return the best passages of both sides. Raises ``Unavailable`` when the words index cannot be asked."""
        ...
