"""Trainings, lessons, certificates and calendars: what is not for somebody leaves no trace, whatever they try.

Four kinds of strangers open every page before and after another house puts in what is its own: each reads the same. A
page about learning that is added later must be looked at here, too.
"""

import re
from collections.abc import Iterable
from uuid import UUID

import vobject
from sqlalchemy import Table, select

from knowledge.models.base import Base
from knowledge.models.document import Visibility
from knowledge.models.training import RegistrationState
from knowledge.trainings.feeds import FeedService
from knowledge.trainings.registering import RegistrationService
from tests.hub.learning_secrets import COMMON, WORDS, Secrets, furnish, hide, managing, wanting_one_place
from tests.hub.pages.lesson_world import FIRST, SECOND
from tests.hub.pages.training_world import published, registered
from tests.hub.signed_in import Hub
from tests.hub.test_hidden import LEARNING, NEW_EACH_TIME, route_of
from tests.hub.test_rights import every_route

# Somebody unknown, a member of another house, a publisher of another organisation, a moderator.
STRANGERS = (None, "member", "publisher", "moderator")
# What belongs to trainings and learning in the database; nothing there changes by what strangers try.
KEPT = ("trainings", "training_", "registrations", "lesson", "self_checks", "certificates", "calendar_feeds")
NOBODYS = UUID(int=7)
# An identifier, and where the page says its own address.
IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")

Pages = dict[tuple[str | None, str], str]


async def look(hub: Hub, addresses: Iterable[str], people: Iterable[str | None] = STRANGERS) -> Pages:
    """Let people look at pages; returns what each of them reads."""
    pages, addresses = {}, list(dict.fromkeys(addresses))
    for who in people:
        async with hub.browser(who) as browser:
            for address in addresses:
                page = await browser.get(address)
                assert page.status_code < 500, (who, address)
                pages[who, address] = f"{page.status_code} {NEW_EACH_TIME.sub('', page.text)}"
    return pages


def told_in(page: str, address: str) -> set[str]:
    """Return which of the words a page says."""
    return {word for word in WORDS.values() if word in page and word not in address}


def unknown(address: str) -> str:
    """Return the same address of what does not exist."""
    return IDENTIFIER.sub(str(NOBODYS), address).replace("trompel-eins", "gibt-es-nicht").replace("trompel", "nirgends")


def without_address(page: str, address: str) -> str:
    """Return a page without what it says of its own address."""
    return page.replace(address, "").replace(address.partition("?")[0], "")


class TestNothingGetsOut:
    async def test_every_page_is_as_if_it_were_not_there(self, hub: Hub) -> None:
        world = await furnish(hub)
        before = await look(world.hub, world.addresses())
        secrets = await hide(world)
        after = await look(world.hub, world.addresses())
        assert {place for place in before if after[place] != before[place]} == set()
        shown = {route_of(hub, address) for (_who, address), page in before.items() if page.startswith("200")}
        assert len(shown) > 25
        assert COMMON in before["member", "/schulungen"]

        # What was guessed is as what does not exist.
        addresses = [*secrets.addresses(), *managing(world.open)]
        nothing = await look(world.hub, map(unknown, addresses))
        for (who, address), page in (await look(world.hub, addresses)).items():
            other = unknown(address)
            assert without_address(page, address) == without_address(nothing[who, other], other), (who, address)
            assert page[:3] in {"404", "403", "303"}, (who, address)

    async def test_its_own_people_find_it(self, hub: Hub) -> None:
        world = await furnish(hub)
        secrets = await hide(world)
        guessed = [*secrets.addresses(), *managing(world.open)]
        ran = await look(world.hub, [*guessed, "/lernen/verwalten"], ["insider"])
        learned = [
            f"/schulungen/{secrets.house}",
            f"/schulungen/{secrets.cancelled}",
            "/schulungen/meine",
            "/nachweise",
        ]
        found = ran | await look(world.hub, learned, ["learner"])
        told = {word for (_who, address), page in found.items() for word in told_in(page, address)}
        assert told == set(WORDS.values())
        assert WORDS["holder"] in found["learner", "/nachweise"]
        named = {IDENTIFIER.sub("", address) for (_who, address), page in ran.items() if WORDS["member"] in page}
        run = "/schulungen/verwalten/"
        assert named == {f"{run}/teilnehmende", f"{run}/teilnehmende/tabelle", f"{run}/fragen"}

    async def test_every_page_about_learning_is_looked_at(self, hub: Hub) -> None:
        world = await furnish(hub)
        pages = {route.path for method, route in every_route(hub.app) if method == "GET"}
        learning = {path for path in pages if path.startswith(LEARNING)}
        assert len(learning) > 30
        assert {route_of(hub, address) for address in world.addresses()} - {"/"} == learning

    async def test_whoever_is_not_signed_in_reads_what_is_public_alone(self, hub: Hub) -> None:
        world = await furnish(hub)
        await published(world.hub, title="Für alle", visibility=Visibility.PUBLIC)
        pages = await look(world.hub, [*world.addresses(), f"/lernen/{SECOND}", f"/lernen/{SECOND}?schritt=1"], [None])
        told = "\n".join(page for page in pages.values() if page.startswith("200"))
        assert "Für alle" in told
        assert "Brunnen zählen" in told
        assert COMMON not in told
        assert "Brunnen pflegen" not in told
        assert pages[None, f"/lernen/{SECOND}"].startswith("404")
        assert pages[None, f"/lernen/{FIRST}"].startswith("200")


