"""Organisations: the official register and other bodies, with what the network knows of them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from hub.api.dependencies import Caller, Creating, Reading, Requires, Writing
from hub.api.etags import IfMatch, IfNoneMatch, etag_of
from hub.api.paging import Page, Paged
from hub.api.problems import problems
from hub.api.schemas_organisations import (
    NewBody,
    Organisation,
    OrganisationChange,
    OrganisationFacts,
    facts_of,
    organisation_of,
)
from hub.pages.administration_parts import LONGEST_FILTER, typed_filter
from knowledge.access.rights import Right
from knowledge.contributions.service import ContributionService
from knowledge.models.organisation import OrganisationKind
from knowledge.organisations.administration import OrganisationAdministration, read_filter
from knowledge.organisations.bodies import LONGEST_KEY
from knowledge.organisations.schemas import NewOrganisation, RegisterFilter
from knowledge.organisations.service import OrganisationService
from knowledge.organisations.states import STATES
from knowledge.tokens.scopes import TokenScope

router = APIRouter(tags=["Organisations"])
LONGEST_DOMAIN = 253

MayRead = Annotated[Caller, Depends(Requires(Right.NETWORK_USE, TokenScope.ORGANISATIONS_READ))]
MayManage = Annotated[
    Caller, Depends(Requires(Right.ORGANISATIONS_MANAGE, TokenScope.ORGANISATIONS_WRITE, member=True))
]
Key = Annotated[
    str,
    Path(
        min_length=1,
        max_length=LONGEST_KEY,
        description="A Regionalschlüssel, a Gemeindeschlüssel (AGS) or a chosen word.",
        examples=["120615108000"],
    ),
]
Domain = Annotated[str, Path(min_length=1, max_length=LONGEST_DOMAIN, examples=["musterau.example"])]


@router.get("/organisations", summary="Look for organisations", response_model=Page[Organisation])
async def list_organisations(  # noqa: PLR0913, PLR0917 - each is a parameter of the request
    caller: MayRead,  # noqa: ARG001 - the right counts
    session: Reading,
    paging: Paged,
    q: Annotated[
        str,
        Query(
            max_length=LONGEST_FILTER,
            description="A name, words of one (umlauts may be missing), a key or the beginning of one.",
            examples=["Musterau"],
        ),
    ] = "",
    kind: Annotated[OrganisationKind | None, Query(description="One level of administration.")] = None,
    state: Annotated[
        str | None,
        Query(pattern=f"^({'|'.join(STATES)})$", description="A Land by its key.", examples=["12"]),
    ] = None,
    dissolved: Annotated[bool, Query(description="With those that exist no more.")] = False,
) -> Page[Organisation]:
    """Look for organisations in the register, by name.

    Without `kind`, no body is there twice: an independent city is listed as a municipality.
    """
    wanted = read_filter(typed_filter(q), RegisterFilter(kind=kind, state_key=state, dissolved=dissolved))
    found = await OrganisationAdministration(session).listed(wanted, offset=paging.offset, limit=paging.fetch)
    return paging.page([organisation_of(one) for one in found])


@router.post("/organisations", status_code=201, summary="Add a body", responses=problems(409))
async def add_organisation(body: NewBody, caller: MayManage, unit: Creating) -> OrganisationFacts:
    """Add a body that is in no register, such as a competence centre; for administrators.

    Municipalities come from the official register. 409 where the key is taken.
    """
    service = OrganisationAdministration(unit.session)
    wanted = NewOrganisation(name=body.name, key=body.key, state=body.state)
    added = await service.add(wanted, by=caller.visitor)
    return await _facts(service, added.key, caller)


@router.get("/organisations/{key}", summary="Read an organisation", responses=problems(404))
async def read_organisation(key: Key, caller: MayRead, session: Reading, seen: IfNoneMatch) -> OrganisationFacts:
    """Read one organisation, also one that exists no more."""
    found = await _facts(OrganisationAdministration(session), key, caller)
    return seen.answer(found, etag_of(found.model_dump(mode="json")))


@router.patch("/organisations/{key}", summary="Change an organisation", responses=problems(404, 409))
async def change_organisation(
    key: Key, body: OrganisationChange, caller: MayManage, unit: Writing, expected: IfMatch
) -> OrganisationFacts:
    """Decide whether an organisation's own people release what it contributes; for administrators.

    Where they do no longer, what waited for them goes to the moderators.
    """
    service = OrganisationAdministration(unit.session)
    before = await _facts(service, key, caller)
    expected.hold(etag_of(before.model_dump(mode="json")))
    await service.set_release_first(key, on=body.release_first, by=caller.visitor)
    if not body.release_first:
        organisation = await OrganisationService(unit.session).get_by_key(key)
        await ContributionService(unit).end_releasing(organisation.id)
    changed = await _facts(service, key, caller)
    expected.changed(etag_of(changed.model_dump(mode="json")))
    return changed


@router.put(
    "/organisations/{key}/mail-domains/{domain}", summary="Register a mail domain", responses=problems(404, 409)
)
async def add_mail_domain(key: Key, domain: Domain, caller: MayManage, unit: Writing) -> OrganisationFacts:
    """Register a domain at which an organisation's staff receive mail; for administrators.

    Whoever gets a code at such an address joins as a member of the organisation. 409 where it is another one's.
    """
    service = OrganisationAdministration(unit.session)
    await service.add_domain(key, domain, by=caller.visitor)
    return await _facts(service, key, caller)


@router.delete(
    "/organisations/{key}/mail-domains/{domain}",
    status_code=204,
    summary="Forget a mail domain",
    responses=problems(404, 409),
)
async def remove_mail_domain(key: Key, domain: Domain, caller: MayManage, unit: Writing) -> None:
    """Forget a mail domain of an organisation; for administrators. 404 where it is none of its."""
    await OrganisationAdministration(unit.session).remove_domain(key, domain, by=caller.visitor)


async def _facts(service: OrganisationAdministration, key: str, caller: Caller) -> OrganisationFacts:
    details = await service.details(key, caller.visitor)
    return facts_of(details, reads_all=caller.may(Right.ORGANISATIONS_READ))
