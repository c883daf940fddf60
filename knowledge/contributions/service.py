"""Contributing, as its author and their house do it: drafts, sending, questions asked back, taking back, releasing."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from knowledge.access.visibility import Viewer, network_member
from knowledge.contributions.checking import QUOTE, SUGGESTION, checked, checked_message, label_of
from knowledge.contributions.describing import DESCRIBABLE, describe, group_of, size_place
from knowledge.contributions.errors import (
    CannotDescribe,
    CirclesNeeded,
    FieldInvalid,
    FieldsMissing,
    HouseNotAnonymous,
    NotReleasing,
    OrganisationNeeded,
    OwnRelease,
    UnknownContribution,
    UnknownOriginal,
    WrongState,
)
from knowledge.contributions.fields import NEEDED
from knowledge.contributions.limits import check_drafts, check_sending
from knowledge.contributions.publishing import SOURCE, source_of
from knowledge.contributions.repository import ContributionRepository, HouseRepository
from knowledge.contributions.schemas import Author, ContributionEntry, Wishes
from knowledge.contributions.showing import entry_of
from knowledge.contributions.withdrawing import report_of, take_out
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.library.repository import DocumentRepository
from knowledge.members.schemas import MemberEntry
from knowledge.models.contribution import (
    Attribution,
    Contribution,
    ContributionKind,
    ContributionMessage,
    ContributionState,
)
from knowledge.models.document import Document, Visibility
from knowledge.models.organisation import OrganisationKind
from knowledge.notices.service import tell
from knowledge.organisations.names import fold_search
from knowledge.organisations.queries import read_name
from knowledge.privacy.taken_back.kinds import TakenBack
from knowledge.privacy.taken_back.noting import note_taken_back

# What is sent and not decided: its author may still take it back to work on it.
UNDECIDED = frozenset(
    {ContributionState.HOUSE, ContributionState.WAITING, ContributionState.ASKED, ContributionState.POSTPONED}
)


class ContributionService:
    """Everything that authors and their houses do with contributions, within one unit of work."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._unit = unit
        self.repository = ContributionRepository(unit.session)
        self.houses = HouseRepository(unit.session)
        self._documents = DocumentRepository(unit.session)

    async def start(
        self,
        author: Author,
        *,
        fields: Mapping[str, Any] | None = None,
        kind: ContributionKind = ContributionKind.EXPERIENCE,
        corrects: UUID | None = None,
        viewer: Viewer | None = None,
    ) -> ContributionEntry:
        """Begin a draft.

        Args:
            author: whose it is.
            fields: what is known already, by name.
            kind: an experience, or with ``corrects`` always a correction.
            corrects: the document that is to be different. Of an own experience, the draft has its fields; of any other
                document, a suggestion and the passage that it is about.
            viewer: what the author may find where they are; else what a member finds anywhere.

        Raises ``UnknownOriginal``, ``FieldInvalid``, ``TooMany``.
        """
        await check_drafts(self.repository, author)
        row = Contribution(
            id=new_id(),
            kind=ContributionKind.CORRECTION if corrects else kind,
            member_id=author.member_id,
            identity_id=author.identity_id,
            organisation_id=author.organisation_id,
            fields={},
        )
        if corrects is not None:
            await self._begin_correction(row, corrects, viewer or network_member(author.organisation_id))
        row.fields = _merged(row.fields, fields or {})
        await self.repository.add(row)
        get_logger().info("contribution_started", contribution=str(row.id), kind=row.kind.value)
        return await self.find(row.id)

    async def original_of(self, corrects: UUID, author: Author, viewer: Viewer) -> tuple[str, bool]:
        """Return the title of a document to correct, and whether its fields are the author's own to change.

        Raises ``UnknownOriginal``.
        """
        document = await self.repository.document(corrects)
        asked = Contribution(member_id=author.member_id, organisation_id=author.organisation_id)
        original = await self._own_original(document, asked) if document else None
        if document is None or not (viewer.may_find(document) or original):
            raise UnknownOriginal
        return document.title, original is not None

    async def _begin_correction(self, row: Contribution, corrects: UUID, viewer: Viewer) -> None:
        document = await self.repository.document(corrects)
        original = await self._own_original(document, row) if document else None
        if document is None or not (viewer.may_find(document) or original):
            raise UnknownOriginal
        row.corrects_id = document.id
        if original is None:
            row.fields = {SUGGESTION: "", QUOTE: ""}
            return
        row.fields = dict(original.fields)
        row.visibility, row.circles = original.visibility, list(original.circles)
        row.attribution, row.described_as = original.attribution, original.described_as

    async def _own_original(self, document: Document, row: Contribution) -> Contribution | None:
        """Return what the author, or openly their house, published as this very document; the newest of it."""
        if document.withdrawn_at is not None or not document.source.startswith(SOURCE):
            return None
        for published in await self.repository.published_as(document.id):
            house = row.organisation_id is not None and published.organisation_id == row.organisation_id
            openly = house and document.organisation_id == row.organisation_id
            if SUGGESTION not in published.fields and (published.member_id == row.member_id or openly):
                return published
        return None

    async def change(
        self,
        contribution_id: UUID,
        author: Author,
        *,
        fields: Mapping[str, Any] | None = None,
        wishes: Wishes | None = None,
    ) -> ContributionEntry:
        """Change a draft: what is given; an empty value takes a field away, what is not given stays.

        What a moderator asked about may be changed, too, unless the house releases first: then it goes back to being a
        draft before (``reopen``). Raises ``UnknownContribution``, ``WrongState``, ``FieldInvalid``, ``CannotDescribe``,
        ``HouseNotAnonymous``, ``OrganisationNeeded``, ``CirclesNeeded``.
        """
        row = await self._own(contribution_id, author.member_id)
        asked = row.state is ContributionState.ASKED and not await self._releases_first(row)
        if row.state is not ContributionState.DRAFT and not asked:
            raise WrongState
        row.fields = _merged(row.fields, fields or {})
        if wishes is not None:
            await self._wish(row, wishes)
        return await self._touched(row)

    async def _wish(self, row: Contribution, wishes: Wishes) -> None:
        visibility = wishes.visibility or row.visibility
        attribution = wishes.attribution or row.attribution
        if wishes.visibility is Visibility.HOUSE and row.organisation_id is None:
            raise OrganisationNeeded
        if visibility is Visibility.HOUSE and attribution is Attribution.ANONYMOUS:
            raise HouseNotAnonymous
        if wishes.circles is not None:
            if set(wishes.circles) - await self.repository.known_circles(wishes.circles):
                raise CirclesNeeded
            row.circles = [str(circle) for circle in dict.fromkeys(wishes.circles)]
        row.described_as = await self._description(row) if attribution is Attribution.ANONYMOUS else None
        row.visibility, row.attribution = visibility, attribution

    async def _description(self, row: Contribution) -> str:
        described = await self.describe_coarsely(row.organisation_id) if row.organisation_id else None
        if described is None:
            raise CannotDescribe
        return described

    async def submit(self, contribution_id: UUID, author: Author) -> ContributionEntry:
        """Send a draft: to the house where it wants to release first, else to the moderators. Twice is once.

        Raises ``UnknownContribution``, ``WrongState``, ``FieldsMissing``, ``CirclesNeeded``, ``OrganisationNeeded``,
        ``HouseNotAnonymous``, ``CannotDescribe``, ``TooMany``.
        """
        row = await self._own(contribution_id, author.member_id)
        if row.state in UNDECIDED - {ContributionState.ASKED}:
            return await self.find(row.id)
        if row.state not in (ContributionState.DRAFT, ContributionState.ASKED):
            raise WrongState
        await self._check_complete(row)
        if row.submitted_at is None:
            await check_sending(self.repository, author)
        moment = now()
        row.submitted_at, row.waiting_since, row.reason = row.submitted_at or moment, moment, None
        row.alerted_at = row.postponed_until = None
        if await self._is_unanswered(row):
            await self._tell_asker(row)
        row.state = await self._first_station(row)
        get_logger().info("contribution_sent", contribution=str(row.id), state=row.state.value)
        return await self._touched(row)

    async def _check_complete(self, row: Contribution) -> None:
        needed = (SUGGESTION,) if SUGGESTION in row.fields else NEEDED
        if missing := [name for name in needed if not row.fields.get(name)]:
            if SUGGESTION in missing:
                raise FieldInvalid(SUGGESTION, _("Please say what should be different."))
            raise FieldsMissing(missing)
        if row.visibility is Visibility.HOUSE and row.organisation_id is None:
            raise OrganisationNeeded
        if row.visibility is Visibility.CIRCLE:
            wanted = {UUID(circle) for circle in row.circles}
            if not wanted or wanted - await self.repository.known_circles(wanted):
                raise CirclesNeeded
        if row.attribution is Attribution.ANONYMOUS:
            if row.visibility is Visibility.HOUSE:
                raise HouseNotAnonymous
            row.described_as = row.described_as or await self._description(row)

    async def _first_station(self, row: Contribution) -> ContributionState:
        """Return where a contribution goes when it is sent, and tell whoever has to act in its house."""
        if row.organisation_id is None or not await self._releases_first(row):
            return ContributionState.WAITING
        releasing = await self.houses.releasing(row.organisation_id)
        if list(releasing) == [row.member_id]:
            row.released_at, row.released_by = now(), row.member_id
            return ContributionState.WAITING
        row.released_at = row.released_by = None
        data = {"contribution": str(row.id), "organisation": str(row.organisation_id)}
        for member in releasing:
            if member != row.member_id:
                await tell(self._unit.session, "contribution.to_release", member_id=member, data=data)
        if not releasing:
            for member in await self.houses.administrators():
                await tell(self._unit.session, "contribution.nobody_releases", member_id=member, data=data)
        return ContributionState.HOUSE

    async def _releases_first(self, row: Contribution) -> bool:
        house = await self.houses.get(row.organisation_id) if row.organisation_id else None
        return house is not None and house.release_first

    async def reopen(self, contribution_id: UUID, author: Author) -> ContributionEntry:
        """Take back what is not decided, to work on it: a draft again, with all that was written about it.

        Raises ``UnknownContribution``, ``WrongState``.
        """
        row = await self._own(contribution_id, author.member_id)
        if row.state is ContributionState.DRAFT:
            return await self.find(row.id)
        if row.state not in UNDECIDED:
            raise WrongState
        row.state, row.waiting_since, row.postponed_until = ContributionState.DRAFT, None, None
        row.released_at = row.released_by = None
        return await self._touched(row)

    async def of_author(self, member_id: UUID) -> Sequence[ContributionEntry]:
        """Return what a member contributed, with what was written about it; the newest first."""
        return await self._entries(await self.repository.of_member(member_id))

    async def get(self, contribution_id: UUID, *, member_id: UUID) -> ContributionEntry:
        """Return a member's own contribution. Raises ``UnknownContribution``."""
        entry = await self.find(contribution_id)
        if entry.member_id != member_id:
            raise UnknownContribution
        return entry

    async def find(self, contribution_id: UUID) -> ContributionEntry:
        """Return any contribution, for those who may see it for their office. Raises ``UnknownContribution``."""
        row = await self.repository.row(contribution_id)
        if row is None:
            raise UnknownContribution
        return (await self._entries([row]))[0]

    async def answer(self, contribution_id: UUID, author: Author, text: str) -> ContributionEntry:
        """Answer what a moderator asked: the contribution waits for them again, and whoever asked is told.

        Raises ``UnknownContribution``, ``WrongState`` where nothing is asked, ``FieldInvalid``.
        """
        row = await self._own(contribution_id, author.member_id)
        if row.state is not ContributionState.ASKED:
            raise WrongState
        said = checked_message(text)
        await self._tell_asker(row)
        message = ContributionMessage(
            id=new_id(), contribution_id=row.id, from_author=True, member_id=author.member_id, text=said
        )
        await self.repository.add(message)
        row.state, row.waiting_since, row.alerted_at = ContributionState.WAITING, now(), None
        return await self._touched(row)

    async def _is_unanswered(self, row: Contribution) -> bool:
        """Whether a moderator's question came last: a better text is an answer, too."""
        said = (await self.repository.messages([row.id])).get(row.id, [])
        return bool(said) and not said[-1].from_author

    async def _tell_asker(self, row: Contribution) -> None:
        asker = await self.repository.last_asker(row.id)
        await tell(self._unit.session, "review.answered", member_id=asker, data={"contribution": str(row.id)})

    async def withdraw(self, contribution_id: UUID, author: Author) -> ContributionEntry | None:
        """Take a contribution back, whatever became of it.

        What is not published is deleted with all that was written about it (then nothing is returned). What is
        published can be found nowhere any more and its words are erased; the contribution stays as withdrawn, with its
        title. Where it went into a document that is not its own (merged, or a correction), that document is reported,
        so that a moderator takes out what came from it. Raises ``UnknownContribution``.
        """
        row = await self._own(contribution_id, author.member_id)
        if row.state is ContributionState.WITHDRAWN:
            return await self.find(row.id)
        await note_taken_back(self._unit.session, TakenBack.CONTRIBUTION, row.id)
        get_logger().info("contribution_withdrawn", contribution=str(row.id), state=row.state.value)
        if row.state is not ContributionState.PUBLISHED:
            await self.repository.delete(row.id)
            return None
        own = await self._documents.by_source(source_of(row.id))
        if own is not None:
            await take_out(self._unit, own)
        elsewhere = await self.repository.document(row.document_id) if row.document_id else None
        if elsewhere is not None and elsewhere is not own:
            await self.repository.add(report_of(elsewhere, row))
        await self.repository.delete_messages(row.id)
        row.fields = {"title": row.fields.get("title", "")}
        row.state, row.reason = ContributionState.WITHDRAWN, None
        return await self._touched(row)

    async def to_release(self, organisation_id: UUID) -> Sequence[ContributionEntry]:
        """Return what waits for a house's own release, the oldest first."""
        return await self._entries(await self.repository.in_house(organisation_id))

    async def release(self, contribution_id: UUID, member: MemberEntry) -> ContributionEntry:
        """Let a contribution of one's house go to the moderators; twice is once.

        Raises ``NotReleasing``, ``OwnRelease`` where somebody else of the house could release it.
        """
        row = await self._in_house(contribution_id, member)
        if row.state is ContributionState.WAITING and row.released_by is not None:
            return await self.find(row.id)
        if row.state is not ContributionState.HOUSE:
            raise NotReleasing
        moment = now()
        row.state, row.waiting_since = ContributionState.WAITING, moment
        row.released_at, row.released_by = moment, member.id
        get_logger().info("contribution_released", contribution=str(row.id))
        return await self._touched(row)

    async def give_back(self, contribution_id: UUID, member: MemberEntry, reason: str) -> ContributionEntry:
        """Give a contribution back to its author, who is told why. Raises ``NotReleasing``, ``FieldInvalid``."""
        row = await self._in_house(contribution_id, member)
        if row.state is not ContributionState.HOUSE:
            raise NotReleasing
        row.reason = checked_message(reason)
        row.state, row.waiting_since = ContributionState.DRAFT, None
        await self.tell_author(row, "contribution.given_back")
        return await self._touched(row)

    async def end_releasing(self, organisation_id: UUID) -> int:
        """Pass on what waits for a house that no longer wants to release first; returns how many."""
        waiting = await self.repository.in_house(organisation_id)
        for found, _name in waiting:
            row = await self.repository.locked(found.id)
            if row is not None and row.state is ContributionState.HOUSE:
                row.state, row.waiting_since = ContributionState.WAITING, now()
                await self._touched(row)
        return len(waiting)

    async def tell_author(self, row: Contribution, kind: str) -> None:
        """Have the author told something, where they wrote from or else where they were seen last."""
        identity = row.identity_id
        member = None if identity else row.member_id
        data = {"contribution": str(row.id)}
        await tell(self._unit.session, kind, member_id=member, identity_id=identity, data=data)

    async def describe_coarsely(self, organisation_id: UUID) -> str | None:
        """Return a description that at least five of the register fit, in German; ``None`` where there is none."""
        house = await self.houses.get(organisation_id)
        if house is None or house.kind not in DESCRIBABLE or not house.population or house.state_key is None:
            return None
        if house.register_date is None or house.same_as_key is not None or house.dissolved_on is not None:
            return None
        cities = house.kind is OrganisationKind.MUNICIPALITY
        place, alike = size_place(house.population), await self.houses.alike(house.kind)
        group = group_of(house.state_key, place, alike, cities=cities)
        return describe(house, group) if group else None

    async def names_house(self, entry: ContributionEntry) -> Sequence[str]:
        """Return the labels of the fields in which an anonymised contribution still names its own organisation."""
        house = await self.houses.get(entry.organisation_id) if entry.organisation_id else None
        if house is None or entry.attribution is not Attribution.ANONYMOUS:
            return []
        name = read_name(house.name).bare
        texts = {field: f" {fold_search(str(value))}" for field, value in entry.fields.items()}
        return [label_of(field) for field, text in texts.items() if name and f" {name}" in text]

    async def _own(self, contribution_id: UUID, member_id: UUID) -> Contribution:
        """Return a member's own contribution, locked."""
        row = await self.repository.locked(contribution_id)
        if row is None or row.member_id != member_id:
            raise UnknownContribution
        return row

    async def _in_house(self, contribution_id: UUID, member: MemberEntry) -> Contribution:
        """Return what a member may release, locked. Raises ``NotReleasing``, ``OwnRelease``."""
        row = await self.repository.locked(contribution_id)
        if row is None or row.organisation_id is None:
            raise NotReleasing
        releasing = await self.houses.releasing(row.organisation_id)
        if member.id not in releasing:
            raise NotReleasing
        if row.member_id == member.id and len(releasing) > 1:
            raise OwnRelease
        return row

    async def _touched(self, row: Contribution) -> ContributionEntry:
        row.revision += 1
        row.updated_at = now()
        await self._unit.session.flush()
        return await self.find(row.id)

    async def _entries(self, rows: Sequence[tuple[Contribution, str | None]]) -> list[ContributionEntry]:
        messages = await self.repository.messages([row.id for row, _name in rows])
        entries = [entry_of(row, name, messages.get(row.id, ())) for row, name in rows]
        return [await self._with_house(entry) for entry in entries]

    async def _with_house(self, entry: ContributionEntry) -> ContributionEntry:
        if entry.state is not ContributionState.HOUSE or entry.organisation_id is None:
            return entry
        return entry.without_releasers() if not await self.houses.releasing(entry.organisation_id) else entry


def _merged(kept: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with what is given; a suggestion keeps its fields also where they are empty."""
    suggestion = SUGGESTION in kept
    values = {**kept, **checked(given, suggestion=suggestion)}
    if suggestion:
        return {name: value or "" for name, value in values.items()}
    return {name: value for name, value in values.items() if value is not None}
