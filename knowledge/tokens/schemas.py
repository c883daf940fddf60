"""What comes out of the tokens service."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from knowledge.access.rights import Visitor
from knowledge.models.token import TokenKind
from knowledge.tokens.scopes import TokenScope, allows


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """A token for programs, without its secret."""

    id: UUID
    kind: TokenKind
    name: str
    # The first characters, to tell one token from another.
    hint: str
    scopes: frozenset[TokenScope]
    created_at: datetime
    expires_at: datetime
    # To the day.
    used_on: date | None = None
    revoked_at: datetime | None = None
    # A service token's organisation; none: it finds what is public.
    organisation_id: UUID | None = None
    organisation_name: str | None = None
    # Whose it is (personal), or who made it (service).
    member_id: UUID | None = None
    member_name: str | None = None

    def allows(self, scope: TokenScope) -> bool:
        """Whether it may be used for something."""
        return allows(self.scopes, scope)


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A fresh token; only whoever made it ever reads ``secret``."""

    entry: TokenEntry
    secret: str


@dataclass(frozen=True, slots=True)
class TokenPresence:
    """Whom a token lets act now."""

    entry: TokenEntry
    visitor: Visitor
