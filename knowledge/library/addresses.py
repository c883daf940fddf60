"""Where a document is read in the hub: addresses that stay, also those of cited passages."""

from uuid import UUID

from knowledge.models.document import Document, Kind

# The anchor of the cited passage.
PLACE = "stelle"


def document_path(document_id: UUID | str, version: int | None = None, position: int | None = None) -> str:
    """Return the permanent address of a document, or of a passage in it, below the hub's own address.

    Passages have new keys with each version; a version and the place in it stay.
    """
    path = f"/dokument/{document_id}"
    if version is None:
        return path
    return f"{path}?v={version}" if position is None else f"{path}?v={version}&p={position}#{PLACE}"


class HubAddress(str):
    """The hub's address for readers who are in it: they read everything there, and follow it to its original there."""

    __slots__ = ()


def cited_url(document: Document, position: int, hub: str | None) -> str | None:
    """Return where a citation leads: to the original or, where there is none and for experiences, into the hub.

    ``hub`` is the hub's own address, where people can reach one; a ``HubAddress`` leads there always.
    """
    is_inside = isinstance(hub, HubAddress)
    if hub is None or (not is_inside and document.url is not None and document.kind is not Kind.EXPERIENCE):
        return document.url
    return hub.rstrip("/") + document_path(document.id, document.version, position)
