"""Telling people what happened elsewhere: each notice becomes words when it is told, once, in its person's language."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bot.core.messages import Choice, Outgoing, Place
from bot.core.replies import marked_for
from bot.core.text import Block, RichText, bold, link, note, paragraph, quote, rich
from bot.core.turn import Said, Services
from bot.handlers.contributions import entry_choices, question_of, title_of
from bot.handlers.releasing import release_choices, release_text
from knowledge.chats.schemas import IdentityEntry
from knowledge.chats.service import ChatService
from knowledge.contributions.errors import UnknownContribution
from knowledge.contributions.schemas import ContributionEntry
from knowledge.contributions.service import ContributionService
from knowledge.jobs.worker import JobKind
from knowledge.kit.clock import now
from knowledge.kit.language import _, choose_language, current_language, ngettext
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.models.chat import ChatKind, Network
from knowledge.models.contribution import ContributionState
from knowledge.models.job import Job
from knowledge.models.notice import Notice
from knowledge.notices.repository import NoticeRepository

State = ContributionState
Post = Callable[[UnitOfWork, Sequence[Said]], Awaitable[None]]
# Jobs that are done one after the other for one look at the table.
BATCH = 20


@dataclass(frozen=True, slots=True)
class Telling:
    """A notice that is being told: in which transaction, what it knows, and to whom."""

    unit: UnitOfWork
    services: Services
    data: Mapping[str, Any]
    to: IdentityEntry

    async def contribution(self, *states: State) -> ContributionEntry | None:
        """Return the contribution that the notice is about, if it still stands where it stood."""
        key = _key(self.data.get("contribution"))
        if key is None:
            return None
        try:
            entry = await ContributionService(self.unit).find(key)
        except UnknownContribution:
            return None
        return entry if entry.state in states else None

    async def own(self, *states: State) -> ContributionEntry | None:
        """Return it only where it is the person's own."""
        entry = await self.contribution(*states)
        return entry if entry is not None and entry.member_id == self.to.member_id else None

    def hub(self, path: str, label: str) -> list[Block]:
        """Return a link into the hub, where its address is set."""
        settings = self.services.settings.hub
        return [paragraph(link(label, f"{settings.address}{path}"))] if settings.hub_url is not None else []


Words = tuple[RichText, tuple[Choice, ...]]
Teller = Callable[[Telling], Awaitable[Words | None]]


def notice_job(services: Services, post: Post) -> JobKind:
    """Return how the job ``knowledge.notices.jobs.NOTICE_JOB`` is done.

    Args:
        services: what handlers work with.
        post: keeps what is to be said in the transaction, and sees that it is sent after the commit.
    """

    async def tell_all(jobs: Sequence[Job]) -> None:
        for job in jobs:
            key = _key(job.key)
            if key is not None:
                await _tell(services, post, key)

    return JobKind(tell_all, batch=BATCH)


async def _tell(services: Services, post: Post, key: UUID) -> None:
    """Tell one notice in the transaction in which it is marked as told; what nobody can be told is only marked."""
    before = current_language()
    try:
        async with unit_of_work(services.database) as unit:
            notices = NoticeRepository(unit.session)
            notice = await notices.waiting(key)
            if notice is None or not await notices.mark_told(key, now()):
                return
            said = await _said(services, unit, notice)
            if said is not None:
                await post(unit, [said])
            get_logger().info("notice_told" if said else "notice_dropped", notice=str(key), kind=notice.kind)
    finally:
        choose_language(before)


async def _said(services: Services, unit: UnitOfWork, notice: Notice) -> Said | None:
    teller = TELLERS.get(notice.kind)
    if teller is None:
        get_logger().warning("notice_unknown", kind=notice.kind)
        return None
    person = await _person(unit, notice)
    if person is None:
        return None
    choose_language(person.language or services.settings.language.language or "de")
    words = await teller(Telling(unit, services, notice.data, person))
    if words is None:
        return None
    features = services.features.get(person.network)
    text = marked_for(words[0], features.command_marks if features else ())
    return Said(Outgoing(Place(person.network, "", ChatKind.DIRECT), text, words[1]), to=person.id)


async def _person(unit: UnitOfWork, notice: Notice) -> IdentityEntry | None:
    """Return whom a notice is for, where there is a way to them."""
    chats, notices = ChatService(unit.session), NoticeRepository(unit.session)
    member = notice.member_id
    if notice.identity_id is not None:
        person = await chats.person(notice.identity_id)
        if person is not None and await _reaches(chats, person):
            return person
        member = member or (person.member_id if person else None)
    identity = await notices.way_to(member) if member is not None else None
    return await chats.person(identity) if identity is not None else None


async def _reaches(chats: ChatService, person: IdentityEntry) -> bool:
    return person.network is Network.MATRIX or await chats.direct_chat(person.id) is not None


