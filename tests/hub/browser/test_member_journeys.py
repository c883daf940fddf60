"""A member's morning by keyboard alone and without JavaScript: search, contribute, register, report a barrier."""

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from knowledge.contributions.fields import NEEDED, field_label
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.service import MemberService
from knowledge.models.contribution import Contribution, ContributionState
from knowledge.models.member import Role
from knowledge.models.page_report import PageReport
from knowledge.models.training import Registration, RegistrationState
from tests.browser import opened
from tests.hub.browser.hands import Hands, Keyboard, WithoutScript
from tests.hub.browser.serving import RunningHub
from tests.hub.browser.stage import Stage

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = pytest.mark.asyncio(loop_scope="session")
FOUND, TRAINING = "Straßen mit der Kamera erfassen", "Texte mit KI prüfen"


async def search(hands: Hands) -> None:
    """Find something from the first page, and read it."""
    await hands.type(_("Your question"), "Kamera Straßen")
    await hands.press(_("Search"))
    await hands.follow(FOUND)


async def contribute(hands: Hands, title: str) -> None:
    """Write an experience in the three fields that are needed, and send it."""
    await hands.follow(_("My contributions"))
    await hands.follow(_("Tell what you learned"))
    for name in NEEDED:
        await hands.type(field_label(name), title if name == "title" else "Der Bauhof hat es drei Monate versucht.")
    await hands.press(_("Go on"))
    await hands.press(_("Send"))


async def register(hands: Hands) -> None:
    """Register for a training."""
    await hands.follow(_("Trainings"))
    await hands.follow(TRAINING)
    await hands.press(_("Register me"))


async def report(hands: Hands, words: str) -> None:
    """Report a barrier from wherever one is."""
    await hands.follow(_("Report a barrier"))
    await hands.type(_("What is in your way?"), words)
    await hands.press(_("Send report"))


@pytest.mark.parametrize("way", [Keyboard, WithoutScript])
class TestMember:
    async def test_searches_contributes_registers_and_reports_a_barrier(
        self, chromium: "Browser", hub: RunningHub, stage: Stage, way: type[Keyboard] | type[WithoutScript]
    ) -> None:
        title = f"Streusplitt ({way.__name__})"
        async with unit_of_work(hub.database) as unit:
            member = await MemberService(unit.session).add(f"Kim {way.__name__}", "seefeld", Role.MEMBER)
        async with opened(chromium, script=way is Keyboard) as page:
            await hub.sign_in(page, member.id)
            hands = way(page)
            await page.goto(hub.address)
            await search(hands)
            assert await page.locator("h1").first.inner_text() == FOUND
            await contribute(hands, title)
            await register(hands)
            await report(hands, title)
            assert page.url.startswith(f"{hub.address}/gemeldet/B-")

        async with unit_of_work(hub.database, writes=False) as unit:
            mine = (await unit.session.scalars(select(Contribution).where(Contribution.member_id == member.id))).one()
            taken = (await unit.session.scalars(select(Registration).where(Registration.member_id == member.id))).one()
            told = (await unit.session.scalars(select(PageReport).where(PageReport.text == title))).one()
        assert (mine.fields["title"], mine.state) == (title, ContributionState.WAITING)
        assert taken.training_id == stage.training.trainings["open"]
        assert taken.state is RegistrationState.REGISTERED
        assert told.path == f"/schulungen/{taken.training_id}"
