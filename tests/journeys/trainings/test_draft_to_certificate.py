"""A publisher and three learners, on Matrix, on Telegram and in the hub, from a draft to certificates.

All of it is real: ``allmende serve`` in a process of its own with PostgreSQL, a Synapse with encrypted chats, a mail
server and a browser without JavaScript. Telegram alone is a stand-in, over real HTTP. Time alone is helped along: the
training is moved into the past in the database once everybody is registered.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import pikepdf
import pytest
import pytest_asyncio
import vobject
from sqlalchemy import update

from knowledge.kit.clock import now, today
from knowledge.kit.database import Database
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.service import MemberService
from knowledge.models.member import Role
from knowledge.models.training import Training, TrainingDate
from tests.browser import opened
from tests.hub.browser.hands import WithoutScript
from tests.hub.browser.test_journeys import sign_in
from tests.hub.shell import Shell
from tests.journeys.hub.town import said_in
from tests.journeys.network.region import BY_MAIL, MatrixClerk, Region, opened_region, place_for
from tests.knowledge.kit.mail_server import Mailbox, mail_server
from tests.synapse import Synapse
from tests.telegram_server.server import TelegramServer

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]
PUBLISHER = "Petra Programm"
TITLE, PLACE = "KI im Bürgerbüro", "Rathaus, Saal 3"
LEARNED = "Anfragen stellen, ohne Personendaten preiszugeben"


@dataclass(frozen=True, slots=True)
class School:
    """The region, and the browsers of the publisher and of the learner without a messenger."""

    region: Region
    desk: "Page"
    emil: "Page"

    @property
    def hands(self) -> WithoutScript:
        """What the publisher does."""
        return WithoutScript(self.desk)


@pytest_asyncio.fixture(loop_scope="session")
async def region(shell: Shell, database_url: str, synapse: Synapse) -> AsyncIterator[Region]:
    """Three towns with clerks on Matrix and Telegram, and everything that runs."""
    database = Database(database_url)
    try:
        with TelegramServer() as telegram:
            async with mail_server(Mailbox()) as mailbox:
                place = place_for(shell, synapse, telegram, mailbox, ALLMENDE_DATABASE_URL=database_url)
                async with opened_region(place, database, synapse, telegram, mailbox) as running:
                    yield running
    finally:
        await database.close()


class TestTraining:
    async def test_leads_from_a_draft_to_certificates_for_all_who_were_there(
        self, region: Region, chromium: "Browser"
    ) -> None:
        async with opened(chromium, script=False) as desk, opened(chromium, script=False) as emil:
            school = School(region, desk, emil)
            await publisher_writes_and_publishes(school)
            await carla_and_anna_register_on_matrix(region)
            await ben_registers_on_telegram(region)
            await emil_waits_in_the_hub(school)
            await a_place_becomes_free_and_he_takes_it(school)
            await calendar_says_when_and_where(school)
            key = await it_takes_place(region)
            await publisher_notes_who_was_there(school, key)
            addresses = [await anna_gets_hers(region), await ben_gets_his(region), await emil_gets_his(school)]
        assert len(set(addresses)) == 3
        await everybody_can_verify(region, addresses)
        assert region.telegram.refused == []


async def publisher_writes_and_publishes(school: School) -> None:
    """Petra fills in the form, looks at the draft, and publishes it."""
    async with unit_of_work(school.region.database) as unit:
        await MemberService(unit.session).add(PUBLISHER, "moorbach", Role.PUBLISHER)
    await sign_in(school.hands, school.region.shell.succeed("member", "link", PUBLISHER).strip(), "petra")
    page = school.desk
    await page.goto(f"{school.region.hub}/schulungen/verwalten/neu")
    day = (today() + timedelta(days=20)).isoformat()
    typed = {"title": TITLE, "outcomes": LEARNED, "day-1": day, "from-1": "09:00", "to-1": "12:00"}
    for name, text in {**typed, "place": PLACE, "region": "Moorbach", "capacity": "3"}.items():
        await page.locator(f"[name='{name}']").fill(text)
    await page.locator("[name=visibility][value=public]").check()
    await school.hands.press(_("Save as a draft"))
    assert _("draft").casefold() in (await page.locator("main").inner_text()).casefold()
    await school.hands.press(_("Publish"))


async def carla_and_anna_register_on_matrix(region: Region) -> None:
    """Both find it in the list, read what it is about, and register with one tap; then they know where it is."""
    for clerk in (region.carla, region.anna):
        listed = await clerk.say("!schulungen", TITLE)
        shown = await clerk.press("1️⃣", listed, LEARNED)
        assert PLACE not in said_in(shown)
        registered = await clerk.press("✅", shown, _("You are registered: {title}").format(title=TITLE))
        assert PLACE in said_in(registered)


async def ben_registers_on_telegram(region: Region) -> None:
    """The same on Telegram; it is the last place."""
    ben = region.ben
    listed = await ben.say("/schulungen", TITLE)
    shown = await ben.press(TITLE, listed, LEARNED)
    await ben.press(_("Register for it"), shown, _("You are registered: {title}").format(title=TITLE))


async def emil_waits_in_the_hub(school: School) -> None:
    """Emil has no messenger; all places are taken, so he joins the waiting list."""
    hands, region = WithoutScript(school.emil), school.region
    await school.emil.goto(region.shell.succeed("member", "link", BY_MAIL).strip())
    await hands.press(_("Sign in"))
    await school.emil.goto(f"{region.hub}/schulungen")
    await hands.follow(TITLE)
    await hands.press(_("Join the waiting list"))
    assert PLACE not in await school.emil.locator("main").inner_text()


async def a_place_becomes_free_and_he_takes_it(school: School) -> None:
    """Carla cannot come after all; the place is offered to Emil."""
    carla = school.region.carla
    own = await carla.say("!schulungen meine", TITLE)
    shown = await carla.press("1️⃣", own, PLACE)
    surely = await carla.press("✖️", shown, _("Shall I cancel your registration?").partition("{")[0])
    thanks = _("Cancelled. Thank you for saying so; somebody else may be glad of the place.")
    await carla.press("✖️", surely, thanks)
    await school.emil.reload()
    await WithoutScript(school.emil).press(_("Yes, I take the place"))
    assert PLACE in await school.emil.locator("main").inner_text()


async def calendar_says_when_and_where(school: School) -> None:
    """Emil's calendar file is read by another library than the one that wrote it."""
    href = await school.emil.locator("a[href$='kalender.ics']").first.get_attribute("href")
    answer = await school.emil.context.request.get(f"{school.region.hub}{href}")
    (event,) = vobject.readOne(await answer.text()).contents["vevent"]
    assert (event.summary.value, event.location.value) == (TITLE, PLACE)
    assert f"{event.dtstart.value:%H:%M}-{event.dtend.value:%H:%M}" == "09:00-12:00"


