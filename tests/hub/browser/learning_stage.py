"""What the pages about learning show: the lessons that come with the program, a path of somebody's, a certificate."""

from dataclasses import dataclass
from uuid import UUID

from knowledge.access.keys import AccessKey
from knowledge.access.visibility import network_member
from knowledge.certificates.service import CertificateService
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.lessons.learning import LearningService
from knowledge.lessons.paths import PathService
from knowledge.lessons.schemas import Learner, PathDraft, RunState
from knowledge.lessons.self_check import SelfCheckService
from knowledge.lessons.service import LessonService
from knowledge.lessons.steps import QuestionStep
from knowledge.trainings.schemas import Publisher

# Came with the program, in German: one to begin, one to be in the middle of.
LESSON, BEGUN, PATH = "ki-was-ist-das", "ki-daten", "ki-in-der-kommune"


@dataclass
class LearningStage:
    """What is there; filled by ``build``."""

    lesson: UUID | None = None
    path: UUID | None = None
    question: int = 0

    async def build(self, unit: UnitOfWork, people: dict[str, UUID], house: UUID, key: AccessKey) -> None:
        """Put it into a database with people."""
        learner = Learner(people["member"], None, network_member(house))
        lessons = LessonService(unit)
        done = (await lessons.with_key(LESSON, learner.viewer)).entry
        begun = await lessons.with_key(BEGUN, learner.viewer)
        self.lesson = done.id
        self.question = next(n for n, step in enumerate(begun.steps, 1) if isinstance(step, QuestionStep))
        draft = PathDraft("erste-schritte", "Erste Schritte", (done.id,), outcomes="KI erklären\nDaten schützen")
        made = await PathService(unit).write(draft, Publisher(people["publisher"], house))
        await PathService(unit).publish(made.id, Publisher(people["publisher"], house))
        self.path = made.id
        await self._learn(unit, learner, done.id, until=99)
        await self._learn(unit, learner, begun.entry.id, until=self.question - 1)
        await CertificateService(unit, key).for_path(people["member"], made.id, "Mitglied Beispiel")
        check = SelfCheckService(unit.session)
        await check.keep(learner, {question.key: 1 for question in check.source.questions})

    async def _learn(self, unit: UnitOfWork, learner: Learner, lesson: UUID, *, until: int) -> RunState:
        service = LearningService(unit)
        state = await service.begin(learner, lesson)
        while not state.finished and state.at < until:
            if isinstance(state.current, QuestionStep):
                await service.answer(learner, state.run_id, state.at, 0)
            state = await service.go_on(learner, state.run_id, state.at)
        return state
