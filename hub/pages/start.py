"""The first page: search, what waits for whoever looks, and what is new."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from hub.dependencies import Anybody, Reading, Services
from hub.pages.library_parts import kind_name
from hub.pages.question_parts import QUESTIONS, questions_in, reader_of, short
from hub.rendering import new_form_key, render
from hub.services import HubServices
from knowledge.access.rights import Right, Visitor
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.library.browsing.service import newest_documents
from knowledge.library.overview import DocumentLine
from knowledge.models.document import Kind
from knowledge.models.training import RegistrationState
from knowledge.peers.contacts import ContactService
from knowledge.peers.schemas import Outlook
from knowledge.questions.schemas import OpenQuestionEntry, Stage
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.schemas import TrainingEntry

router = APIRouter()
NEWEST, OWN, MOST_WAITING = 10, 5, 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for the visitor, in words, and where it is."""

    text: str
    path: str


@dataclass(frozen=True, slots=True)
class StartPage:
    """What waits for the visitor, the newest documents that they may find, and those of their own organisation."""

    waiting: Sequence[Waiting]
    newest: Sequence[DocumentLine]
    own: Sequence[DocumentLine]
    house: str
    # Goes with the question alone, not with a search, whose address can be passed on.
    form_key: str
    kind_name: Callable[[Kind], str]


@router.get("/")
async def start(request: Request, visitor: Anybody, session: Reading, services: Services) -> HTMLResponse:
    """Show search, what waits, and the newest documents."""
    newest = await newest_documents(session, visitor.viewer, limit=NEWEST)
    house = visitor.member.organisation_id if visitor.member else None
    own = await newest_documents(session, visitor.viewer, limit=OWN, organisation_id=house) if house is not None else []
    name = (visitor.member.organisation_name if visitor.member else None) or ""
    waiting = await waiting_for(session, services, visitor) if visitor.may(Right.NETWORK_USE) else []
    return await render(request, "start.html", StartPage(waiting, newest, own, name, new_form_key(), kind_name))


async def waiting_for(session: AsyncSession, services: HubServices, visitor: Visitor) -> list[Waiting]:
    """Return what in the network waits for a member: answers to their questions, requests, questions asked of them."""
    unit, member = UnitOfWork(session), visitor.known.id
    questions, reader = questions_in(unit, services), reader_of(visitor)
    mine = await questions.of_member(member, viewer=visitor.viewer)
    answered = [entry for entry in mine if entry.mine and entry.status and entry.status.stage is Stage.HAS_ANSWERS]
    asked = await questions.asked_of(reader)
    book = await ContactService(unit).of_member(member)
    requests = [entry for entry in book.to_me if entry.outlook is Outlook.WAITING]
    offered = [one for one in await RegistrationService(unit).of_member(member) if _is_offered(one)]
    return [
        *(
            Waiting(_("A place is free for you: {title}").format(title=one.title), f"/schulungen/{one.id}")
            for one in offered
        ),
        *(_waiting(_("Answers to your question: {text}"), entry) for entry in answered[:MOST_WAITING]),
        *(Waiting(_("Somebody would like to talk to you"), f"/kontakte#anfrage-{entry.id}") for entry in requests),
        *(_waiting(_("You were asked: {text}"), entry) for entry in asked[:MOST_WAITING]),
    ]


def _is_offered(entry: TrainingEntry) -> bool:
    return entry.registration is not None and entry.registration.state is RegistrationState.OFFERED


def _waiting(words: str, entry: OpenQuestionEntry) -> Waiting:
    return Waiting(words.format(text=short(entry.text)), f"{QUESTIONS}/{entry.id}")