async def it_takes_place(region: Region) -> UUID:
    """Let the training begin four hours and end one hour ago; returns which one it is."""
    starts, ends = now() - timedelta(hours=4), now() - timedelta(hours=1)
    async with unit_of_work(region.database) as unit:
        await unit.session.execute(update(TrainingDate).values(starts_at=starts, ends_at=ends))
        moved = update(Training).where(Training.title == TITLE).values(starts_at=starts, ends_at=ends)
        return (await unit.session.scalars(moved.returning(Training.id))).one()


async def publisher_notes_who_was_there(school: School, key: UUID) -> None:
    """Petra sees three names, and ticks them all."""
    page = school.desk
    await page.goto(f"{school.region.hub}/schulungen/verwalten/{key}/teilnehmende")
    boxes = page.locator("input[name=war_da]")
    assert await boxes.count() == 3
    for number in range(3):
        await boxes.nth(number).check()
    await school.hands.press(_("Save who was there"))


async def anna_gets_hers(region: Region) -> str:
    """Anna asks for it in her encrypted chat; returns the address on it."""
    anna = region.anna
    listed = await anna.say("!nachweise", TITLE)
    asked = await anna.press("1️⃣", listed, _("Which name shall stand on it? {title}").format(title=TITLE))
    before = len(anna.person.events)
    await anna.press("🙋", asked, _("Here is your certificate: {title}").format(title=TITLE))
    return await address_on(await file_sent_to(anna, before))


async def file_sent_to(clerk: MatrixClerk, since: int) -> bytes:
    """Return the PDF that the bot has sent, decrypted as clients do."""

    def fits(event: dict[str, Any]) -> bool:
        return event in clerk.person.events[since:] and event["content"].get("msgtype") == "m.file"

    content = (await clerk.person.wait_for(fits))["content"]
    from nio.crypto import decrypt_attachment

    locked = content["file"]
    answer = await clerk.person.client.download(mxc=locked["url"])
    return bytes(decrypt_attachment(answer.body, locked["key"]["k"], locked["hashes"]["sha256"], locked["iv"]))


async def ben_gets_his(region: Region) -> str:
    """Ben gets it on Telegram, with another name on it; returns the address on it."""
    ben = region.ben
    listed = await ben.say("/nachweise", TITLE)
    await ben.press(TITLE, listed, _("Which name shall stand on it? {title}").format(title=TITLE))
    before = len(ben.person.direct.shown())
    await ben.say("Benedikt Birke", _("Here is your certificate: {title}").format(title=TITLE))
    files = [message.file for message in ben.person.direct.shown()[before:] if message.file is not None]
    name, content = files[0]
    assert name.endswith(".pdf")
    assert "Benedikt Birke" in text_in(content)
    return await address_on(content)


async def emil_gets_his(school: School) -> str:
    """Emil makes and downloads it in the hub; returns the address on it."""
    page = school.emil
    await page.goto(f"{school.region.hub}/nachweise")
    await WithoutScript(page).press(_("Make the certificate"))
    href = await page.locator("a[href$='/pdf']").first.get_attribute("href")
    answer = await page.context.request.get(f"{school.region.hub}{href}")
    return await address_on(await answer.body())


async def address_on(content: bytes) -> str:
    """Return the address that verifies a certificate, as its link leads there; it is a tagged PDF with our title."""
    with pikepdf.open(BytesIO(content)) as document:
        assert document.Root.MarkInfo.Marked
        assert TITLE in str(document.docinfo.get("/Title", ""))
        links = [
            str(mark.A.URI)
            for page in document.pages
            for mark in page.get("/Annots", [])
            if "/URI" in mark.get("/A", {})
        ]
    assert links, "no link on it"
    return links[0]


def text_in(content: bytes) -> str:
    """Return the words of a PDF."""
    pypdfium2: Any = import_module("pypdfium2")
    with pypdfium2.PdfDocument(content) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


async def everybody_can_verify(region: Region, addresses: list[str]) -> None:
    """Whoever has the address learns that it is valid, and neither whose it is nor what it is about."""
    async with httpx.AsyncClient() as stranger:
        pages = [(await stranger.get(address)).text for address in addresses]
        wrong = (await stranger.get(re.sub(r".{5}$", "AAAAA", addresses[0]))).text
    for page in pages:
        assert _("This certificate is valid.") in page
        assert not [word for word in (TITLE, "Benedikt", "Emil", "Kleinow") if word in page]
    assert _("This certificate is not valid.") in wrong
