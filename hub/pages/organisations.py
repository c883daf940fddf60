"""Organisations: the register, one organisation with what the network knows of it, and other bodies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from hub.dependencies import MayManageOrganisations, MayReadOrganisations, Reading, Writing
from hub.messages import redirect
from hub.pages.administration_parts import page_address, page_number, taken_back, typed_filter
from hub.rendering import render
from knowledge.access.rights import Right, Visitor
from knowledge.contributions.service import ContributionService
from knowledge.kit.errors import Conflict, InvalidInput
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.organisation import OrganisationKind
from knowledge.organisations.administration import OrganisationAdministration, OrganisationDetails, read_filter
from knowledge.organisations.labels import organisation_label
from knowledge.organisations.schemas import FoundOrganisation, NewOrganisation, RegisterFilter, RegisterPage
from knowledge.organisations.service import OrganisationService
from knowledge.organisations.states import STATES

router = APIRouter(prefix="/organisationen")
LIST = "/organisationen"


@dataclass(frozen=True, slots=True)
class OrganisationListPage:
    """A part of the register; ``similar`` holds what may be meant where nothing fits."""

    organisations: RegisterPage
    similar: Sequence[FoundOrganisation]
    filters: Mapping[str, str]
    address: str
    similar_address: str
    kinds: Sequence[tuple[str, str]]
    states: Sequence[tuple[str, str]]
    may_manage: bool


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """One organisation; ``domain`` and ``errors`` are what was typed and what is wrong with it."""

    details: OrganisationDetails
    may_manage: bool
    domain: str
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NewBodyPage:
    """The form for a body that is in no register."""

    values: Mapping[str, object]
    errors: Mapping[str, str]
    states: Sequence[tuple[str, str]]


class ListQuery(BaseModel):
    """What is looked for; what cannot be read counts for nothing."""

    q: str = ""
    art: str = ""
    land: str = ""
    aufgeloest: str = ""
    seite: str = ""
    aehnlich: str = ""

    @property
    def chosen(self) -> dict[str, str]:
        """The filters, as they go into addresses."""
        values = {"q": self.q, "art": self.art, "land": self.land, "aufgeloest": self.aufgeloest}
        return {name: typed_filter(value) for name, value in values.items()}


class BodyForm(BaseModel):
    """A body that is in no register."""

    name: str = ""
    key: str = ""
    state: str = ""


@router.get("")
async def list_organisations(
    request: Request, visitor: MayReadOrganisations, session: Reading, query: Annotated[ListQuery, Query()]
) -> HTMLResponse:
    """Show the register."""
    chosen = query.chosen
    kind = next((kind for kind in OrganisationKind if kind == chosen["art"]), None)
    land = chosen["land"] if chosen["land"] in STATES else None
    wanted = RegisterFilter(kind=kind, state_key=land, dissolved=bool(chosen["aufgeloest"]))
    service = OrganisationAdministration(session)
    found = await service.page(read_filter(chosen["q"], wanted), page_number(query.seite))
    page = OrganisationListPage(
        found,
        # On request alone: comparing with every name of the register takes a moment.
        await service.similar(chosen["q"]) if query.aehnlich and not found.lines else [],
        chosen,
        page_address(LIST, chosen),
        page_address(LIST, {"q": chosen["q"]}, number="aehnlich") + "1" if chosen["q"] else "",
        [(kind.value, organisation_label(kind, None)) for kind in OrganisationKind],
        _states(),
        visitor.may(Right.ORGANISATIONS_MANAGE),
    )
    return await render(request, "organisations/list.html", page)


@router.get("/neu")
async def new_body(request: Request, visitor: MayManageOrganisations) -> HTMLResponse:  # noqa: ARG001 - asked for
    """Show the form for a body that is in no register."""
    return await render(request, "organisations/new.html", NewBodyPage({}, {}, _states()))


@router.post("/neu")
async def add_body(
    request: Request, visitor: MayManageOrganisations, unit: Writing, form: Annotated[BodyForm, Form()]
) -> Response:
    """Add a body that is in no register."""
    body = NewOrganisation(name=form.name, key=form.key.strip() or None, state=form.state or None)
    try:
        async with taken_back(unit):
            added = await OrganisationAdministration(unit.session).add(body, by=visitor)
    except (InvalidInput, Conflict) as error:
        page = NewBodyPage(form.model_dump(), {"": error.message}, _states())
        return await render(request, "organisations/new.html", page, status=error.status)
    return redirect(f"{LIST}/{added.key}", said="organisations.added")


@router.get("/{key}")
async def show_organisation(
    request: Request, visitor: MayReadOrganisations, session: Reading, key: str
) -> HTMLResponse:
    """Show one organisation."""
    details = await OrganisationAdministration(session).details(key, visitor)
    page = OrganisationPage(details, visitor.may(Right.ORGANISATIONS_MANAGE), "", {})
    return await render(request, "organisations/organisation.html", page)


@router.post("/{key}/maildomain")
async def add_domain(
    request: Request,
    visitor: MayManageOrganisations,
    unit: Writing,
    key: str,
    domain: Annotated[str, Form()] = "",
) -> Response:
    """Register a mail domain."""
    service = OrganisationAdministration(unit.session)
    try:
        async with taken_back(unit):
            await service.add_domain(key, domain, by=visitor)
    except (InvalidInput, Conflict) as error:
        details = await service.details(key, visitor)
        page = OrganisationPage(details, may_manage=True, domain=domain, errors={"domain": error.message})
        return await render(request, "organisations/organisation.html", page, status=error.status)
    return redirect(f"{LIST}/{key}", said="organisations.domain_added")


@router.post("/{key}/maildomain/entfernen")
async def remove_domain(
    visitor: MayManageOrganisations, unit: Writing, key: str, domain: Annotated[str, Form()] = ""
) -> Response:
    """Forget a mail domain."""
    await OrganisationAdministration(unit.session).remove_domain(key, domain, by=visitor)
    return redirect(f"{LIST}/{key}", said="organisations.domain_removed")


@router.post("/{key}/freigabe")
async def require_release(visitor: MayManageOrganisations, unit: Writing, key: str) -> Response:
    """Have its own people release what it contributes."""
    return await _set_release_first(visitor, unit, key, on=True)


@router.post("/{key}/freigabe/aufheben")
async def drop_release(visitor: MayManageOrganisations, unit: Writing, key: str) -> Response:
    """Let what it contributes go to the moderators right away."""
    return await _set_release_first(visitor, unit, key, on=False)


async def _set_release_first(visitor: Visitor, unit: UnitOfWork, key: str, *, on: bool) -> Response:
    await OrganisationAdministration(unit.session).set_release_first(key, on=on, by=visitor)
    if not on:
        # What waited for the house would wait forever.
        organisation = await OrganisationService(unit.session).get_by_key(key)
        await ContributionService(unit).end_releasing(organisation.id)
    return redirect(f"{LIST}/{key}", said="organisations.changed")


def _states() -> list[tuple[str, str]]:
    return [(key, name) for key, (_abbreviation, name) in STATES.items()]
