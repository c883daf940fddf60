"""Peers: whom to talk to about something, with the reason; and contact by double yes."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from hub.api.dependencies import Caller, Creating, Reading, Requires, Services, Writing
from hub.api.paging import Page, Paged
from hub.api.problems import problems
from hub.api.schemas_peers import (
    Block,
    Colleague,
    Contact,
    NewContact,
    PassedOn,
    Peers,
    block_of,
    colleague_of,
    contact_of,
    peers_of,
)
from hub.pages.contribution_parts import author_of
from knowledge.access.rights import Right
from knowledge.kit.cleaning import clean_line
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.peers.contacts import ContactService
from knowledge.peers.errors import UnknownRequest
from knowledge.peers.requests.words import check_words
from knowledge.peers.schemas import ContactEntry, Outlook, PeerAsker
from knowledge.peers.service import find_peers
from knowledge.questions.errors import FindingsUndecided
from knowledge.tokens.scopes import TokenScope
from knowledge.topics.tree import load_tree

router = APIRouter(tags=["Peers"])
LONGEST_WORDS, LONGEST_NAME, MOST_FOUND = 200, 200, 10

MayRead = Annotated[Caller, Depends(Requires(Right.NETWORK_USE, TokenScope.PEERS_READ, member=True))]
MayWrite = Annotated[Caller, Depends(Requires(Right.NETWORK_USE, TokenScope.PEERS_WRITE, member=True))]


class Direction(StrEnum):
    """Who asked."""

    MADE = "made"
    RECEIVED = "received"


@router.get("/peers", summary="Find peers")
async def find(
    caller: MayRead,
    services: Services,
    q: Annotated[
        str,
        Query(max_length=LONGEST_WORDS, description="What it is about, in your words.", examples=["Trinkbrunnen"]),
    ] = "",
    topic: Annotated[UUID | None, Query(description="Or a topic; it counts where there are no words.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_FOUND, description="How many of each at most.")] = MOST_FOUND,
) -> Peers:
    """Find organisations and people to talk to about something, best first, each with the reason.

    Organisations are found by experiences that they published, people by what they offered help with; both by how
    alike their organisation and yours are. Without words and topic: who is like your organisation. Nobody's name is
    told here: `POST /contacts` asks a person.
    """
    words = clean_line(q)
    if not words and topic is not None:
        words = await _name_of(services, topic)
    asker = PeerAsker(caller.member.id, caller.member.organisation_id, caller.viewer)
    return peers_of(await find_peers(services.answers, services.database, words, asker, limit=limit))


async def _name_of(services: Services, topic: UUID) -> str:
    """Return the name of a topic; of one that there is not, nothing."""
    async with unit_of_work(services.database, writes=False) as unit:
        found = (await load_tree(unit.session)).get(topic)
    return found.name if found else ""


@router.get("/contacts", summary="List contact requests", response_model=Page[Contact])
async def list_contacts(
    caller: MayRead,
    session: Reading,
    paging: Paged,
    direction: Annotated[
        Direction, Query(description="`made`: you asked. `received`: you were asked.")
    ] = Direction.RECEIVED,
) -> Page[Contact]:
    """List your contact requests, the newest first.

    Of one that you made, you learn only that it waits, that both said yes, or that it came to nothing.
    """
    service = ContactService(UnitOfWork(session))
    book = await service.of_member(caller.member.id)
    shown = paging.slice(book.mine if direction is Direction.MADE else book.to_me)
    return paging.page([await _contact(service, entry, caller) for entry in shown])


@router.get("/contacts/{contact_id}", summary="Read a contact request", responses=problems(404))
async def read_contact(contact_id: UUID, caller: MayRead, session: Reading) -> Contact:
    """Read a contact request that you made or received."""
    service = ContactService(UnitOfWork(session))
    return await _contact(service, await service.get(contact_id, caller.member.id), caller)


@router.post("/contacts", status_code=201, summary="Ask a person for contact", responses=problems(404, 409))
async def ask_for_contact(body: NewContact, caller: MayWrite, unit: Creating) -> Contact:
    """Ask a person for contact, with your own words.

    They read your words and the name of your organisation, and decide. Only if they say yes, both learn the other's
    name and address. Whether somebody declined, is away or wants no requests looks the same to you, also in time.

    404 for nobody that may be asked, 409 where you asked the same person lately, 429 where you asked very many.
    """
    words = check_words(body.text)
    if words.findings and not body.findings_may_stay:
        raise FindingsUndecided(words.findings)
    service = ContactService(unit)
    made = await service.ask(author_of(caller.visitor), body.to, body.text, body.topic)
    return contact_of(made, None)


@router.post("/contacts/{contact_id}/accept", summary="Say yes to a contact request", responses=problems(404, 409))
async def accept_contact(contact_id: UUID, caller: MayWrite, unit: Writing) -> Contact:
    """Say yes to a request that was made to you: names and addresses are exchanged.

    409 where it is decided, withdrawn or over.
    """
    service = ContactService(unit)
    await service.accept(contact_id, caller.member.id)
    return await _contact(service, await service.get(contact_id, caller.member.id), caller)


@router.post("/contacts/{contact_id}/decline", summary="Say no to a contact request", responses=problems(404, 409))
async def decline_contact(contact_id: UUID, caller: MayWrite, unit: Writing) -> Contact:
    """Say no to a request that was made to you, without a reason; whoever asked is told that it is not possible.

    409 where it is decided, withdrawn or over.
    """
    service = ContactService(unit)
    await service.decline(contact_id, caller.member.id)
    return await _contact(service, await service.get(contact_id, caller.member.id), caller)


@router.post("/contacts/{contact_id}/withdraw", summary="Take one's contact request back", responses=problems(404, 409))
async def withdraw_contact(contact_id: UUID, caller: MayWrite, unit: Writing) -> Contact:
    """Take a request back that you made. 409 where it is decided or over."""
    service = ContactService(unit)
    await service.withdraw(contact_id, caller.member.id)
    return await _contact(service, await service.get(contact_id, caller.member.id), caller)


async def _contact(service: ContactService, entry: ContactEntry, caller: Caller) -> Contact:
    """Return a request, with what was exchanged as long as the other side takes part."""
    if entry.outlook is not Outlook.EXCHANGED:
        return contact_of(entry, None)
    try:
        return contact_of(entry, await service.exchanged(entry.id, caller.member.id))
    except UnknownRequest:
        return contact_of(entry, None)


@router.get(
    "/contacts/{contact_id}/colleagues",
    summary="Find a colleague to pass a contact request on to",
    response_model=Page[Colleague],
    responses=problems(404, 409),
)
async def list_colleagues(
    contact_id: UUID,
    caller: MayWrite,
    session: Reading,
    paging: Paged,
    name: Annotated[
        str,
        Query(min_length=1, max_length=LONGEST_NAME, description="Their name, or part of it.", examples=["Beispiel"]),
    ],
) -> Page[Colleague]:
    """Find colleagues of your organisation by name whom a request that was made to you can be passed on to.

    Of a name that very many have, only those are told whose name it is exactly. 409 where the request is over.
    """
    found = await ContactService(UnitOfWork(session)).colleagues(contact_id, caller.member.id, clean_line(name))
    return paging.page([colleague_of(one) for one in paging.slice(found)])


@router.post("/contacts/{contact_id}/pass-on", summary="Pass a contact request on", responses=problems(404, 409))
async def pass_on_contact(contact_id: UUID, body: PassedOn, caller: MayWrite, unit: Writing) -> Contact:
    """Pass a request that was made to you on to a colleague, who is asked in turn; whoever asked is not told of it.

    404 also for nobody whom it can be passed on to, 409 where it is decided, withdrawn or over.
    """
    service = ContactService(unit)
    await service.pass_on(contact_id, caller.member.id, body.to)
    return await _contact(service, await service.get(contact_id, caller.member.id), caller)


@router.post("/contacts/{contact_id}/block", summary="Want no requests from somebody", responses=problems(404))
async def block_contact(contact_id: UUID, caller: MayWrite, unit: Writing) -> Contact:
    """Say no to a request that was made to you, and want none from whoever made it any more. Twice is once.

    They are not told: requests of theirs look sent and come to nothing.
    """
    service = ContactService(unit)
    await service.block(contact_id, caller.member.id)
    return await _contact(service, await service.get(contact_id, caller.member.id), caller)


@router.get("/blocks", summary="List whom one wants no requests from", response_model=Page[Block])
async def list_blocks(caller: MayRead, session: Reading, paging: Paged) -> Page[Block]:
    """List whom you have blocked, the newest first."""
    found = await ContactService(UnitOfWork(session)).blocked(caller.member.id)
    return paging.page([block_of(one) for one in paging.slice(found)])


@router.delete("/blocks/{block_key}", status_code=204, summary="Let somebody ask again")
async def unblock(block_key: UUID, caller: MayWrite, unit: Writing) -> None:
    """Take a block back. Where there is none of yours with this key, nothing happens."""
    await ContactService(unit).unblock(caller.member.id, block_key)