def _key(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


# One's own contributions


async def _asked(telling: Telling) -> Words | None:
    entry = await telling.own(State.ASKED)
    question = question_of(entry) if entry else None
    if entry is None or question is None:
        return None
    wanted = telling.data.get("message")
    last = [message for message in entry.messages if not message.from_author][-1]
    if wanted is not None and _key(wanted) != last.id:
        return None  # a newer question has a notice of its own
    text = rich(
        paragraph(bold(_("A moderator asks about “{title}”:").format(title=title_of(entry)))),
        quote(question),
        note(_("Choose “Answer”, or simply reply to this message.")),
    )
    return text, entry_choices(entry)


async def _published(telling: Telling) -> Words | None:
    entry = await telling.own(State.PUBLISHED)
    if entry is None:
        return None
    text = rich(
        paragraph(bold(_("Published: {title}").format(title=title_of(entry)))),
        paragraph(_("Thank you! From now on others find it.")),
        *_document(telling, entry),
    )
    return text, entry_choices(entry)


async def _merged(telling: Telling) -> Words | None:
    entry = await telling.own(State.PUBLISHED)
    if entry is None:
        return None
    title = title_of(entry)
    text = rich(
        paragraph(bold(_("“{title}” is part of an entry now that others began.").format(title=title))),
        paragraph(_("Thank you! Together it says more than each alone.")),
        *_document(telling, entry),
    )
    return text, entry_choices(entry)


def _document(telling: Telling, entry: ContributionEntry) -> list[Block]:
    return telling.hub(f"/dokument/{entry.document_id}", _("Read it in the hub")) if entry.document_id else []


async def _rejected(telling: Telling) -> Words | None:
    entry = await telling.own(State.REJECTED)
    if entry is None:
        return None
    blocks = [paragraph(bold(_("Not published: {title}").format(title=title_of(entry))))]
    if entry.reason:
        blocks += [paragraph(_("The moderators give this reason:")), quote(entry.reason)]
    return rich(*blocks, note(_("You can always tell it anew: /erfahrung"))), entry_choices(entry)


async def _given_back(telling: Telling) -> Words | None:
    entry = await telling.own(State.DRAFT)
    if entry is None or not entry.reason:
        return None
    text = rich(
        paragraph(bold(_("Your house gives “{title}” back to you.").format(title=title_of(entry)))),
        quote(entry.reason),
        note(_("It is a draft again, with all that you wrote.")),
    )
    return text, entry_choices(entry)


# For those who release, moderate, administer


async def _to_release(telling: Telling) -> Words | None:
    entry = await telling.contribution(State.HOUSE)
    if entry is None or entry.organisation_id is None:
        return None
    releasing = await ContributionService(telling.unit).houses.releasing(entry.organisation_id)
    if telling.to.member_id not in releasing:
        return None
    return await release_text(telling.unit, entry), release_choices(entry)


async def _nobody_releases(telling: Telling) -> Words | None:
    entry = await telling.contribution(State.HOUSE)
    if entry is None or entry.organisation_id is None:
        return None
    if await ContributionService(telling.unit).houses.releasing(entry.organisation_id):
        return None
    sentence = _("{organisation} wants to release its contributions itself, but nobody there does. One is waiting.")
    text = rich(
        paragraph(sentence.format(organisation=entry.organisation_name or _("An organisation"))),
        *telling.hub("/organisationen", _("To the organisations in the hub")),
    )
    return text, ()


async def _waiting_long(telling: Telling) -> Words | None:
    count, days = (_number(telling.data.get(name)) for name in ("count", "oldest_days"))
    if not telling.to.moderates or count < 1:
        return None
    waits = ngettext(
        "{count} contribution has been waiting for too long.",
        "{count} contributions have been waiting for too long.",
        count,
    ).format(count=count)
    since = ngettext("The oldest one for {days} day.", "The oldest one for {days} days.", days).format(days=days)
    return rich(paragraph(bold(waits), " ", since), *telling.hub("/pruefung", _("To the review in the hub"))), ()


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0


async def _answered(telling: Telling) -> Words | None:
    entry = await telling.contribution(State.WAITING, State.HOUSE)
    if entry is None or not telling.to.moderates:
        return None
    answer = next((message.text for message in reversed(entry.messages) if message.from_author), None)
    title = title_of(entry)
    blocks = [paragraph(bold(_("Your question about “{title}” was answered.").format(title=title)))]
    if answer:
        blocks.append(quote(answer))
    return rich(*blocks, *telling.hub(f"/pruefung/{entry.id}", _("To the review in the hub"))), ()


async def _report_closed(telling: Telling) -> Words | None:
    key = _key(telling.data.get("report"))
    found = await NoticeRepository(telling.unit.session).closed_report(key) if key else None
    if found is None:
        return None
    report, title = found
    blocks = [paragraph(bold(_("Somebody looked at what you reported about “{title}”.").format(title=title)))]
    if report.outcome:
        blocks.append(quote(report.outcome))
    return rich(*blocks, paragraph(_("Thank you for saying so."))), ()


async def _password_set(telling: Telling) -> Words | None:
    text = rich(
        paragraph(bold(_("A password for the hub was set for your membership."))),
        paragraph(_("If that was not you, please tell whoever runs this service at once.")),
        *telling.hub("/konto", _("To your account in the hub")),
    )
    return text, ()


TELLERS: Mapping[str, Teller] = {
    "contribution.asked": _asked,
    "contribution.published": _published,
    "contribution.rejected": _rejected,
    "contribution.merged": _merged,
    "contribution.given_back": _given_back,
    "contribution.to_release": _to_release,
    "contribution.nobody_releases": _nobody_releases,
    "review.waiting_long": _waiting_long,
    "review.answered": _answered,
    "report.closed": _report_closed,
    "account.password_set": _password_set,
}