class TestNothingIsDone:
    async def test_what_strangers_try_is_refused_and_changes_nothing(self, hub: Hub) -> None:
        world = await furnish(hub)
        secrets = await hide(world)
        before = await rows(hub)
        assert sum(map(len, before.values())) > 20
        for who in ("member", "publisher", "moderator"):
            async with hub.browser(who) as browser:
                for address, values in secrets.acts():
                    answer = await browser.post(address, data=values)
                    assert answer.status_code in expected(address), (who, address, answer.status_code)
                    assert not told_in(answer.text, address), (who, address)
        assert await rows(hub) == before

        # Having somebody else's certificate made says the same as for none.
        said = set()
        async with hub.browser("member") as browser:
            for key in (secrets.past, secrets.house, NOBODYS):
                answer = await browser.post(f"/nachweise/schulung/{key}", data={"name": "Ich"})
                said.add((answer.status_code, NEW_EACH_TIME.sub("", IDENTIFIER.sub("", answer.text))))
        assert len(said) == 1


def expected(address: str) -> set[int]:
    """Return what is answered: what is not there, not allowed, or was not earned."""
    return {409} if address.startswith(("/nachweise/schulung", "/nachweise/lernpfad")) else {403, 404}


async def rows(hub: Hub) -> dict[str, list[tuple[object, ...]]]:
    """Return all that is kept about trainings and learning."""
    tables: list[Table] = [table for name, table in Base.metadata.tables.items() if name.startswith(KEPT)]
    async with hub.database.session(writes=False) as session:
        return {
            table.name: [tuple(row) for row in await session.execute(select(table).order_by(*table.primary_key))]
            for table in tables
        }


class TestPlaceAndLink:
    async def test_they_reach_only_who_has_a_place(self, hub: Hub) -> None:
        entry = await published(hub, "publisher", **wanting_one_place())
        people = {"member": "registered", "neighbour": "waiting", "moderator": "cancelled"}
        keys = {who: (await registered(hub, entry.id, who)).id for who in people}
        async with hub.writing() as unit:
            await RegistrationService(unit).cancel(keys["moderator"], hub.people["moderator"].id)
        assert await who_reads_it(hub, entry.id, [*people, "releaser", None]) == {"member"}

        # The place becomes free: as long as it is only offered, nothing is told.
        async with hub.writing() as unit:
            await RegistrationService(unit).cancel(keys["member"], hub.people["member"].id)
            offered = await RegistrationService(unit).get(keys["neighbour"], hub.people["neighbour"].id)
        assert offered.state is RegistrationState.OFFERED
        assert await who_reads_it(hub, entry.id, [*people, None]) == set()
        async with hub.writing() as unit:
            await RegistrationService(unit).accept_offer(keys["neighbour"], hub.people["neighbour"].id)
        assert await who_reads_it(hub, entry.id, [*people, None]) == {"neighbour"}

    async def test_a_calendar_of_ones_own_ends_with_the_account(self, hub: Hub) -> None:
        entry = await published(hub, "publisher", **wanting_one_place())
        await registered(hub, entry.id, "suspended")
        token = await opened(hub, "suspended")
        async with hub.browser() as calendar:
            assert (await calendar.get(f"/kalender/{token}.ics")).status_code == 404


async def opened(hub: Hub, who: str) -> str:
    """Open somebody's own calendar; returns its token."""
    async with hub.writing() as unit:
        return await FeedService(unit).open(hub.people[who].id)


async def who_reads_it(hub: Hub, training: UUID, people: Iterable[str | None]) -> set[str | None]:
    """Return who reads place or link, on whatever page or in whatever calendar."""
    readers = set()
    for who in people:
        addresses = [f"/schulungen/{training}", f"/schulungen/{training}/kalender.ics", "/kalender/oeffentlich.ics"]
        addresses += ["/schulungen", "/schulungen/meine", "/", f"/schulungen/{training}/abmelden"]
        addresses += [f"/kalender/{await opened(hub, who)}.ics"] if who else []
        pages = await look(hub, addresses, [who])
        told = {address for (_who, address), page in pages.items() if read_back(page, address)}
        if told:
            # Whoever may know it reads it on the page and in both of their calendars.
            assert len(told) == 3, (who, told)
            readers.add(who)
    return readers


def read_back(page: str, address: str) -> bool:
    """Whether a page or calendar names the place or link, however it is folded."""
    status, _space, text = page.partition(" ")
    if address.endswith(".ics") and status == "200":
        text = str(vobject.readOne(text).contents)
    return WORDS["place"] in text or WORDS["link"] in text


class TestVerifying:
    async def test_a_certificate_that_holds_says_nothing_else(self, hub: Hub) -> None:
        world = await furnish(hub)
        secrets: Secrets = await hide(world)
        pages = await look(world.hub, [f"/bescheinigung/{secrets.code}", "/bescheinigung/AAAAA-BBBBB-CCCCC-DDDDD"])
        for who in STRANGERS:
            right, wrong = (pages[who, address] for address in dict.fromkeys(key[1] for key in pages))
            assert "This certificate is valid." in right
            assert "This certificate is not valid." in wrong
            assert not told_in(right, ""), who
            assert "Drittau" not in right
