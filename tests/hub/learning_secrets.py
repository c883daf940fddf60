"""Trainings, lessons and what people did with them, in a house of which nobody else may hear; for test_hidden_learning.

The house is „Drittau": its publisher („insider") runs trainings and writes lessons, its clerk („learner") takes part.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from knowledge.access.visibility import network_member
from knowledge.certificates.codes import code_of
from knowledge.certificates.service import CertificateService
from knowledge.kit.clock import now
from knowledge.lessons.learning import LearningService
from knowledge.lessons.paths import PathService
from knowledge.lessons.preparing import prepare_lesson
from knowledge.lessons.schemas import Learner, PathDraft
from knowledge.lessons.self_check import SelfCheckService
from knowledge.lessons.service import LessonService
from knowledge.members.service import MemberService
from knowledge.models.document import Visibility
from knowledge.models.member import Role
from knowledge.models.training import Registration, Training
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService
from knowledge.trainings.feedback import FeedbackService
from knowledge.trainings.feeds import FeedService
from knowledge.trainings.materials import MaterialDraft, MaterialService
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.schemas import QuestionDraft
from knowledge.trainings.service import TrainingService
from tests.hub.pages.lesson_world import FIRST, TEXT, bring_lessons
from tests.hub.pages.network_world import author
from tests.hub.pages.training_world import draft as training_draft
from tests.hub.pages.training_world import let_pass, published, publisher
from tests.hub.signed_in import Hub

HOUSE = "drittau"
# A word for each place in which something could be given away.
WORDS = {
    "title": "Zylonith",
    "summary": "Quartzel",
    "outcomes": "Wumbrax",
    "audience": "Fliebotz",
    "trainers": "Knirbel",
    "region": "Schnopfel",
    "costs": "Drumsel",
    "accessibility": "Gnarfix",
    "place": "Plomsel",
    "link": "quurbel",
    "question": "Zwirbel",
    "answer": "Brumsel",
    "inquiry": "Murkel",
    "reply": "Strunz",
    "reason": "Klabaut",
    "material": "Gundral",
    "member": "Ferdil",
    "lesson": "Trompel",
    "step": "Hulmig",
    "path": "Bramsel",
    "holder": "Ottilix",
}
COMMON = "Offene Schulung für alle"


@dataclass(frozen=True)
class World:
    """What everybody in the network may hear of: a training of Drittau, one of the own publisher, lessons, a path."""

    hub: Hub
    open: UUID
    own: UUID
    lesson: UUID
    path: UUID

    def addresses(self) -> Iterator[str]:
        """Return all pages that are there without anything hidden."""
        yield from ("/", "/schulungen", "/schulungen?wo=vor-ort&wann=90")
        yield from ("/schulungen/meine", "/schulungen/verwalten", "/schulungen/verwalten/neu")
        yield from (f"/schulungen/{key}{rest}" for key in (self.open, self.own) for rest in OF_TRAINING)
        yield from managing(self.own)
        yield from ("/lernen", "/lernen?inhalt=alle", "/lernen/verwalten", "/lernen/verwalten/neu")
        yield from ("/lernen/verwalten/einspielen", "/lernen/verwalten/pfad/neu", f"/lernen/verwalten/pfad/{self.path}")
        yield from ("/lernen/pfad/brunnen", "/lernen/pfad/brunnen/arbeitskreis", f"/lernen/verwalten/{self.lesson}")
        yield from (f"/lernen/{FIRST}{rest}" for rest in ("", *(f"?schritt={step}" for step in range(1, 5))))
        yield from (f"/lernen/{FIRST}/bild/geraten/bild.png", f"/lernen/verwalten/{self.lesson}/bild/geraten/bild.png")
        yield from (f"/lernen/verwalten/{self.lesson}/vorschau", "/wieweit", "/wieweit/ergebnis", "/nachweise")
        yield from ("/bescheinigung", "/bescheinigung/AAAAA-BBBBB-CCCCC-DDDDD")
        yield from ("/kalender/oeffentlich.ics", "/kalender/geraten.ics", f"/nachweise/{UUID(int=7)}/pdf")


OF_TRAINING = ("", "/abmelden", "/kalender.ics")


def managing(key: UUID) -> Iterator[str]:
    """Return the pages for whoever runs a training."""
    parts = ("", "/bearbeiten", "/absagen", "/teilnehmende", "/teilnehmende/tabelle", "/fragen", "/material")
    yield from (f"/schulungen/verwalten/{key}{rest}" for rest in (*parts, "/ergebnisse"))


@dataclass(frozen=True)
class Secrets:
    """What nobody else may hear of; ``code`` verifies the certificate, ``token`` is the learner's calendar."""

    house: UUID
    draft: UUID
    cancelled: UUID
    past: UUID
    inquiry: UUID
    material: UUID
    lesson: UUID
    path: UUID
    certificate: UUID
    code: str
    token: str

    @property
    def trainings(self) -> tuple[UUID, ...]:
        """All of them."""
        return (self.house, self.draft, self.cancelled, self.past)

    def addresses(self) -> Iterator[str]:
        """Return where somebody who guessed an identifier could look for it."""
        for key in self.trainings:
            yield from (f"/schulungen/{key}{rest}" for rest in OF_TRAINING)
            yield from managing(key)
        yield from (f"/lernen/trompel-eins{rest}" for rest in ("", "?schritt=1", "/bild/geraten/bild.png"))
        yield from (f"/lernen/verwalten/{self.lesson}{rest}" for rest in ("", "/vorschau", "/bild/geraten/bild.png"))
        yield from ("/lernen/pfad/trompel", "/lernen/pfad/trompel/arbeitskreis")
        yield from (f"/lernen/verwalten/pfad/{self.path}", f"/nachweise/{self.certificate}/pdf")

    def acts(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Return what somebody who guessed an identifier could try to do."""
        for key in (self.house, self.draft, self.past):
            yield from ((f"/schulungen/{key}/{act}", {"frage": "Wo?"}) for act in ("anmelden", "abmelden", "fragen"))
            yield from ((f"/schulungen/{key}/{act}", {"geholfen": "ja"}) for act in ("rueckmeldung", "platz"))
            run = f"/schulungen/verwalten/{key}"
            yield from ((f"{run}/{act}", {}) for act in ("veroeffentlichen", "kopieren", "verwerfen", "teilnehmende"))
            yield from ((f"{run}/absagen", {"grund": "Krank."}), (f"{run}/bearbeiten", {"titel": "Meins"}))
            yield (f"{run}/material/{self.material}/entfernen", {})
            yield (f"{run}/fragen/{self.inquiry}", {"antwort": "Nein."})
        for act in ("", "/veroeffentlichen", "/zurueckziehen"):
            yield (f"/lernen/verwalten/{self.lesson}{act}", {"text": TEXT.format(**_LESSON)})
            yield (f"/lernen/verwalten/pfad/{self.path}{act}", {"title": "Meins", "key": "trompel"})
        yield from ((f"/lernen/trompel-eins/{act}", {}) for act in ("beginnen", "weiter", "antworten", "bewerten"))
        yield (f"/nachweise/{self.certificate}/widerrufen", {})
        yield (f"/nachweise/schulung/{self.past}", {"name": "Ich"})
        yield (f"/nachweise/lernpfad/{self.path}", {"name": "Ich"})


_LESSON = {"key": "trompel-eins", "title": f"Häppchen {WORDS['lesson']}", "needs": "", "visibility": "network"}


async def furnish(hub: Hub) -> World:
    """Put in the third house, and something to read for all."""
    async with hub.writing() as unit:
        await OrganisationService(unit.session).add(NewOrganisation(key=HOUSE, name=HOUSE.title()))
        members = MemberService(unit.session)
        insider = await members.add("Insider", HOUSE, Role.PUBLISHER)
        learner = await members.add(f"Person {WORDS['member']}", HOUSE)
    hub = replace(hub, people={**hub.people, "insider": insider, "learner": learner})
    opened = await published(hub, "insider", title=COMMON, capacity=None, link=None)
    own = await published(hub, visibility=Visibility.PUBLIC)
    await bring_lessons(hub)
    async with hub.writing() as unit:
        found = await LessonService(unit).with_key(FIRST, network_member())
        path = (await LearningService(unit).path_with_key("brunnen", _learner(hub, "learner"))).path
    return World(hub, opened.id, own.id, found.entry.id, path.id)


async def hide(world: World) -> Secrets:
    """Put in what belongs to the third house, and what its people did."""
    hub = world.hub
    house, inquiry, material = await _running(hub)
    draft = await _draft(hub)
    cancelled = await _cancelled(hub)
    past, certificate, code = await _past(hub)
    await _in_open_one(world)
    lesson, path = await _lessons(hub)
    token = await _learning(world)
    return Secrets(house, draft, cancelled, past, inquiry, material, lesson, path, certificate, code, token)


def _saying() -> dict[str, object]:
    """Return a training that says a word in every field."""
    names = ("summary", "outcomes", "audience", "trainers", "region", "costs", "accessibility", "place")
    texts: dict[str, object] = {name: f"Dazu gehört {WORDS[name]}." for name in names}
    link = {"link": f"https://treffen.example/{WORDS['link']}", "title": f"Schulung {WORDS['title']}"}
    return {**texts, **link, "visibility": Visibility.HOUSE}


async def _running(hub: Hub) -> tuple[UUID, UUID, UUID]:
    """Publish one for the house, with a participant, a question that was answered, and a material."""
    asked = (QuestionDraft(f"Was ist {WORDS['question']}?", required=True),)
    made = await published(hub, "insider", **_saying(), questions=asked)
    by, learner = publisher(hub, "insider"), author(hub, "learner")
    async with hub.writing() as unit:
        service = RegistrationService(unit)
        await service.register(made.id, learner, {str(made.questions[0].id): WORDS["answer"]})
        inquiry = await service.ask(made.id, learner, f"Wo ist {WORDS['inquiry']}?")
        await service.answer(inquiry.id, by, f"Bei {WORDS['reply']}.")
        await service.ask(made.id, learner, f"Und wann ist {WORDS['inquiry']}?")
        entry = MaterialDraft(title=WORDS["material"], visibility=Visibility.HOUSE, publish_at=now())
        file = (f"{WORDS['material']}.md", b"# Folien")
        material = await MaterialService(unit).add_read(made.id, file, draft=entry, by=by)
    return made.id, inquiry.id, material.id


async def _draft(hub: Hub) -> UUID:
    async with hub.writing() as unit:
        drafted = training_draft(**{**_saying(), "visibility": Visibility.PUBLIC})
        return (await TrainingService(unit).create(drafted, publisher(hub, "insider"))).id


async def _cancelled(hub: Hub) -> UUID:
    made = await published(hub, "insider", **_saying())
    async with hub.writing() as unit:
        await RegistrationService(unit).register(made.id, author(hub, "learner"))
        await TrainingService(unit).cancel(made.id, publisher(hub, "insider"), f"Wegen {WORDS['reason']}.")
    return made.id


async def _past(hub: Hub) -> tuple[UUID, UUID, str]:
    """Let one be over, with somebody who was there, says how it was and has a certificate."""
    made, learner = await published(hub, "insider", **_saying()), hub.people["learner"].id
    async with hub.writing() as unit:
        registered = await RegistrationService(unit).register(made.id, author(hub, "learner"))
    await let_pass(replace(hub, people={"publisher": hub.people["insider"]}), made.id)
    async with hub.writing() as unit:
        (await unit.session.get_one(Registration, registered.id)).attended = True
    key = hub.app.state.services.access_key
    async with hub.writing() as unit:
        await FeedbackService(unit).give(registered.id, learner, helped=True, comment="Nur unter uns.")
        paper = await CertificateService(unit, key).for_training(learner, made.id, f"Frau {WORDS['holder']}")
    return made.id, paper.id, code_of(key, paper.id)


async def _in_open_one(world: World) -> None:
    """Let somebody register for the training that everybody may find, and ask; it has a place that few may know."""
    learner = author(world.hub, "learner")
    async with world.hub.writing() as unit:
        row = await unit.session.get_one(Training, world.open)
        row.place, row.link = f"Saal {WORDS['place']}", f"https://treffen.example/{WORDS['link']}"
        await RegistrationService(unit).register(world.open, learner)
        await RegistrationService(unit).ask(world.open, learner, f"Wo ist {WORDS['inquiry']}?")


async def _lessons(hub: Hub) -> tuple[UUID, UUID]:
    """Write a lesson and a path that are not published."""
    by = publisher(hub, "insider")
    text = TEXT.format(**_LESSON).replace("Erster Schritt", f"Erster Schritt {WORDS['step']}")
    written = await prepare_lesson(text.replace("key: brunnen", "key: trompel"))
    async with hub.writing() as unit:
        lesson = await LessonService(unit).write(written, by)
        path = PathDraft("trompel", f"Pfad {WORDS['path']}", (lesson.id,), visibility=Visibility.PUBLIC)
        return lesson.id, (await PathService(unit).write(path, by)).id


def _learner(hub: Hub, who: str) -> Learner:
    return Learner(hub.people[who].id, None, network_member(hub.people[who].organisation_id))


async def _learning(world: World) -> str:
    """Let somebody take a lesson, rate it, check how far they are, and open their calendar; returns its token."""
    learner = _learner(world.hub, "learner")
    async with world.hub.writing() as unit:
        learning, check = LearningService(unit), SelfCheckService(unit.session)
        run = (await learning.begin(learner, world.lesson, world.path)).run_id
        await learning.go_on(learner, run, 0)
        await learning.answer(learner, run, 1, 0)
        for step in (1, 2):
            await learning.go_on(learner, run, step)
        await learning.rate(learner, run, helpful=True)
        await check.keep(learner, {question.key: 0 for question in check.source.questions})
        return await FeedService(unit).open(world.hub.people["learner"].id)


def wanting_one_place() -> dict[str, object]:
    """Return a training with one place, that says where it is."""
    return {"capacity": 1, "place": f"Saal {WORDS['place']}", "link": f"https://treffen.example/{WORDS['link']}"}
