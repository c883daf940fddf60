"""Trainings and lessons in chats: who may not find something meets it nowhere, whatever they write or press.

Drittau runs trainings and writes lessons of its own. Strangers ask before and after: a member of another house,
somebody who is not verified, people on Telegram (a foreign house, also for Drittau's own), groups of both networks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, select, update

from bot.core.messages import EventKind, Person, Place
from bot.handlers.lesson_choices import pack_key
from knowledge.access.keys import load_key
from knowledge.access.visibility import NETWORK, network_member
from knowledge.certificates.service import CertificateService
from knowledge.chats.service import ChatService
from knowledge.contributions.schemas import Author
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.lessons.circles import post_lessons
from knowledge.lessons.learning import LearningService
from knowledge.lessons.paths import PathService
from knowledge.lessons.preparing import prepare_lesson
from knowledge.lessons.schemas import Learner, PathDraft
from knowledge.lessons.service import LessonService
from knowledge.models.base import Base
from knowledge.models.conversation import SentMessage
from knowledge.models.document import Visibility
from knowledge.models.lesson import CircleLesson, CirclePath, LessonPath
from knowledge.models.member import Member, Role
from knowledge.models.training import Registration, RegistrationState, Training
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.schemas import Publisher
from knowledge.trainings.service import TrainingService
from tests.bot.handlers.contributing_world import ANNA, BEN, FORUM, ROOM, TINA, TOM, ZOE, Desk, direct
from tests.bot.handlers.digest_world import add_circle
from tests.bot.handlers.lesson_world import bring_weekly, teach
from tests.bot.handlers.training_world import LINK, PLACE, change, draft, move_back, publish, register
from tests.hub.pages.lesson_world import TEXT

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# A word for each text of the house, and for those that are for the whole network.
HOUSES = (
    *("Zylonith", "Quartzel", "Wumbrax", "Fliebotz", "Knirbel", "Schnopfel", "Drumsel", "Gnarfix", "Plomsel"),
    *("quurbel", "Murkel", "Ottilix", "Ferdil", "Strunz", "Brumsel"),
)
NETWORKS = ("Nerfling", "Trompel", "Hulmig", "Bramsel")
KEPT = ("trainings", "training_", "registrations", "lesson", "certificates", "circle_", "notices")
# Who asks where: of another house; not verified; of Drittau, but on Telegram; not verified on Telegram; in groups.
ASKING: tuple[tuple[Person, Place], ...] = (
    *((person, direct(person)) for person in (BEN, ZOE, TINA, TOM)),
    *((BEN, ROOM), (TINA, FORUM)),
)
# Those who may find what is for the network, but nothing of the house.
AT_HOME = frozenset({(BEN.address, direct(BEN).chat), (BEN.address, ROOM.chat)})
ALONE = (
    "/schulungen",
    "/schulungen Umgang",
    "/schulungen meine",
    "/schulung",
    "/lernen",
    "/lernen Umgang",
    "/nachweise",
)
IN_GROUPS = ("/schulungen", "/schulungen Umgang", "/lernen", "/lernpfad")


@dataclass(frozen=True)
class Secrets:
    """What belongs to Drittau, by identifier."""

    trainings: tuple[UUID, ...]
    registration: UUID
    inquiry: UUID
    certificate: UUID
    lesson: UUID
    path: UUID
    run: UUID
    weekly: UUID

    def choices(self) -> Iterator[str]:
        """Return what a choice could be that somebody guessed."""
        for key in self.trainings:
            yield from (f"train:{mark}{key.hex}" for mark in "srkq")
            yield from (f"tpub:{mark}{key.hex}" for mark in "spcdx")
            yield f"cert:t{key.hex}"
        yield from (f"train:{mark}{self.registration.hex}" for mark in "cxad")
        yield from (f"fb:{mark}{self.registration.hex}" for mark in "hn")
        yield f"trainq:{self.inquiry.hex}"
        yield from (f"cert:{mark}{self.certificate.hex}" for mark in "srx")
        yield from (f"cert:p{self.path.hex}", f"learn:b{pack_key(self.lesson)}", f"learn:p{pack_key(self.path)}")
        run = pack_key(self.run)
        yield from (f"learn:w{pack_key(self.weekly)}", f"learn:g{run}0", f"learn:a{run}1.0", f"learnq:r{run}2")
        yield from (f"learn:{mark}{run}" for mark in "qr+-")

    def words(self) -> Iterator[str]:
        """Return the links from groups that somebody could make up."""
        yield from (f"/start schulung-{key.hex}" for key in self.trainings)
        yield from (f"/start lernen-b{pack_key(self.lesson)}", f"/start lernen-p{pack_key(self.path)}")


async def furnish(desk: Desk) -> Publisher:
    """Put in Drittau with its publisher, the strangers, groups that are linked, and a training for all."""
    async with unit_of_work(desk.database) as unit:
        await OrganisationService(unit.session).add(NewOrganisation(name="Drittau", key="drittau"))
        house = (await OrganisationService(unit.session).get_by_key("drittau")).id
    by = Publisher(await desk.make_member(ANNA, role=Role.PUBLISHER), house)
    tina = await desk.make_member(TINA)
    await desk.make_member(BEN)
    async with unit_of_work(desk.database) as unit:
        theirs = update(Member).where(Member.id.in_((by.member_id, tina)))
        await unit.session.execute(theirs.values(organisation_id=house))
        named = update(Member).where(Member.id == by.member_id)
        await unit.session.execute(named.values(name=f"Anna {HOUSES[12]}"))
    await publish(desk, by, title="Offen für alle", visibility=Visibility.PUBLIC)
    for person in (ANNA, BEN, ZOE, TINA, TOM):
        await desk.write(person, "/help")
    await add_circle(desk, ROOM, BEN)
    await add_circle(desk, FORUM, TINA)
    return by


def saying() -> dict[str, Any]:
    """Return what a training of the house says: a word in each field."""
    names = ("summary", "outcomes", "audience", "trainers", "region", "costs", "accessibility", "place")
    texts = {name: f"Umgang mit {word}." for name, word in zip(names, HOUSES[1:], strict=False)}
    link = f"https://treffen.example/{HOUSES[9]}"
    return {**texts, "title": f"Schulung {HOUSES[0]}", "link": link, "visibility": Visibility.HOUSE}


async def hide(desk: Desk, by: Publisher) -> Secrets:
    """Put in what is the house's own, with what its people did; and what is for the network alone."""
    house, past = await publish(desk, by, **saying()), await publish(desk, by, **saying())
    network = await publish(desk, by, title=f"Umgang mit {NETWORKS[0]}", visibility=Visibility.NETWORK)
    author = Author(by.member_id, by.organisation_id)
    async with unit_of_work(desk.database) as unit:
        await RegistrationService(unit).register(past.id, author)
    await move_back(desk, past, timedelta(days=60), attended=True)
    async with unit_of_work(desk.database) as unit:
        drafted = await TrainingService(unit).create(draft(**{**saying(), "visibility": Visibility.PUBLIC}), by)
        registering = RegistrationService(unit)
        registration = await registering.register(house.id, author)
        inquiry = await registering.ask(house.id, author, f"Wo ist {HOUSES[10]}?")
        papers = CertificateService(unit, load_key(desk.services.settings.hub_key_path))
        paper = await papers.for_training(by.member_id, past.id, f"Frau {HOUSES[11]}")
    keys = (house.id, past.id, drafted.id, network.id)
    return Secrets(keys, registration.id, inquiry.id, paper.id, *await _learned(desk, by))


