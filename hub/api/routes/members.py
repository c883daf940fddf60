"""Members: one's own profile; and for moderators and administrators who takes part, inviting, roles, suspending."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from hub.api.dependencies import Caller, Reading, Requires, Writing
from hub.api.etags import IfMatch, IfNoneMatch, etag_of
from hub.api.paging import Page, Paged
from hub.api.problems import problems
from hub.api.schemas_members import Invitation, Member, MemberUpdate, NewInvitation, member_line_of, member_of
from hub.api.schemas_peers import OwnProfile, ProfileChange, profile_of
from hub.pages.administration_parts import LONGEST_FILTER, houses_of, typed_filter
from knowledge.access.rights import Right
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.members.directory.schemas import MemberChange, MemberDetails, MemberFilter, MemberState
from knowledge.members.directory.service import MemberDirectory
from knowledge.members.names import fold_person
from knowledge.members.service import MemberNotFound
from knowledge.models.member import Role
from knowledge.models.topic import Stance
from knowledge.peers.profile import ProfileService
from knowledge.tokens.scopes import TokenScope

router = APIRouter(tags=["Members"])

MayReadOwn = Annotated[Caller, Depends(Requires(Right.NETWORK_USE, TokenScope.PEERS_READ, member=True))]
MayWriteOwn = Annotated[Caller, Depends(Requires(Right.NETWORK_USE, TokenScope.PEERS_WRITE, member=True))]
MayRead = Annotated[Caller, Depends(Requires(Right.MEMBERS_INVITE, TokenScope.MEMBERS_READ, member=True))]
MayInvite = Annotated[Caller, Depends(Requires(Right.MEMBERS_INVITE, TokenScope.MEMBERS_WRITE, member=True))]
MayManage = Annotated[Caller, Depends(Requires(Right.MEMBERS_MANAGE, TokenScope.MEMBERS_WRITE, member=True))]
Filter = Annotated[str, Query(max_length=LONGEST_FILTER)]


# Oneself


@router.get("/members/me", summary="Read one's own profile")
async def read_own_profile(caller: MayReadOwn, session: Reading, seen: IfNoneMatch) -> OwnProfile:
    """Read who you are here, and what you say of yourself."""
    found = profile_of(caller.member, await ProfileService(UnitOfWork(session)).get(caller.member.id))
    return seen.answer(found, _etag(found))


@router.patch("/members/me", summary="Change one's own profile")
async def change_own_profile(body: ProfileChange, caller: MayWriteOwn, unit: Writing, expected: IfMatch) -> OwnProfile:
    """Change what you say of yourself: topics, languages, whether others find you, and when your digest comes.

    What is left out stays as it is. Name, role and organisation are changed by administrators.
    """
    service, member = ProfileService(unit), caller.member
    before = await service.get(member.id)
    expected.hold(_etag(profile_of(member, before)))
    for stance, topics in ((Stance.HELPS, body.helps), (Stance.SEEKS, body.seeks)):
        if topics is not None:
            await service.set_topics(member.id, stance, topics)
    if body.languages is not None:
        await service.set_languages(member.id, body.languages)
    if body.findable is not None:
        await service.set_findable(member.id, body.findable)
    if body.model_fields_set & {"digest_day", "digest_hour"}:
        day = body.digest_day if "digest_day" in body.model_fields_set else before.digest_day
        hour = before.digest_hour if body.digest_hour is None else body.digest_hour
        await service.set_digest(member.id, day, hour)
    changed = profile_of(member, await service.get(member.id))
    expected.changed(_etag(changed))
    return changed


def _etag(profile: OwnProfile) -> str:
    # Without the names of topics, which depend on the language of the request.
    topics = [[topic.id for topic in some] for some in (profile.helps, profile.seeks)]
    return etag_of(profile.model_dump(mode="json", exclude={"helps", "seeks"}), topics)


# Others


@router.get("/members", summary="List members", response_model=Page[Member])
async def list_members(  # noqa: PLR0913, PLR0917 - each is a parameter of the request
    caller: MayRead,
    session: Reading,
    paging: Paged,
    name: Filter = "",
    organisation: Annotated[str, Query(max_length=LONGEST_FILTER, description="A key, or part of a name.")] = "",
    role: Annotated[Role | None, Query()] = None,
    state: Annotated[MemberState | None, Query(description="Without it, all who have not left.")] = None,
) -> Page[Member]:
    """List members by name, for moderators and administrators; moderators of some organisations see theirs alone."""
    wanted = MemberFilter(
        text=fold_person(typed_filter(name)),
        organisation=typed_filter(organisation),
        role=role,
        state=state,
        houses=houses_of(caller.visitor),
    )
    found = await MemberDirectory(session).listed(wanted, offset=paging.offset, limit=paging.fetch)
    return paging.page([member_line_of(line) for line in found])


@router.post("/members/invitations", status_code=201, summary="Invite somebody", responses=problems(404, 409))
async def invite_member(body: NewInvitation, caller: MayInvite, unit: Writing) -> Invitation:
    """Make a code by which somebody joins: they write `/beitreten CODE` to the bot.

    Moderators invite members only, and only into organisations that they look after (403). The code is told this once,
    so there is no `Idempotency-Key`: sent twice, there are two codes. 404 for an organisation that there is not.
    """
    issued = await MemberDirectory(unit.session).invite(
        body.role, organisation=body.organisation or "", name=body.name, days=body.days, by=caller.visitor
    )
    return Invitation(id=issued.id, code=issued.code, expires_at=issued.expires_at)


@router.get("/members/{member_id}", summary="Read a member", responses=problems(404))
async def read_member(member_id: UUID, caller: MayRead, session: Reading, seen: IfNoneMatch) -> Member:
    """Read one member, for moderators and administrators."""
    details = await _looked_after(MemberDirectory(session), member_id, caller)
    found = member_of(details)
    return seen.answer(found, etag_of(found.model_dump(mode="json")))


@router.put("/members/{member_id}", summary="Change a member", responses=problems(404, 409))
async def change_member(
    member_id: UUID, body: MemberUpdate, caller: MayManage, unit: Writing, expected: IfMatch
) -> Member:
    """Change who a member is and what they may do, for administrators.

    409: nobody changes their own rights, there is always an administrator left, and who left stays as they were.
    """
    directory = MemberDirectory(unit.session)
    before = await directory.details(member_id)
    expected.hold(etag_of(member_of(before).model_dump(mode="json")))
    change = MemberChange(
        name=body.name,
        organisation=body.organisation or "",
        role=body.role,
        releases=body.releases,
        organisations=tuple(body.organisations),
        topics=tuple(body.topics),
    )
    await directory.change(member_id, change, by=caller.visitor, revision=before.revision)
    changed = member_of(await directory.details(member_id))
    expected.changed(etag_of(changed.model_dump(mode="json")))
    return changed


@router.put("/members/{member_id}/suspension", summary="Suspend a member", responses=problems(404, 409))
async def suspend_member(member_id: UUID, caller: MayManage, unit: Writing) -> Member:
    """Keep a member from signing in and from whatever is not public, until it is lifted. Twice is once.

    409 for yourself, for the last administrator, and for who left.
    """
    directory = MemberDirectory(unit.session)
    await directory.suspend(member_id, by=caller.visitor)
    return member_of(await directory.details(member_id))


@router.delete("/members/{member_id}/suspension", summary="Lift a suspension", responses=problems(404, 409))
async def lift_suspension(member_id: UUID, caller: MayManage, unit: Writing) -> Member:
    """Let a suspended member take part again. Twice is once. 409 for yourself, and for who left."""
    directory = MemberDirectory(unit.session)
    await directory.lift(member_id, by=caller.visitor)
    return member_of(await directory.details(member_id))


async def _looked_after(directory: MemberDirectory, member_id: UUID, caller: Caller) -> MemberDetails:
    """Return a member whom the caller looks after. Raises ``MemberNotFound``."""
    details, houses = await directory.details(member_id), houses_of(caller.visitor)
    if houses is not None and details.line.organisation_id not in houses:
        raise MemberNotFound(_("There is no such member."))
    return details
