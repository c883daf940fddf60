"""„Netzwerk": organisations and people to talk to about something, with the reason; people without their names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from hub.dependencies import MayUseNetwork, Services
from hub.pages.library_parts import read_id, read_text
from hub.pages.question_parts import TopicGroup, groups_of
from hub.rendering import render
from knowledge.access.rights import Visitor
from knowledge.kit.errors import AllmendeError, InvalidInput, Unavailable
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.models.member import Findable
from knowledge.organisations.schemas import FoundOrganisation, Match
from knowledge.organisations.service import OrganisationService, found_row
from knowledge.peers.profile import ProfileService, language_name
from knowledge.peers.requests.words import LONGEST
from knowledge.peers.schemas import PeerAsker, PeerFinds
from knowledge.peers.service import find_peers
from knowledge.topics.tree import TopicTree, load_tree

router = APIRouter()
PEERS, CONTACTS, PROFILE = "/netzwerk", "/kontakte", "/konto/profil"
MOST_FOUND = 10
LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class PeersPage:
    """Whom to talk to. ``finds`` is empty where nothing was looked for; ``house`` is what others are compared with.

    ``findable``: whether the visitor can be found by others; ``topic`` is what was chosen from the list.
    """

    tabs: Sequence[tuple[str, str, int | None]]
    address: str
    groups: Sequence[TopicGroup]
    words: str
    topic: str
    asked: bool
    finds: PeerFinds | None
    house: FoundOrganisation | None
    findable: bool
    problem: str
    language_name: Callable[[str], str] = language_name
    longest: int = LONGEST


@dataclass(frozen=True, slots=True)
class _Around:
    """What is there whatever somebody looks for."""

    tree: TopicTree
    house: FoundOrganisation | None
    findable: bool


@router.get(PEERS)
async def peers(request: Request, visitor: MayUseNetwork, services: Services) -> HTMLResponse:
    """Show whom to talk to; without words, organisations like one's own."""
    async with unit_of_work(services.database, writes=False) as unit:
        around = await _around(unit, visitor)
    words, topic = read_text(request.query_params, "q", longest=LONGEST_WORDS), _topic(request, around.tree)
    asker = PeerAsker(visitor.known.id, visitor.known.organisation_id, visitor.viewer)
    error: AllmendeError | None = None
    finds: PeerFinds | None = None
    text = _text(around.tree, words, topic)
    try:
        finds = await find_peers(services.answers, services.database, text, asker, limit=MOST_FOUND)
    except (InvalidInput, Unavailable) as raised:
        error = raised
    page = PeersPage(
        tabs=network_tabs(),
        address=PEERS,
        groups=groups_of(around.tree),
        words=words,
        topic=str(topic or ""),
        asked=bool(words or topic),
        finds=finds,
        house=around.house,
        findable=around.findable,
        problem=error.message if error else "",
    )
    return await render(request, "peers/peers.html", page, error=error)


async def _around(unit: UnitOfWork, visitor: Visitor) -> _Around:
    member = visitor.known
    profile = await ProfileService(unit).get(member.id)
    keys = [member.organisation_id] if member.organisation_id else []
    rows = await OrganisationService(unit.session).repository.find_by_ids(keys)
    house = found_row(rows[0], Match.KEY) if rows else None
    return _Around(await load_tree(unit.session), house, profile.findable is Findable.ON)


def _topic(request: Request, tree: TopicTree) -> UUID | None:
    """Return the topic that an address names, where there is one."""
    key = read_id(request.query_params.get("thema"))
    return key if key is not None and tree.get(key) is not None else None


def _text(tree: TopicTree, words: str, topic: UUID | None) -> str:
    """Return what is looked for: one's words, or else the topic from the list."""
    chosen = tree.get(topic) if topic else None
    return words or (chosen.name if chosen else "")


def network_tabs() -> list[tuple[str, str, int | None]]:
    """Return what there is about peers."""
    return [
        (_("Find peers"), PEERS, None),
        (_("Contacts"), CONTACTS, None),
        (_("My profile"), PROFILE, None),
    ]
