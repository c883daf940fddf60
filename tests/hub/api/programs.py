"""Programs that use the API of the hub in this process, with tokens of everybody.

A test asks for the fixture ``hub`` (tests/hub/conftest.py) and then::

    async with calling(hub, "member") as api:
        answer = await api.get("/search", params={"q": "Drohne"})

``None`` is a program without a token; ``SERVICE`` one with an organisation's, ``OPEN_SERVICE`` with the public's.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from httpx import ASGITransport, AsyncClient

from hub.security.programs import API
from knowledge.access.rights import Visitor, rights_of
from knowledge.access.visibility import network_member
from knowledge.models.member import Role
from knowledge.tokens.schemas import IssuedToken
from knowledge.tokens.scopes import FOR_SERVICES, RIGHT_NEEDED, TokenScope
from knowledge.tokens.service import Tokens, TokenWish
from tests.hub.signed_in import ADDRESS, HOUSE, Hub

SERVICE, OPEN_SERVICE = "service", "open service"


def visitor(hub: Hub, who: str, *, second_factor: bool = True) -> Visitor:
    """Return somebody as they are in a session of the hub."""
    member = hub.people[who]
    rights = rights_of(member.role, releases=False, second_factor=second_factor)
    return Visitor(rights, network_member(member.organisation_id), member, second_factor=second_factor)


async def make_token(
    hub: Hub, who: str, scopes: Collection[TokenScope] | None = None, *, days: int = 90, second_factor: bool = True
) -> IssuedToken:
    """Make a token of somebody's own with these scopes, or with all that they can have."""
    person = visitor(hub, who, second_factor=second_factor)
    if scopes is None:
        scopes = [scope for scope in TokenScope if scope not in RIGHT_NEEDED or person.may(RIGHT_NEEDED[scope])]
    async with hub.writing() as unit:
        return await Tokens(unit.session).make_own(TokenWish(name="Programm", scopes=scopes, days=days), by=person)


async def make_service(
    hub: Hub, organisation: str = HOUSE, scopes: Collection[TokenScope] = FOR_SERVICES
) -> IssuedToken:
    """Make a token of another system: with an organisation's view, or without one with the public's."""
    wish = TokenWish(name="Intranet", scopes=scopes, organisation=organisation)
    async with hub.writing() as unit:
        return await Tokens(unit.session).make_for_service(wish, by=visitor(hub, "administrator"))


@asynccontextmanager
async def calling(
    hub: Hub, who: str | None = None, *, token: str | None = None, language: str = "en"
) -> AsyncIterator[AsyncClient]:
    """Open a program that calls the API, as somebody or with a given token."""
    if token is None and who is not None:
        token = (await _token_of(hub, who)).secret
    headers = {"Accept-Language": language}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    async with AsyncClient(transport=ASGITransport(hub.app), base_url=ADDRESS + API, headers=headers) as client:
        yield client


async def _token_of(hub: Hub, who: str) -> IssuedToken:
    if who in (SERVICE, OPEN_SERVICE):
        return await make_service(hub, HOUSE if who == SERVICE else "")
    return await make_token(hub, who)


def role_of(hub: Hub, who: str) -> Role:
    """Return the role of somebody."""
    return hub.people[who].role
