"""The hub in this process, with people of every role, and a browser signed in as one of them.

A test asks for the fixture ``hub`` (see conftest.py) and then::

    async with hub.browser("moderator") as browser:
        page = await browser.get("/pruefung")
        answer = await browser.post("/pruefung/…", data={…})

``hub.people["moderator"]`` is the member, ``hub.writing()`` a unit of work for rows of the test's own.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import update

from hub.app import create_app
from hub.auth.visiting import COOKIE
from hub.services import HubServices
from knowledge.access.passwords import Passwords
from knowledge.access.sessions import Sessions
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.members.schemas import MemberEntry
from knowledge.members.service import MemberService
from knowledge.models.access import ModeratorScope
from knowledge.models.member import Member, Role
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService
from tests.bot.core.world import NoIndexes
from tests.kept_settings import kept_settings

ADDRESS = "http://hub.test"
HOUSE, NEIGHBOUR = "lindenau", "gruenau"
# Who there is: the name that tests use, with the role and the organisation.
PEOPLE: dict[str, tuple[Role, str]] = {
    "member": (Role.MEMBER, HOUSE),
    "neighbour": (Role.MEMBER, NEIGHBOUR),
    # Releases what the own organisation contributes.
    "releaser": (Role.MEMBER, HOUSE),
    "moderator": (Role.MODERATOR, HOUSE),
    # Came by the bot's link, gave no second factor.
    "weak_moderator": (Role.MODERATOR, HOUSE),
    # Looks after the neighbour's organisation and the topic „Straßen" only.
    "scoped_moderator": (Role.MODERATOR, HOUSE),
    "publisher": (Role.PUBLISHER, HOUSE),
    "administrator": (Role.ADMINISTRATOR, HOUSE),
    "suspended": (Role.MODERATOR, HOUSE),
}


@dataclass(frozen=True, slots=True)
class Hub:
    """The application, its database, and who there is."""

    app: FastAPI
    database: Database
    people: dict[str, MemberEntry]

    @asynccontextmanager
    async def browser(
        self, who: str | None = None, *, language: str = "en", address: str = ADDRESS
    ) -> AsyncIterator[AsyncClient]:
        """Open a browser; it follows no redirects.

        Args:
            who: a name of ``PEOPLE``; ``None`` for somebody who is not signed in.
            language: what it prefers.
            address: where it believes the hub to be.
        """
        transport = ASGITransport(app=self.app)
        headers = {"Accept": "text/html", "Accept-Language": language}
        async with AsyncClient(transport=transport, base_url=address, headers=headers) as browser:
            if who is not None:
                token = await self.sign_in(who, second_factor=who != "weak_moderator")
                browser.cookies.set(COOKIE, token, domain="hub.test", path="/")
            yield browser

    async def sign_in(self, who: str, *, second_factor: bool = True) -> str:
        """Begin a session for somebody; returns the cookie's value."""
        async with self.writing() as unit:
            opened = await Sessions(unit.session).open(self.people[who].id, second_factor=second_factor)
        return opened.token

    def writing(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open a transaction for rows of the test's own."""
        return unit_of_work(self.database)


async def open_hub(database: Database, people: dict[str, MemberEntry] | None = None) -> Hub:
    """Make the application over a database.

    Args:
        database: what it works with.
        people: who is in it; without them, everybody is put in.
    """
    settings = kept_settings()
    answers = AnswerService(database, NoIndexes(), settings.answers)
    people = people or await bring_people(database)
    # Light, because they are hashed often here; nothing else is different.
    services = HubServices(database, settings, answers, Passwords(memory_kib=8, rounds=1))
    return Hub(create_app(services), database, people)


async def bring_people(database: Database) -> dict[str, MemberEntry]:
    """Put everybody into a database."""
    async with unit_of_work(database) as unit:
        return await _people(unit)


async def _people(unit: UnitOfWork) -> dict[str, MemberEntry]:
    organisations, members = OrganisationService(unit.session), MemberService(unit.session)
    for key in (HOUSE, NEIGHBOUR):
        await organisations.add(NewOrganisation(key=key, name=key.title()))
    people = {who: await members.add(who.title(), house, role) for who, (role, house) in PEOPLE.items()}
    await _set(unit, people["releaser"], releases=True)
    await _set(unit, people["suspended"], suspended_at=now())
    scoped = people["scoped_moderator"].id
    unit.session.add(ModeratorScope(member_id=scoped, organisation_id=people["neighbour"].organisation_id))
    unit.session.add(ModeratorScope(member_id=scoped, topic="Straßen"))
    return people


async def _set(unit: UnitOfWork, member: MemberEntry, **values: object) -> None:
    await unit.session.execute(update(Member).where(Member.id == member.id).values(**values))
