"""What can go wrong with the vector index."""

from knowledge.kit.errors import AllmendeError, Conflict, Unavailable
from knowledge.kit.language import _


class VectorsUnavailable(Unavailable):
    """The vector index cannot be reached or written now; answers go on from words alone."""

    code = "vectors.unavailable"

    def __init__(self, *, detail: str | None = None) -> None:
        super().__init__(_("The vector index is away for the moment."), detail=detail)


class VectorsModelChanged(Conflict):
    """The index holds vectors of another model, which cannot be compared."""

    code = "vectors.model_changed"

    def __init__(self, *, detail: str | None = None) -> None:
        super().__init__(
            _("The vector index was built with another language model. Please run: allmende reindex"), detail=detail
        )


class VectorsIndexDamaged(AllmendeError):
    """The files of the index are damaged; it has to be built again from the database."""

    code = "vectors.damaged"

    def __init__(self, *, detail: str | None = None) -> None:
        super().__init__(_("The vector index is damaged. Please run: allmende reindex"), detail=detail)