async def _learned(desk: Desk, by: Publisher) -> tuple[UUID, UUID, UUID, UUID]:
    """Publish a lesson and a path for the network, which somebody is in the middle of; returns what there is then."""
    text = TEXT.format(key="trompel", title=f"Umgang mit {NETWORKS[1]}", needs="", visibility="network")
    written = await prepare_lesson(text.replace("Erster Schritt", f"Schritt {NETWORKS[2]}"))
    learner = Learner(by.member_id, None, network_member(by.organisation_id))
    async with unit_of_work(desk.database) as unit:
        lesson = (await LessonService(unit).write(written, by)).id
        await LessonService(unit).publish(lesson, by)
        wish = PathDraft("trompel", f"Umgang mit {NETWORKS[3]}", (lesson,), visibility=Visibility.NETWORK)
        path = (await PathService(unit).write(wish, by)).id
        await PathService(unit).publish(path, by)
        run = (await LearningService(unit).begin(learner, lesson, path)).run_id
    circle = await desk.add_circle("Kreis Moor")
    async with unit_of_work(desk.database) as unit:
        taken = CirclePath(id=new_id(), circle_id=circle, path_id=path, day=0, hour=9, next_at=now())
        unit.session.add(taken)
        await unit.session.flush()
        brought = CircleLesson(id=new_id(), circle_path_id=taken.id, lesson_id=lesson, due_at=now())
        unit.session.add(brought)
    return lesson, path, run, brought.id


