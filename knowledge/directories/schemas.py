"""What goes in and out when people sign in with their organisation's directory."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from knowledge.members.schemas import MemberEntry


@dataclass(frozen=True, slots=True)
class ProviderEntry:
    """The directory of an organisation, without its secret.

    ``mail_domains``, ``claim`` and ``claim_value`` say who alone is admitted, ``acr_values`` what means a second
    factor. ``links`` counts the accounts that are linked.
    """

    id: UUID
    organisation_id: UUID
    organisation_key: str
    organisation_name: str
    name: str
    issuer: str
    client_id: str
    enabled: bool = False
    admits: bool = False
    mail_domains: tuple[str, ...] = ()
    claim: str = ""
    claim_value: str = ""
    counts_second_factor: bool = False
    acr_values: tuple[str, ...] = ()
    links: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderWish:
    """What an administrator typed; an empty ``client_secret`` leaves the one that is kept."""

    organisation: str = ""
    name: str = ""
    issuer: str = ""
    client_id: str = ""
    client_secret: str = ""
    admits: bool = False
    mail_domains: str = ""
    claim: str = ""
    claim_value: str = ""
    counts_second_factor: bool = False
    acr_values: str = ""


@dataclass(frozen=True, slots=True)
class Connection:
    """What it takes to speak with a directory."""

    provider_id: UUID
    issuer: str
    client_id: str
    client_secret: str
    acr_values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a directory says of itself (OpenID Connect Discovery)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    algorithms: tuple[str, ...]
    # The secret goes into the form rather than into a header.
    secret_in_form: bool
    # The way back names the issuer (RFC 9207).
    names_issuer: bool
    # Where people sign out there (RP-Initiated Logout), if it has such a place.
    end_session_endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody is on their way to a directory; the browser keeps this, sealed, until they are back.

    ``member_id`` and ``session_id`` are set where an account is to be linked.
    """

    state: str
    nonce: str
    verifier: str
    provider_id: UUID
    way: str
    began_at: int
    member_id: UUID | None = None
    session_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class WayBack:
    """What a directory sent along on the way back."""

    state: str = ""
    code: str = ""
    issuer: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Who a directory says somebody is: what was signed, and the key to more."""

    subject: str
    claims: Mapping[str, Any]
    access_token: str = ""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A member came back; ``second_factor``: whether what the directory checked counts as one."""

    member_id: UUID
    second_factor: bool
    way: str
    provider_id: UUID


@dataclass(frozen=True, slots=True)
class Linked:
    """An account was linked to the member who is signed in."""

    member_id: UUID


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody came back whom nobody knows yet; the browser keeps this, sealed, until they have joined.

    ``admitted``: whether they may join without a code. ``digest`` stands for issuer and subject.
    """

    key: str
    provider_id: UUID
    digest: str
    name: str
    admitted: bool
    second_factor: bool
    way: str
    began_at: int


Outcome = Recognised | Linked | Arrival


@dataclass(frozen=True, slots=True)
class Joined:
    """A member who just joined, or was found by a code."""

    member: MemberEntry
    second_factor: bool
    way: str


@dataclass(frozen=True, slots=True)
class LinkEntry:
    """A member's account in a directory, as the member sees it."""

    id: UUID
    provider_id: UUID
    provider_name: str
    issuer: str
    linked_at: datetime
    last_used: date | None


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was checked about a connection; ``fits`` is ``None`` where it cannot be known."""

    what: str
    fits: bool | None
    detail: str = ""
