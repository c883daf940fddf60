"""What a token for programs may be used for: an area and whether it only reads there or also writes."""

from enum import StrEnum

from knowledge.access.rights import WITHOUT_SECOND_FACTOR, Right


class TokenScope(StrEnum):
    """One thing that a token may be used for, ``area:read`` or ``area:write``; writing includes reading."""

    # Searching, and asking, which changes nothing.
    SEARCH_READ = "search:read"
    DOCUMENTS_READ = "documents:read"
    CONTRIBUTIONS_READ = "contributions:read"
    CONTRIBUTIONS_WRITE = "contributions:write"
    REVIEW_READ = "review:read"
    REVIEW_WRITE = "review:write"
    QUESTIONS_READ = "questions:read"
    QUESTIONS_WRITE = "questions:write"
    PEERS_READ = "peers:read"
    PEERS_WRITE = "peers:write"
    MEMBERS_READ = "members:read"
    MEMBERS_WRITE = "members:write"
    ORGANISATIONS_READ = "organisations:read"
    ORGANISATIONS_WRITE = "organisations:write"
    CIRCLES_READ = "circles:read"
    CIRCLES_WRITE = "circles:write"
    TRAININGS_READ = "trainings:read"
    TRAININGS_WRITE = "trainings:write"

    @property
    def area(self) -> str:
        """What it is about."""
        return self.value.partition(":")[0]

    @property
    def writes(self) -> bool:
        """Whether it lets something be changed."""
        return self.value.endswith(":write")


# What a service token can have: it stands for no person, so it changes nothing and sees nobody's own things.
FOR_SERVICES = frozenset(
    {
        TokenScope.SEARCH_READ,
        TokenScope.DOCUMENTS_READ,
        TokenScope.QUESTIONS_READ,
        TokenScope.ORGANISATIONS_READ,
        TokenScope.CIRCLES_READ,
        TokenScope.TRAININGS_READ,
    }
)
# What is of no use without more rights than every member has, and so asks for a second factor where it is made.
RIGHT_NEEDED: dict[TokenScope, Right] = {
    TokenScope.REVIEW_READ: Right.REVIEW_DECIDE,
    TokenScope.REVIEW_WRITE: Right.REVIEW_DECIDE,
    TokenScope.MEMBERS_READ: Right.MEMBERS_INVITE,
    TokenScope.MEMBERS_WRITE: Right.MEMBERS_INVITE,
    TokenScope.ORGANISATIONS_WRITE: Right.ORGANISATIONS_MANAGE,
    TokenScope.CIRCLES_WRITE: Right.CIRCLES_MANAGE,
}
# Rights that a service token of an organisation has; one for what is public has only the first.
PUBLIC_SERVICE_RIGHTS = frozenset({Right.LIBRARY_READ})
SERVICE_RIGHTS = PUBLIC_SERVICE_RIGHTS | {Right.NETWORK_USE}


def allows(held: frozenset[TokenScope], wanted: TokenScope) -> bool:
    """Whether a token with the scopes ``held`` may be used for ``wanted``."""
    return wanted in held or (not wanted.writes and f"{wanted.area}:write" in held)


def needs_second_factor(scopes: frozenset[TokenScope]) -> bool:
    """Whether scopes reach beyond what every member may do without a second factor."""
    return any(RIGHT_NEEDED[scope] not in WITHOUT_SECOND_FACTOR for scope in scopes if scope in RIGHT_NEEDED)