Said = Mapping[tuple[str, str, str], str]


async def ask_all(desk: Desk) -> Said:
    """Let everybody ask everything; returns what the bot says, also to them alone."""
    said = {}
    for person, place in ASKING:
        for text in ALONE if place == direct(person) else IN_GROUPS:
            messages = await desk.happen(person, place, text, mentioned=True)
            # What is said alone and what is said in the group go out beside each other.
            said[person.address, place.chat, text] = "\n".join(sorted(repr(one.text) for one in messages))
    return said


def told_in(said: str, words: Sequence[str] = (*HOUSES, *NETWORKS)) -> list[str]:
    """Return which words are said."""
    return [word for word in words if word in said]


async def rows(desk: Desk) -> dict[str, list[tuple[object, ...]]]:
    """Return all that is kept about trainings and lessons."""
    tables: list[Table] = [table for name, table in Base.metadata.tables.items() if name.startswith(KEPT)]
    async with desk.database.session(writes=False) as session:
        return {
            table.name: [tuple(row) for row in await session.execute(select(table).order_by(*table.primary_key))]
            for table in tables
        }


async def known(desk: Desk) -> str:
    """Return the identifier of the training that everybody may find."""
    [found] = [row for row in await desk.rows(Training) if row.title == "Offen für alle"]
    return str(found.id.hex)


async def guess(desk: Desk, person: Person, place: Place, choices: Sequence[str]) -> list[str]:
    """Let somebody press choices that were never meant for them; returns what the bot says to each.

    They stand below the list of trainings, as only what was offered reaches the handlers at all.
    """
    [listed] = await desk.happen(person, place, "/schulungen", mentioned=True)
    event = desk.event_of(listed)
    async with unit_of_work(desk.database) as unit:
        offered = update(SentMessage).where(SentMessage.event == event, SentMessage.network == place.network)
        await unit.session.execute(offered.values(choices=[[choice, None] for choice in choices]))
    press: dict[str, Any] = {"kind": EventKind.CHOICE, "about": event}
    return [await desk.write(person, "", place, choice=choice, **press) for choice in choices]


class TestNothingGetsOut:
    async def test_lists_are_as_if_it_were_not_there(self, desk: Desk) -> None:
        by = await furnish(desk)
        before = await ask_all(desk)
        assert sum("Offen für alle" in text for text in before.values()) >= len(ASKING)
        await hide(desk, by)
        after = await ask_all(desk)
        for (who, chat, text), said in after.items():
            if (who, chat) in AT_HOME:
                assert told_in(said, HOUSES) == [], (who, chat, text)
            else:
                assert said == before[who, chat, text], (who, chat, text)
        # What is for the network is found by its members, in their own houses and groups.
        at_home = "\n".join(said for (who, chat, _text), said in after.items() if (who, chat) in AT_HOME)
        assert told_in(at_home) == ["Nerfling", "Trompel", "Bramsel"]
        assert HOUSES[0] in await desk.write(ANNA, "/schulungen")

    async def test_what_is_guessed_tells_nothing_and_does_nothing(self, desk: Desk) -> None:
        by = await furnish(desk)
        secrets = await hide(desk, by)
        await desk.tell()
        before = await rows(desk)
        assert sum(map(len, before.values())) > 20
        one = replace(secrets, trainings=secrets.trainings[:1])
        for person, place, guessed in ((TINA, direct(TINA), secrets), (TOM, FORUM, one)):
            choices = [f"train:s{await known(desk)}", *guessed.choices()]
            said = await guess(desk, person, place, choices)
            assert "Offen für alle" in said[0]
            assert "no longer open" not in "".join(said[1:-1])
            assert [choice for choice, text in zip(choices, said, strict=True) if told_in(text)] == []
            for words in secrets.words():
                assert told_in(await desk.write(person, words)) == [], (person, words)
        # In another house of the network, what is for the network may be found; the rest is not there either.
        house = [choice for choice in one.choices() if not choice.startswith(("learn:b", "learn:p", "learn:w"))]
        assert len(house) > 20
        said = await guess(desk, BEN, direct(BEN), house)
        assert [choice for choice, text in zip(house, said, strict=True) if told_in(text)] == []
        assert await rows(desk) == before


