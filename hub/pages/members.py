"""Members: who takes part; inviting them, what they may do, suspending and helping them back in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from hub.dependencies import MayInvite, MayManageMembers, Reading, Services, Writing
from hub.messages import redirect
from hub.pages.administration_parts import (
    CodePage,
    houses_of,
    page_address,
    page_number,
    role_name,
    start_links,
    state_name,
    taken_back,
    typed_filter,
)
from hub.rendering import render
from knowledge.access.rights import Visitor
from knowledge.kit.errors import Conflict, InvalidInput, NotFound
from knowledge.kit.language import _
from knowledge.members.directory.schemas import MemberChange, MemberDetails, MemberFilter, MemberPage, MemberState
from knowledge.members.directory.service import MemberDirectory
from knowledge.members.names import fold_person
from knowledge.members.service import MemberNotFound
from knowledge.models.member import Role

router = APIRouter(prefix="/mitglieder")
LIST = "/mitglieder"
DAYS = 14


@dataclass(frozen=True, slots=True)
class MemberListPage:
    """The members that match, some at a time; ``in_scope_only`` says that others are left out."""

    members: MemberPage
    filters: Mapping[str, str]
    address: str
    roles: Sequence[tuple[str, str]]
    states: Sequence[tuple[str, str]]
    role_names: Mapping[Role, str]
    state_names: Mapping[MemberState, str]
    in_scope_only: bool


@dataclass(frozen=True, slots=True)
class MemberFormPage:
    """A member, and what can be changed; ``values`` is what the form shows, ``errors`` what is wrong with it."""

    member: MemberDetails
    role_names: Mapping[Role, str]
    state: str
    networks: str
    may_change: bool
    is_self: bool
    values: Mapping[str, object]
    errors: Mapping[str, str]
    roles: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class InvitePage:
    """The form by which somebody is invited."""

    values: Mapping[str, object]
    errors: Mapping[str, str]
    roles: Sequence[tuple[str, str]]


class NotConfirmed(InvalidInput):
    """What cannot be undone was not confirmed."""

    code = "members.not_confirmed"

    def __init__(self) -> None:
        super().__init__(_("Please go back and confirm that the member has left."))


class InviteForm(BaseModel):
    """Whom to invite."""

    name: str = ""
    organisation: str = ""
    role: Role = Role.MEMBER
    days: int = DAYS


class MemberForm(BaseModel):
    """What a member is to be."""

    name: str = ""
    organisation: str = ""
    role: Role
    releases: bool = False
    organisations: str = ""
    topics: str = ""
    revision: str = ""


class ListQuery(BaseModel):
    """What is looked for in the list; what cannot be read counts for nothing."""

    name: str = ""
    organisation: str = ""
    rolle: str = ""
    stand: str = ""
    seite: str = ""

    @property
    def chosen(self) -> dict[str, str]:
        """The filters, as they go into addresses."""
        values = {"name": self.name, "organisation": self.organisation, "rolle": self.rolle, "stand": self.stand}
        return {name: typed_filter(value) for name, value in values.items()}


@router.get("")
async def list_members(
    request: Request, visitor: MayInvite, session: Reading, query: Annotated[ListQuery, Query()]
) -> HTMLResponse:
    """Show the members, as far as the visitor looks after them."""
    chosen, houses = query.chosen, houses_of(visitor)
    wanted = MemberFilter(
        text=fold_person(chosen["name"]),
        organisation=chosen["organisation"],
        role=next((role for role in Role if role == chosen["rolle"]), None),
        state=next((state for state in MemberState if state == chosen["stand"]), None),
        houses=houses,
    )
    found = await MemberDirectory(session).page(wanted, page_number(query.seite))
    page = MemberListPage(
        found,
        chosen,
        page_address(LIST, chosen),
        _roles(),
        [(state.value, state_name(state)) for state in MemberState],
        {role: role_name(role) for role in Role},
        {state: state_name(state) for state in MemberState},
        in_scope_only=houses is not None,
    )
    return await render(request, "members/list.html", page)


@router.get("/einladen")
async def invite_form(request: Request, visitor: MayInvite) -> HTMLResponse:
    """Show the form by which somebody is invited."""
    values = {"organisation": visitor.known.organisation_key or "", "role": Role.MEMBER, "days": DAYS, "name": ""}
    return await render(request, "members/invite.html", InvitePage(values, {}, _invitable(visitor)))


@router.post("/einladen")
async def invite(
    request: Request, visitor: MayInvite, unit: Writing, services: Services, form: Annotated[InviteForm, Form()]
) -> HTMLResponse:
    """Make a code by which somebody joins, and show it once."""
    try:
        async with taken_back(unit):
            name, organisation = form.name.strip() or None, form.organisation.strip()
            directory = MemberDirectory(unit.session)
            issued = await directory.invite(form.role, organisation=organisation, name=name, days=form.days, by=visitor)
    except (InvalidInput, Conflict, NotFound) as error:
        page = InvitePage(form.model_dump(), {_field_of(error): error.message}, _invitable(visitor))
        return await render(request, "members/invite.html", page, status=422)
    words = [
        _("You are invited to Allmende, where municipalities share what they have learned."),
        _("Please write to the bot in a direct chat: /beitreten {code}").format(code=issued.code),
    ]
    links = await start_links(unit.session, services.settings, issued.code)
    page_shown = CodePage(_("The invitation"), issued.code, words, links, issued.expires_at, LIST)
    return await render(request, "members/code.html", page_shown)


@router.get("/{member_id}")
async def show_member(request: Request, visitor: MayInvite, session: Reading, member_id: UUID) -> HTMLResponse:
    """Show a member whom the visitor looks after."""
    details = await MemberDirectory(session).details(member_id)
    houses = houses_of(visitor)
    if houses is not None and details.line.organisation_id not in houses:
        raise MemberNotFound(_("There is no such member."))
    return await render(request, "members/member.html", _form_page(visitor, details, _values(details), {}))


@router.post("/{member_id}")
async def change_member(
    request: Request, visitor: MayManageMembers, unit: Writing, member_id: UUID, form: Annotated[MemberForm, Form()]
) -> Response:
    """Change who a member is and what they may do."""
    change = MemberChange(
        name=form.name,
        organisation=form.organisation,
        role=form.role,
        releases=form.releases,
        organisations=tuple(form.organisations.replace(",", " ").split()),
        topics=tuple(form.topics.split(",")),
    )
    directory = MemberDirectory(unit.session)
    try:
        async with taken_back(unit):
            await directory.change(member_id, change, by=visitor, revision=form.revision)
    except MemberNotFound:
        raise
    except (InvalidInput, Conflict, NotFound) as error:
        details = await directory.details(member_id)
        page = _form_page(visitor, details, form.model_dump(), {_field_of(error): error.message})
        return await render(request, "members/member.html", page, status=409 if isinstance(error, Conflict) else 422)
    return redirect(_address(member_id), said="members.changed")


@router.post("/{member_id}/sperren")
async def suspend(visitor: MayManageMembers, unit: Writing, member_id: UUID) -> Response:
    """Suspend a member."""
    await MemberDirectory(unit.session).suspend(member_id, by=visitor)
    return redirect(_address(member_id), said="members.suspended")


@router.post("/{member_id}/entsperren")
async def lift(visitor: MayManageMembers, unit: Writing, member_id: UUID) -> Response:
    """Let a suspended member take part again."""
    await MemberDirectory(unit.session).lift(member_id, by=visitor)
    return redirect(_address(member_id), said="members.lifted")


@router.post("/{member_id}/austritt")
async def leave(
    visitor: MayManageMembers, unit: Writing, member_id: UUID, sure: Annotated[bool, Form()] = False
) -> Response:
    """Note that a member has left, which cannot be undone."""
    if not sure:
        raise NotConfirmed
    await MemberDirectory(unit.session).leave(member_id, by=visitor)
    return redirect(_address(member_id), said="members.left")


@router.post("/{member_id}/kontocode")
async def link_code(
    request: Request, visitor: MayManageMembers, unit: Writing, services: Services, member_id: UUID
) -> HTMLResponse:
    """Make a code that joins a chat account to a member, and show it once."""
    issued = await MemberDirectory(unit.session).link_code(member_id, days=DAYS, by=visitor)
    words = [_("Please write to the bot in a direct chat: /beitreten {code}").format(code=issued.code)]
    links = await start_links(unit.session, services.settings, issued.code)
    back = _address(member_id)
    page = CodePage(_("The code for a chat account"), issued.code, words, links, issued.expires_at, back)
    return await render(request, "members/code.html", page)


@router.post("/{member_id}/zugang")
async def recover(
    request: Request, visitor: MayManageMembers, unit: Writing, services: Services, member_id: UUID
) -> HTMLResponse:
    """Make a one-time link for somebody who lost password or second factor, and show it once."""
    issued = await MemberDirectory(unit.session).recovery_link(member_id, by=visitor)
    link = services.settings.hub.address + issued.path
    words = [_("With this link you get into the hub once, and set a new password and second factor there.")]
    page = CodePage(_("The link for getting in again"), link, words, [], issued.expires_at, _address(member_id))
    return await render(request, "members/code.html", page)


def _form_page(
    visitor: Visitor, details: MemberDetails, values: Mapping[str, object], errors: Mapping[str, str]
) -> MemberFormPage:
    is_self = visitor.member_id == details.line.id
    is_administrator = visitor.known.role is Role.ADMINISTRATOR
    return MemberFormPage(
        member=details,
        role_names={role: role_name(role) for role in Role},
        state=state_name(details.line.state),
        networks=", ".join(network.value.title() for network in details.networks),
        may_change=is_administrator and not is_self and details.line.state is not MemberState.LEFT,
        is_self=is_self,
        values=values,
        errors=errors,
        roles=_roles(),
    )


def _values(details: MemberDetails) -> dict[str, object]:
    line = details.line
    return {
        "name": line.name,
        "organisation": line.organisation_key or "",
        "role": line.role,
        "releases": line.releases,
        "organisations": ", ".join(details.organisations),
        "topics": ", ".join(details.topics),
    }


def _roles() -> list[tuple[str, str]]:
    return [(role.value, role_name(role)) for role in Role]


def _invitable(visitor: Visitor) -> list[tuple[str, str]]:
    return _roles() if visitor.known.role is Role.ADMINISTRATOR else [(Role.MEMBER.value, role_name(Role.MEMBER))]


def _field_of(error: Exception) -> str:
    """Return the field that an error is about, where that can be told."""
    code = getattr(error, "code", "")
    return "organisation" if str(code).startswith("organisations.") else ""


def _address(member_id: UUID) -> str:
    return f"{LIST}/{member_id}"
