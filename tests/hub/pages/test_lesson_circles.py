"""A circle takes a path together: set up in the hub by whoever looks after the circle."""

import re
from uuid import UUID

import pytest

from knowledge.kit.ids import new_id
from knowledge.models.chat import Chat, ChatKind, Circle, Network
from tests.hub.pages.lesson_world import bring_lessons
from tests.hub.signed_in import Hub

pytestmark = pytest.mark.usefixtures("lessons")
PAGE = "/lernen/pfad/brunnen/arbeitskreis"
WISH = {"day": "1", "hour": "9"}


@pytest.fixture
async def lessons(hub: Hub) -> None:
    await bring_lessons(hub)


async def add_circle(hub: Hub, name: str = "Brunnenrunde") -> UUID:
    """Add a circle with a group."""
    async with hub.writing() as unit:
        chat = Chat(id=new_id(), network=Network.MATRIX, address=f"!{name}:ort", kind=ChatKind.GROUP)
        unit.session.add(chat)
        await unit.session.flush()
        circle = Circle(id=new_id(), name=name, search_name=name.casefold(), chat_id=chat.id)
        unit.session.add(circle)
        return circle.id


class TestTogether:
    async def test_from_the_start_over_a_pause_to_the_end(self, hub: Hub) -> None:
        circle = await add_circle(hub)
        async with hub.browser("moderator") as browser:
            assert f'value="{circle}"' in (await browser.get(PAGE)).text
            begun = await browser.post(PAGE, data=WISH | {"circle": str(circle)})
            assert begun.headers["location"] == PAGE
            running = (await browser.get(PAGE)).text
            assert re.search(r"Alles über Brunnen: 0 of 2 lessons were brought, on Tuesday at 09:00", running)
            await browser.post(f"{PAGE}/{circle}/pausieren")
            assert "paused" in (await browser.get(PAGE)).text
            await browser.post(f"{PAGE}/{circle}/fortsetzen")
            assert "The next one comes on" in (await browser.get(PAGE)).text
            await browser.post(f"{PAGE}/{circle}/beenden")
            assert f'value="{circle}"' in (await browser.get(PAGE)).text

    async def test_nonsense_is_said(self, hub: Hub) -> None:
        circle = await add_circle(hub)
        async with hub.browser("moderator") as browser:
            for wish in ({}, {"circle": "x", **WISH}, {"circle": str(circle), "day": "9", "hour": "9"}):
                answer = await browser.post(PAGE, data=wish)
                assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
            assert (await browser.post(f"{PAGE}/{new_id()}/pausieren")).status_code == 404

    async def test_is_for_whoever_looks_after_circles(self, hub: Hub) -> None:
        circle = await add_circle(hub)
        async with hub.browser("member") as member:
            assert (await member.get(PAGE)).status_code == 403
        async with hub.browser("scoped_moderator") as scoped:
            assert "Brunnenrunde" not in (await scoped.get(PAGE)).text
            assert (await scoped.post(PAGE, data=WISH | {"circle": str(circle)})).status_code == 404