class TestAbroad:
    async def test_one_cancels_there_without_a_word_about_the_training(self, desk: Desk) -> None:
        entry = await publish(desk, await furnish(desk), **{**saying(), "visibility": Visibility.NETWORK})
        tina = await desk.make_member(TINA)
        registered = await register(desk, entry, tina)
        await desk.tell()
        said = [await desk.press(TINA, label) for label in ("Cancel my registration", "Yes, cancel it")]
        assert "a training of the network" in said[0]
        assert "Cancelled. Thank you" in said[1]
        assert told_in("".join(desk.said(TINA))) == []
        [row] = [row for row in await desk.rows(Registration) if row.id == registered]
        assert row.state is RegistrationState.CANCELLED

    async def test_what_members_ask_is_not_shown_to_a_publisher_there(self, desk: Desk) -> None:
        by = await furnish(desk)
        secrets = await hide(desk, by)
        async with unit_of_work(desk.database) as unit:
            chats = ChatService(unit.session)
            identity = await chats.keep_person(await chats.look_up_person(TINA.network, TINA.address))
            await chats.change_person(identity.id, member_id=by.member_id)
        [said] = await guess(desk, TINA, direct(TINA), [f"trainq:{secrets.inquiry.hex}"])
        assert "everything about it stands in the hub" in said
        assert told_in(said) == []

    async def test_a_path_that_became_narrower_goes_on_in_no_group_there(self, desk: Desk) -> None:
        await teach(desk)
        await add_circle(desk, FORUM, TINA)
        await desk.make_member(TINA, role=Role.MODERATOR)
        await desk.write(TINA, "/path", FORUM)
        for label in ("1: Trees", "Monday", "8"):
            await desk.press(TINA, label, FORUM)
        await bring_weekly(desk.database)
        async with unit_of_work(desk.database) as unit:
            await unit.session.execute(update(LessonPath).values(visibility=Visibility.NETWORK, access=NETWORK))
        before = len(desk.networks[FORUM.network].sent)
        await desk.tell()
        [moment] = [row.next_at for row in await desk.rows(CirclePath)]
        assert await post_lessons(desk.database, moment) == 0
        await desk.tell()
        assert desk.networks[FORUM.network].sent[before:] == []


class TestPlaceAndLink:
    async def test_a_change_of_them_reaches_only_who_has_a_place(self, desk: Desk) -> None:
        by = await furnish(desk)
        entry = await publish(desk, by, capacity=1, visibility=Visibility.PUBLIC)
        keys = {person: (await desk.make_member(person)) for person in (ZOE, TOM)}
        await register(desk, entry, keys[ZOE])
        await register(desk, entry, keys[TOM])
        await desk.tell()
        await change(desk, entry, by, place=f"Saal {HOUSES[13]}", link=f"https://treffen.example/{HOUSES[14]}")
        await desk.tell()
        assert told_in(desk.said(ZOE)[-1]) == [HOUSES[13], HOUSES[14]]
        everywhere = "\n".join(text for one in desk.networks.values() for text in one.texts)
        assert everywhere.count(HOUSES[13]) == 1
        assert not any(PLACE in text or LINK in text for text in desk.said(TOM))

    async def test_nobody_hears_who_takes_part(self, desk: Desk) -> None:
        by = await furnish(desk)
        entry = await publish(desk, by, capacity=None, visibility=Visibility.PUBLIC)
        zoe = await desk.make_member(ZOE, name="Zoe Geheim")
        registered = await register(desk, entry, zoe)
        async with unit_of_work(desk.database) as unit:
            await RegistrationService(unit).ask(entry.id, Author(zoe, None), "Wo parke ich?")
        await desk.tell()
        told = {person: any("Zoe Geheim" in text for text in desk.said(person)) for person in (ANNA, BEN, TINA, TOM)}
        assert told == {ANNA: True, BEN: False, TINA: False, TOM: False}
        await ask_all(desk)
        groups = [text for place in (ROOM, FORUM) for text in desk.networks[place.network].texts_in(place)]
        assert not any("Geheim" in text or registered.hex in text for text in groups)
