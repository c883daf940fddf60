"""Certificates: made when a learner wants one, theirs alone, verified by a code, revoked by them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from knowledge.access.keys import AccessKey
from knowledge.access.throttle import Throttle
from knowledge.certificates.codes import code_of, digest_of
from knowledge.certificates.errors import NotAttended, NotEarned, PathNotDone, UnknownCertificate
from knowledge.certificates.names import clean_name
from knowledge.certificates.repository import CertificateRepository
from knowledge.certificates.schemas import Achievement, CertificateEntry
from knowledge.kit.clock import HOME, now
from knowledge.kit.ids import new_id
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.lessons.service import FEWEST
from knowledge.models.certificate import Certificate, CertificateKind
from knowledge.models.lesson import LessonPath
from knowledge.models.training import Training
from knowledge.trainings.times import last_day_named

# How much of what was learned a certificate says; more would not fit on its one page.
LONGEST_LEARNED, MOST_LINES = 900, 10
LANGUAGES = ("de", "en")


@dataclass(frozen=True, slots=True)
class _Wish:
    """Who wants a certificate of what, made out to which name, in which language."""

    member_id: UUID
    subject_id: UUID
    name: str
    language: str | None


class CertificateService:
    """Certificates within one unit of work.

    Args:
        unit: that unit of work.
        key: the hub's key, which codes follow from.
    """

    def __init__(self, unit: UnitOfWork, key: AccessKey) -> None:
        self._session = unit.session
        self._key = key
        self._repository = CertificateRepository(unit.session)

    async def of_house(self, organisation_id: UUID | None) -> list[tuple[str, int]]:
        """Return what people of an organisation have certificates for, and how many do, from three people on."""
        if organisation_id is None:
            return []
        return await self._repository.people_of_house(organisation_id, least=FEWEST)

    async def for_training(
        self, member_id: UUID, training_id: UUID, name: str, *, language: str | None = None
    ) -> CertificateEntry:
        """Return the certificate of a training that a member attended; made the first time, the same afterwards.

        Args:
            member_id: whose.
            training_id: the training.
            name: what it is made out to.
            language: of the document, ``de`` or ``en``; that of the training where nothing is said.

        Raises ``NotAttended`` where nobody noted that they were there or the training is not over, ``NameInvalid``.
        """
        wish = _Wish(member_id, training_id, name, language)
        return await self._made(wish, await self.attended(member_id), NotAttended)

    async def for_path(
        self, member_id: UUID, path_id: UUID, name: str, *, language: str | None = None
    ) -> CertificateEntry:
        """Return the certificate of a path that a member completed; made the first time, the same afterwards.

        Raises ``PathNotDone`` where lessons are missing, ``NameInvalid``.
        """
        wish = _Wish(member_id, path_id, name, language)
        return await self._made(wish, await self.completed(member_id), PathNotDone)

    async def possible(self, member_id: UUID) -> list[Achievement]:
        """Return what a member could have a certificate made for, the latest first."""
        earned = await self.attended(member_id) + await self.completed(member_id)
        made = {(row.kind, row.training_id or row.path_id) for row in await self._repository.of_member(member_id)}
        left = [one for one in earned if (one.kind, one.subject_id) not in made]
        return sorted(left, key=lambda one: one.completed_on, reverse=True)

    async def of_member(self, member_id: UUID) -> list[CertificateEntry]:
        """Return a member's certificates, the latest first; none that they revoked."""
        return [self._entry(row) for row in await self._repository.of_member(member_id)]

    async def public(self, subjects: Collection[UUID | None]) -> set[UUID | None]:
        """Return which of these trainings and paths everybody may know of; none that there is no more."""
        return set(await self._repository.public([key for key in subjects if key is not None]))

    async def get(self, certificate_id: UUID, member_id: UUID) -> CertificateEntry:
        """Return one of a member's certificates. Raises ``UnknownCertificate``."""
        row = await self._repository.get(certificate_id, member_id)
        if row is None:
            raise UnknownCertificate
        return self._entry(row)

    async def revoke(self, certificate_id: UUID, member_id: UUID) -> None:
        """Take one's certificate back: its code no longer holds, for good. Raises ``UnknownCertificate``."""
        if not await self._repository.revoke(certificate_id, member_id, now()):
            raise UnknownCertificate
        get_logger().info("certificate_revoked", certificate=str(certificate_id))

    async def verify(self, code: str) -> bool:
        """Whether a code belongs to a certificate that holds; wrong, unknown and revoked ones take the same way."""
        return await self._repository.holds(digest_of(code))

    async def verify_from(self, code: str, *, address: str) -> bool:
        """Verify for somebody at a network address, who may not guess at will.

        The transaction has to be committed also where the code does not hold. Raises ``TooManyAttempts``.
        """
        throttle = Throttle(self._session, self._key, purpose="certificate ")
        await throttle.take(address=address)
        holds = await self.verify(code)
        if holds:
            await throttle.succeeded(address=address)
        return holds

    async def attended(self, member_id: UUID) -> list[Achievement]:
        """Return the trainings that a member attended and that are over."""
        return [await self._training(row) for row in await self._repository.attended(member_id, now())]

    async def completed(self, member_id: UUID) -> list[Achievement]:
        """Return the paths of which a member did all lessons."""
        paths = [await self._path(row, member_id) for row in await self._repository.begun_paths(member_id)]
        return [path for path in paths if path is not None]

    async def _training(self, row: Training) -> Achievement:
        dates = await self._repository.dates(row.id)
        minutes = sum(int((one.ends_at - one.starts_at).total_seconds()) for one in dates) // 60
        last = max((one.ends_at for one in dates), default=row.ends_at or now())
        learned = row.outcomes if row.outcomes.strip() else row.summary
        publisher = await self._publisher(row.organisation_id)
        said = (row.title, learned, publisher, minutes, row.language, _day(last))
        until = last_day_named(row.ends_at) if row.ends_at is not None else None
        return Achievement(CertificateKind.TRAINING, row.id, *said, until=until)

    async def _path(self, row: LessonPath, member_id: UUID) -> Achievement | None:
        lessons = await self._repository.lessons_of_path(row.id, member_id)
        done = [lesson.done_at for lesson in lessons if lesson.done_at is not None]
        if not done or len(done) < len(lessons):
            return None
        learned = row.outcomes if row.outcomes.strip() else "\n".join(lesson.title for lesson in lessons)
        minutes, publisher = sum(lesson.minutes for lesson in lessons), await self._publisher(row.organisation_id)
        return Achievement(
            CertificateKind.PATH, row.id, row.title, learned, publisher, minutes, row.language, _day(max(done))
        )

    async def _publisher(self, organisation_id: UUID | None) -> str:
        name = await self._repository.publisher_name(organisation_id)
        return name or _("Allmende, the network of municipalities")

    async def _made(self, wish: _Wish, earned: Sequence[Achievement], missing: type[NotEarned]) -> CertificateEntry:
        """Make a certificate, or return the one that there is; what lapsed since then takes none away."""
        known = await self._repository.made_for(wish.member_id, wish.subject_id)
        if known is None:
            achievement = next((one for one in earned if one.subject_id == wish.subject_id), None)
            if achievement is None:
                raise missing
            known = await self._issued(achievement, wish)
        return self._entry(known)

    async def _issued(self, achievement: Achievement, wish: _Wish) -> Certificate:
        certificate_id, kind = new_id(), achievement.kind
        row = {
            "id": certificate_id,
            "kind": kind,
            "member_id": wish.member_id,
            "training_id": achievement.subject_id if kind is CertificateKind.TRAINING else None,
            "path_id": achievement.subject_id if kind is CertificateKind.PATH else None,
            "name": clean_name(wish.name),
            "title": achievement.title,
            "learned": shortened(achievement.learned),
            "publisher": achievement.publisher,
            "minutes": achievement.minutes,
            "language": _language(wish.language, achievement.language),
            "completed_on": achievement.completed_on,
            "code_digest": digest_of(code_of(self._key, certificate_id)),
            "issued_at": now(),
        }
        await self._repository.add(row)
        # Two forms at a time: the first one's certificate is everybody's.
        made = await self._repository.made_for(wish.member_id, wish.subject_id)
        if made is None:
            raise UnknownCertificate
        get_logger().info("certificate_made", certificate=str(made.id), kind=kind.value)
        return made

    def _entry(self, row: Certificate) -> CertificateEntry:
        return CertificateEntry(
            id=row.id,
            kind=row.kind,
            subject_id=row.training_id or row.path_id,
            name=row.name,
            title=row.title,
            learned=row.learned,
            publisher=row.publisher,
            minutes=row.minutes,
            language=row.language,
            completed_on=row.completed_on,
            issued_at=row.issued_at,
            code=code_of(self._key, row.id),
        )


def shortened(learned: str) -> str:
    """Return what was learned, in as many lines and characters as a certificate has room for."""
    lines = [line.strip(" \t-*•–") for line in learned.replace("\r", "\n").split("\n")]
    text = "\n".join([line for line in lines if line][:MOST_LINES])
    if len(text) <= LONGEST_LEARNED:
        return text
    return text[:LONGEST_LEARNED].rsplit(" ", 1)[0].rstrip() + " …"


def _language(wish: str | None, usual: str) -> str:
    return next((language for language in (wish, usual) if language in LANGUAGES), LANGUAGES[0])


def _day(moment: datetime) -> date:
    return moment.astimezone(HOME).date()
