"""Circles: which there are, and for whoever looks after one, its settings and the code that links a group."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from hub.api.dependencies import Caller, Reading, Requires, Services, Writing
from hub.api.etags import IfMatch, IfNoneMatch, etag_of
from hub.api.paging import Page, Paged
from hub.api.problems import problems
from hub.api.schemas_circles import Circle, CircleUpdate, GroupCode, NewCircle, circle_of, group_code_of
from hub.services import HubServices
from knowledge.access.rights import Right
from knowledge.circles.administration import (
    CircleAdministration,
    CircleChange,
    circle_revision,
    what_it_finds,
)
from knowledge.circles.repository import CircleRepository
from knowledge.circles.schemas import CircleStatus
from knowledge.circles.service import CircleNotFound
from knowledge.kit.language import _
from knowledge.tokens.scopes import TokenScope

router = APIRouter(tags=["Circles"])

MayRead = Annotated[Caller, Depends(Requires(Right.NETWORK_USE, TokenScope.CIRCLES_READ))]
MayManage = Annotated[Caller, Depends(Requires(Right.CIRCLES_MANAGE, TokenScope.CIRCLES_WRITE, member=True))]


@router.get("/circles", summary="List circles", response_model=Page[Circle])
async def list_circles(caller: MayRead, session: Reading, paging: Paged) -> Page[Circle]:  # noqa: ARG001 - the right
    """List the circles by name: those that a contribution can be for."""
    names = await CircleRepository(session).names()
    ordered = sorted(names.items(), key=lambda pair: (pair[1].casefold(), pair[0]))
    return paging.page([Circle(id=key, name=name) for key, name in paging.slice(ordered)])


@router.get("/circles/{circle_id}", summary="Read a circle", responses=problems(404))
async def read_circle(
    circle_id: UUID, caller: MayRead, session: Reading, services: Services, seen: IfNoneMatch
) -> Circle:
    """Read one circle; whoever looks after it reads its settings, too."""
    if caller.may(Right.CIRCLES_MANAGE):
        service = CircleAdministration(session, caller.visitor)
        try:
            found = await _shown(service, await service.get(circle_id), services)
        except CircleNotFound:
            found = await _named(CircleRepository(session), circle_id)
    else:
        found = await _named(CircleRepository(session), circle_id)
    return seen.answer(found, _etag(found))


@router.post("/circles", status_code=201, summary="Add a circle", responses=problems(409))
async def add_circle(body: NewCircle, caller: MayManage, unit: Writing, services: Services) -> GroupCode:
    """Add a circle, with the code that links a group to it.

    The code is told this once, so there is no `Idempotency-Key`; a second circle of the same name is refused (409).
    Moderators of some topics give it one of theirs (422).
    """
    service = CircleAdministration(unit.session, caller.visitor)
    circle, issued = await service.add(body.name, ", ".join(body.topics))
    return group_code_of(await _shown(service, await service.get(circle.id), services), issued)


@router.put("/circles/{circle_id}/settings", summary="Change a circle's settings", responses=problems(404, 409))
async def change_circle(  # noqa: PLR0913, PLR0917 - each is asked for by type
    circle_id: UUID, body: CircleUpdate, caller: MayManage, unit: Writing, services: Services, expected: IfMatch
) -> Circle:
    """Set how a circle is; `If-Match` takes the ETag of the circle."""
    service = CircleAdministration(unit.session, caller.visitor)
    before = await service.get(circle_id)
    expected.hold(_etag(await _shown(service, before, services)))
    change = CircleChange(
        language=body.language or "",
        topics=", ".join(body.topics),
        recognises=body.recognises,
        paused=body.paused,
        digest_day=body.digest_day,
        digest_hour=body.digest_hour,
    )
    after = await service.change(circle_id, change, revision=circle_revision(before))
    changed = await _shown(service, after, services)
    expected.changed(_etag(changed))
    return changed


@router.post("/circles/{circle_id}/code", status_code=201, summary="Make a code for a group", responses=problems(404))
async def make_circle_code(circle_id: UUID, caller: MayManage, unit: Writing, services: Services) -> GroupCode:
    """Make a code that links a group to a circle; the one before stops working. It is told this once."""
    service = CircleAdministration(unit.session, caller.visitor)
    circle, issued = await service.code(circle_id)
    return group_code_of(await _shown(service, circle, services), issued)


@router.put("/circles/{circle_id}/vouching", summary="Vouch for a circle's group", responses=problems(404, 409))
async def vouch_for_circle(circle_id: UUID, caller: MayManage, unit: Writing, services: Services) -> Circle:
    """Vouch that all of a circle's group belong to the network: then they find what is the network's.

    409 where no group is linked.
    """
    service = CircleAdministration(unit.session, caller.visitor)
    await service.vouch(circle_id, on=True)
    return await _shown(service, await service.get(circle_id), services)


@router.delete("/circles/{circle_id}/vouching", summary="Vouch for a circle's group no longer", responses=problems(404))
async def stop_vouching(circle_id: UUID, caller: MayManage, unit: Writing, services: Services) -> Circle:
    """Vouch for a circle's group no longer: they find what is public and what is the circle's."""
    service = CircleAdministration(unit.session, caller.visitor)
    await service.vouch(circle_id, on=False)
    return await _shown(service, await service.get(circle_id), services)


async def _shown(service: CircleAdministration, circle: CircleStatus, services: HubServices) -> Circle:
    finds = what_it_finds(circle, services.settings.telegram.telegram_visibility)
    return circle_of(circle, finds=finds, unknown_topics=list(await service.unknown_topics(circle)))


async def _named(repository: CircleRepository, circle_id: UUID) -> Circle:
    """Return a circle as everybody sees it. Raises ``CircleNotFound``."""
    row = await repository.by_id(circle_id)
    if row is None:
        raise CircleNotFound(_("There is no such circle."))
    return Circle(id=row[0].id, name=row[0].name)


def _etag(circle: Circle) -> str:
    # What the group finds is in words, which depend on the language of the request.
    return etag_of(circle.model_dump(mode="json", exclude={"settings": {"finds"}}))
