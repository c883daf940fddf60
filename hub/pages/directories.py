"""The directories with which organisations let their people sign in: entered, checked and switched here."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from hub.dependencies import MayManageOrganisations, Reading, Services, Writing
from hub.messages import redirect
from hub.pages.administration_parts import taken_back
from hub.rendering import render
from hub.services import HubServices
from knowledge.access.rights import Visitor
from knowledge.directories.checking import check_connection
from knowledge.directories.errors import ProviderUnfit
from knowledge.directories.providers import Providers
from knowledge.directories.schemas import Checked, ProviderEntry, ProviderWish
from knowledge.directories.signing_in import RETURN_PATH, SIGNED_OUT_PATH
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work

router = APIRouter(prefix="/verzeichnisse")
LIST = "/verzeichnisse"


@dataclass(frozen=True, slots=True)
class DirectoriesPage:
    """All directories."""

    providers: Sequence[ProviderEntry]


@dataclass(frozen=True, slots=True)
class DirectoryPage:
    """One directory, or the form for a new one (``provider`` is ``None``); ``checked`` is what a look at it found.

    ``way_back`` and ``signed_out`` are the addresses of ours that have to be entered at the directory.
    """

    provider: ProviderEntry | None
    values: ProviderWish
    way_back: str
    signed_out: str
    errors: dict[str, str]
    checked: Sequence[Checked] = ()


@dataclass(frozen=True, slots=True)
class RemovePage:
    """Whether a directory is really to be removed."""

    provider: ProviderEntry


class DirectoryForm(BaseModel):
    """A directory as it is typed."""

    organisation: str = Field("", max_length=100)
    name: str = Field("", max_length=500)
    issuer: str = Field("", max_length=2000)
    client_id: str = Field("", max_length=1000)
    client_secret: str = Field("", max_length=2000)
    admits: str = ""
    mail_domains: str = Field("", max_length=5000)
    claim: str = Field("", max_length=1000)
    claim_value: str = Field("", max_length=1000)
    counts_second_factor: str = ""
    acr_values: str = Field("", max_length=5000)

    @property
    def wish(self) -> ProviderWish:
        """What was typed."""
        ticked = {"admits": bool(self.admits), "counts_second_factor": bool(self.counts_second_factor)}
        return ProviderWish(**{**self.model_dump(), **ticked})


@router.get("")
async def list_directories(
    request: Request, _visitor: MayManageOrganisations, services: Services, session: Reading
) -> HTMLResponse:
    """Show all directories."""
    found = await Providers(session, services.access_key).list()
    return await render(request, "directories/list.html", DirectoriesPage(found))


@router.get("/neu")
async def new_directory(request: Request, _visitor: MayManageOrganisations, services: Services) -> HTMLResponse:
    """Show the form for a directory."""
    return await _form(request, services, ProviderWish())


@router.post("/neu")
async def add_directory(
    request: Request,
    visitor: MayManageOrganisations,
    services: Services,
    unit: Writing,
    form: Annotated[DirectoryForm, Form()],
) -> Response:
    """Add a directory."""
    try:
        async with taken_back(unit):
            added = await Providers(unit.session, services.access_key).add(form.wish, by=visitor.member_id)
    except ProviderUnfit as error:
        return await _form(request, services, form.wish, error=error)
    return redirect(f"{LIST}/{added.id}", said="directories.added")


@router.get("/{provider_id:uuid}")
async def show_directory(
    request: Request, _visitor: MayManageOrganisations, services: Services, session: Reading, provider_id: UUID
) -> HTMLResponse:
    """Show one directory."""
    provider = await Providers(session, services.access_key).get(provider_id)
    return await _form(request, services, _wish(provider), provider)


@router.post("/{provider_id:uuid}")
async def change_directory(  # noqa: PLR0913, PLR0917 - asked for by type
    request: Request,
    visitor: MayManageOrganisations,
    services: Services,
    unit: Writing,
    provider_id: UUID,
    form: Annotated[DirectoryForm, Form()],
) -> Response:
    """Change a directory."""
    providers = Providers(unit.session, services.access_key)
    try:
        async with taken_back(unit):
            await providers.change(provider_id, form.wish, by=visitor.member_id)
    except ProviderUnfit as error:
        return await _form(request, services, form.wish, await providers.get(provider_id), error=error)
    return redirect(f"{LIST}/{provider_id}", said="directories.changed")


@router.post("/{provider_id:uuid}/pruefen")
async def check_directory(
    request: Request, _visitor: MayManageOrganisations, services: Services, provider_id: UUID
) -> HTMLResponse:
    """See whether the connection works; nobody is signed in for that."""
    async with unit_of_work(services.database, writes=False) as unit:
        providers = Providers(unit.session, services.access_key)
        provider = await providers.get(provider_id)
        try:
            connection = await providers.connection(provider_id, enabled=False)
        except ProviderUnfit as error:
            return await _form(request, services, _wish(provider), provider, error=error)
    checked = await check_connection(services.directories, connection, _way_back(services))
    return await _form(request, services, _wish(provider), provider, checked=checked)


@router.post("/{provider_id:uuid}/an")
async def switch_on(visitor: MayManageOrganisations, services: Services, unit: Writing, provider_id: UUID) -> Response:
    """Let people sign in with a directory."""
    return await _switch(visitor, services, unit, provider_id, on=True)


@router.post("/{provider_id:uuid}/aus")
async def switch_off(visitor: MayManageOrganisations, services: Services, unit: Writing, provider_id: UUID) -> Response:
    """Let nobody sign in with a directory any more; who is signed in stays so."""
    return await _switch(visitor, services, unit, provider_id, on=False)


@router.get("/{provider_id:uuid}/entfernen")
async def removal(
    request: Request, _visitor: MayManageOrganisations, services: Services, session: Reading, provider_id: UUID
) -> HTMLResponse:
    """Ask whether a directory is really to be removed."""
    provider = await Providers(session, services.access_key).get(provider_id)
    return await render(request, "directories/remove.html", RemovePage(provider))


@router.post("/{provider_id:uuid}/entfernen")
async def remove_directory(
    visitor: MayManageOrganisations, services: Services, unit: Writing, provider_id: UUID
) -> Response:
    """Remove a directory."""
    await Providers(unit.session, services.access_key).remove(provider_id, by=visitor.member_id)
    return redirect(LIST, said="directories.removed")


async def _switch(
    visitor: Visitor, services: HubServices, unit: UnitOfWork, provider_id: UUID, *, on: bool
) -> Response:
    await Providers(unit.session, services.access_key).switch(provider_id, on=on, by=visitor.member_id)
    return redirect(f"{LIST}/{provider_id}", said="directories.on" if on else "directories.off")


async def _form(  # noqa: PLR0913 - what was typed, and what came of it, each by its name
    request: Request,
    services: HubServices,
    values: ProviderWish,
    provider: ProviderEntry | None = None,
    *,
    error: ProviderUnfit | None = None,
    checked: Sequence[Checked] = (),
) -> HTMLResponse:
    errors = {error.field: error.message} if error else {}
    page = DirectoryPage(provider, values, _way_back(services), _signed_out(services), errors, checked)
    return await render(request, "directories/directory.html", page, status=error.status if error else 200)


def _wish(provider: ProviderEntry) -> ProviderWish:
    """Return what a form shows of a directory; never its secret."""
    known = {name: value for name, value in asdict(provider).items() if name in ProviderWish.__dataclass_fields__}
    words = {"mail_domains": ", ".join(provider.mail_domains), "acr_values": ", ".join(provider.acr_values)}
    return ProviderWish(**{**known, **words, "organisation": provider.organisation_key})


def _signed_out(services: HubServices) -> str:
    return services.settings.hub.address + SIGNED_OUT_PATH


def _way_back(services: HubServices) -> str:
    return services.settings.hub.address + RETURN_PATH
