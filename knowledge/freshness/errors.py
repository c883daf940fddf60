"""What can be wrong when somebody says whether a document still holds."""

from knowledge.kit.errors import NotFound
from knowledge.kit.language import _


class NotLookedAfter(NotFound):
    """There is no such document, or somebody else looks after it."""

    code = "freshness.not_looked_after"

    def __init__(self) -> None:
        super().__init__(_("You do not look after this document any more."))
