"""What the pages about trainings show: one that is coming, one that is over, drafts, people, questions, materials."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from knowledge.access.visibility import network_member
from knowledge.contributions.schemas import Author
from knowledge.kit.clock import now
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.document import Visibility
from knowledge.models.training import Training, TrainingDate
from knowledge.trainings.feedback import FeedbackService
from knowledge.trainings.materials import MaterialDraft, MaterialService
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.schemas import DateDraft, Publisher, QuestionDraft, TrainingDraft
from knowledge.trainings.service import TrainingService

FACTS: dict[str, Any] = {
    "summary": "Zwei Stunden üben an eigenen Texten, mit den Werkzeugen, die es im Haus schon gibt.",
    "outcomes": "Sie prüfen Entwürfe einer KI auf Fehler.\n\nSie wissen, welche Angaben nicht hineingehören.",
    "audience": "Beschäftigte der Bauämter, ohne Vorwissen.",
    "trainers": "Kim Beispiel, Akademie Kleinow",
    "place": "Rathaus Kleinow, Saal 2",
    "link": "https://treffen.example/kleinow",
    "region": "Kleinow",
    "state_key": "12",
    "costs": "kostenlos",
    "accessibility": "Stufenlos, mit Induktionsschleife.",
    "questions": (QuestionDraft("Mit welchem Programm arbeiten Sie?"),),
}
PEOPLE = ("member", "releaser", "moderator", "administrator")


@dataclass
class TrainingStage:
    """What is there; filled by ``build``: trainings by what they stand for."""

    trainings: dict[str, UUID] = field(default_factory=dict)

    async def build(self, unit: UnitOfWork, people: dict[str, UUID], house: UUID, documents: list[UUID]) -> None:
        """Put all of it into a database with people."""
        by = Publisher(people["publisher"], house)
        await self._write(unit, by)
        authors = {who: Author(people[who], house) for who in PEOPLE}
        await self._register(unit, authors)
        await RegistrationService(unit).ask(self.trainings["open"], authors["member"], "Gibt es Parkplätze am Rathaus?")
        material = MaterialDraft(publish_at=now())
        for key in ("open", "past"):
            adding = MaterialService(unit).add_document
            viewer = network_member(house)
            await adding(self.trainings[key], documents[0], draft=material, by=by, viewer=viewer)
        await self._let_pass(unit, by, authors)

    async def _write(self, unit: UnitOfWork, by: Publisher) -> None:
        service = TrainingService(unit)
        for number, (key, more) in enumerate(_DRAFTS.items()):
            starts = now().replace(minute=0, second=0, microsecond=0) + timedelta(days=10 + number)
            dates = tuple(
                DateDraft(starts + timedelta(weeks=week), starts + timedelta(weeks=week, hours=2)) for week in range(2)
            )
            made = await service.create(TrainingDraft(**{**FACTS, "dates": dates, **more}), by)
            self.trainings[key] = made.id
            if key != "draft":
                await service.publish(made.id, by)
        await service.cancel(self.trainings["cancelled"], by, "Die Referentin ist krank.")

    async def _register(self, unit: UnitOfWork, authors: dict[str, Author]) -> None:
        service = RegistrationService(unit)
        for who in ("member", "releaser"):
            await service.register(self.trainings["taken"], authors[who], {})
        for who in ("releaser", "member", "moderator"):
            await service.register(self.trainings["full"], authors[who], {})
        for author in authors.values():
            await service.register(self.trainings["past"], author, {})

    async def _let_pass(self, unit: UnitOfWork, by: Publisher, authors: dict[str, Author]) -> None:
        key, ended = self.trainings["past"], now() - timedelta(days=2)
        row = await unit.session.get_one(Training, key)
        for one in (await TrainingService(unit).get_managed(key, by)).dates:
            dated = await unit.session.get_one(TrainingDate, one.id)
            dated.starts_at, dated.ends_at = ended - timedelta(hours=2), ended
        row.starts_at, row.ends_at = ended - timedelta(hours=2), ended
        await unit.session.flush()
        registrations, feedback = RegistrationService(unit), FeedbackService(unit)
        present = {one.registration_id: one.member_id for one in await registrations.participants(key, by)}
        await registrations.note_attendance(key, by, dict.fromkeys(present, True))
        for registration, member in present.items():
            if member is not None and member != authors["member"].member_id:
                await feedback.give(registration, member, helped=True, comment="Kurz, klar und mit Beispielen.")


_DRAFTS: dict[str, dict[str, Any]] = {
    "open": {"title": "Texte mit KI prüfen", "visibility": Visibility.PUBLIC, "capacity": 12},
    "taken": {"title": "KI-Werkstatt: an zwei Nachmittagen von der Idee zum Versuch", "online": True},
    "full": {"title": "Datenschutz-Folgenabschätzung für KI", "capacity": 1},
    "past": {"title": "Was ist KI, und was ist sie nicht?"},
    "cancelled": {"title": "Bilder erkennen mit KI"},
    "draft": {"title": "Chatbots für Fragen aus der Bürgerschaft"},
}
