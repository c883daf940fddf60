"""A moderator's way from the first link to a published contribution, by keyboard alone and without JavaScript."""

from typing import TYPE_CHECKING

import pyotp
import pytest

from knowledge.access.links import AccessLinks
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.service import MemberService
from knowledge.models.contribution import Contribution, ContributionState
from knowledge.models.member import Role
from tests.browser import opened
from tests.hub.browser.hands import Hands, Keyboard, WithoutScript
from tests.hub.browser.serving import RunningHub
from tests.hub.browser.stage import Stage

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = pytest.mark.asyncio(loop_scope="session")
PASSWORD = "vier Worte mit Wegen darin"


async def new_moderator(hub: RunningHub, name: str) -> str:
    """Add a moderator, and return the address that lets them in for the first time."""
    async with unit_of_work(hub.database) as unit:
        member = await MemberService(unit.session).add(name, "kleinow", Role.MODERATOR)
        issued = await AccessLinks(unit.session).recovery_link(member.id)
    return hub.address + issued.path


async def sign_in(hands: Hands, link: str, login: str) -> None:
    """Use the link, and set a password and a second factor."""
    await hands.page.goto(link)
    await hands.press(_("Sign in"))
    secret = await hands.page.locator("main code").first.inner_text()
    await hands.type(_("Sign-in name"), login)
    await hands.type(_("New password"), PASSWORD)
    await hands.type(_("New password once more"), PASSWORD)
    await hands.type(_("Code"), pyotp.TOTP(secret).now())
    await hands.press(_("Set both"))
    await hands.follow(_("I have kept them"))


@pytest.mark.parametrize("way", [Keyboard, WithoutScript])
class TestMorning:
    async def test_signs_in_opens_the_queue_and_publishes(
        self, chromium: "Browser", hub: RunningHub, stage: Stage, way: type[Keyboard] | type[WithoutScript]
    ) -> None:
        title = f"Sensoren im Stadtwald ({way.__name__})"
        contribution = await stage.add_waiting(hub.database, title)
        link = await new_moderator(hub, way.__name__)

        async with opened(chromium, script=way is Keyboard) as page:
            hands = way(page)
            await sign_in(hands, link, way.__name__)
            await hands.follow(_("Review"))
            await hands.follow(title)
            await hands.press(_("Publish"))

        async with unit_of_work(hub.database, writes=False) as unit:
            found = await unit.session.get_one(Contribution, contribution)
        assert (found.state, found.document_id is not None) == (ContributionState.PUBLISHED, True)


class TestPhone:
    async def test_the_menu_opens_without_script(self, chromium: "Browser", hub: RunningHub, stage: Stage) -> None:
        async with opened(chromium, (360, 780), script=False) as page:
            await hub.sign_in(page, stage.members["moderator"])
            await page.goto(hub.address)
            entry = page.get_by_role("link", name=_("Library"), exact=True)
            assert not await entry.is_visible()
            await page.get_by_text(_("Menu"), exact=True).click()
            await entry.click()
            assert page.url == f"{hub.address}/bibliothek"
