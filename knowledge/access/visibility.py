"""Who may find what: one rule for every way to a document.

A document carries one access token; a viewer holds a set of them. Both indexes filter by the token, and every result
is checked again here against the database, which may have changed since it was indexed.
"""

from dataclasses import dataclass
from uuid import UUID

from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _
from knowledge.models.document import Document, Status, Visibility

PUBLIC = "public"
NETWORK = "network"


class HouseNeedsOrganisation(InvalidInput):
    """Something is to be for one house only, but nobody said for which."""

    code = "documents.house_needs_organisation"

    def __init__(self) -> None:
        super().__init__(_("For the visibility “house”, please name the organisation with --organisation KEY."))


class VisibilityNeedsCircle(InvalidInput):
    """Something is to be for one circle only, but nobody said for which."""

    code = "documents.circle_needs_name"

    def __init__(self) -> None:
        super().__init__(_("For the visibility “circle”, please name the circle with --circle NAME."))


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who looks for something.

    ``access`` holds the tokens of what they may find (``None``: everything, for the system's own work);
    ``state_key`` is the Land that they ask from, where it is known.
    """

    access: frozenset[str] | None
    state_key: str | None = None

    def may_find(self, document: Document) -> bool:
        """Whether this viewer may find ``document`` now."""
        if document.status != Status.PUBLISHED:
            return False
        return self.access is None or document.access in self.access


def access_token(
    visibility: Visibility,
    organisation_id: UUID | None,
    circle_id: UUID | None = None,
    audience_id: UUID | None = None,
) -> str:
    """Return the token that stands for a visibility; for circles, of the one circle or of several together.

    Raises ``HouseNeedsOrganisation``, ``VisibilityNeedsCircle``.
    """
    if visibility is Visibility.PUBLIC:
        return PUBLIC
    if visibility is Visibility.NETWORK:
        return NETWORK
    if visibility is Visibility.CIRCLE:
        if circle_id is not None:
            return f"circle:{circle_id.hex}"
        if audience_id is None:
            raise VisibilityNeedsCircle
        return f"circles:{audience_id.hex}"
    if organisation_id is None:
        raise HouseNeedsOrganisation
    return f"house:{organisation_id.hex}"


def reveals(before: str, after: str) -> bool:
    """Whether with another token somebody may find a document who could not find it before."""
    return not (before in (after, PUBLIC) or (before == NETWORK and after.startswith("house:")))


def anybody() -> Viewer:
    """Return the viewer who finds what is public."""
    return Viewer(frozenset({PUBLIC}))


def network_member(organisation_id: UUID | None = None, *, state_key: str | None = None) -> Viewer:
    """Return the viewer who finds what is public, the network's, and their own house's."""
    house = {access_token(Visibility.HOUSE, organisation_id)} if organisation_id else set()
    return Viewer(frozenset({PUBLIC, NETWORK} | house), state_key)
