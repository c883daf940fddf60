"""„Schulungen": what is coming, by topic, when and where; for everybody, as far as each may find it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from hub.dependencies import Anybody, Reading
from hub.pages.library_parts import read_id
from hub.pages.question_parts import TopicGroup, groups_of
from hub.pages.training_parts import TRAININGS, Tab, TrainingView, reader_of, tabs_for, view_of
from hub.rendering import render
from knowledge.access.rights import Visitor
from knowledge.kit.clock import now
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.organisations.service import OrganisationService
from knowledge.organisations.states import STATES
from knowledge.topics.tree import TopicTree, load_tree
from knowledge.trainings.schemas import TrainingWishes
from knowledge.trainings.service import TrainingService

router = APIRouter()
PER_PAGE = 20
TOPIC, WHEN, WHERE, AFTER = "thema", "wann", "wo", "nach"
# What „where" may say beside the key of a Land.
ONLINE, ON_SITE, DISTRICT = "online", "vor-ort", "kreis"
# Within how many days.
DAYS = (7, 30, 90)

Cursor = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class TrainingsPage:
    """What is coming. ``later`` is where the list goes on."""

    tabs: Sequence[Tab]
    address: str
    trainings: Sequence[TrainingView]
    groups: Sequence[TopicGroup]
    topic: str
    times: Sequence[tuple[str, str]]
    time: str
    places: Sequence[tuple[str, str]]
    place: str
    is_filtered: bool
    later: str


@dataclass(frozen=True, slots=True)
class Home:
    """Where the visitor's organisation is."""

    state_key: str | None
    district_key: str | None
    district: str


@router.get(TRAININGS)
async def trainings(request: Request, visitor: Anybody, session: Reading) -> HTMLResponse:
    """Show what is coming."""
    tree, home, query = await load_tree(session), await home_of(session, visitor), request.query_params
    wishes = read_wishes(query, tree, home.district_key if home else None)
    after = read_cursor(query.get(AFTER))
    found = await TrainingService(UnitOfWork(session)).coming(
        reader_of(visitor), wishes, limit=PER_PAGE + 1, after=after
    )
    shown = found[:PER_PAGE]
    chosen = {name: query.get(name, "") for name in (TOPIC, WHEN, WHERE) if query.get(name)}
    page = TrainingsPage(
        tabs=tabs_for(visitor),
        address=TRAININGS,
        trainings=[view_of(entry) for entry in shown],
        groups=groups_of(tree),
        topic=chosen.get(TOPIC, ""),
        times=[("", _("at any time")), *((str(days), _days_words(days)) for days in DAYS)],
        time=chosen.get(WHEN, ""),
        places=_places(home),
        place=chosen.get(WHERE, ""),
        is_filtered=bool(chosen),
        later=_address(chosen, shown[-1].cursor) if len(found) > PER_PAGE else "",
    )
    return await render(request, "trainings/list.html", page)


def read_wishes(query: Mapping[str, str], tree: TopicTree, district: str | None) -> TrainingWishes:
    """Return what somebody looks for; what makes no sense is left out."""
    topic, where, days = read_id(query.get(TOPIC)), query.get(WHERE, ""), query.get(WHEN, "")
    online = {ONLINE: True, ON_SITE: False}.get(where)
    return TrainingWishes(
        topics=frozenset({topic} if topic is not None and tree.get(topic) is not None else ()),
        state_key=where if where in STATES else None,
        district_key=district if where == DISTRICT else None,
        online=online,
        until=now() + timedelta(days=int(days)) if days in map(str, DAYS) else None,
    )


def read_cursor(text: str | None) -> Cursor | None:
    """Return where a list goes on; ``None`` for anything else."""
    moment, _comma, key = (text or "").partition("_")
    found = read_id(key)
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (at, found) if found is not None and at.tzinfo is not None else None


def _address(chosen: Mapping[str, str], cursor: Cursor | None) -> str:
    if cursor is None:
        return ""
    return f"{TRAININGS}?{urlencode({**chosen, AFTER: f'{cursor[0].isoformat()}_{cursor[1]}'})}"


def _days_words(days: int) -> str:
    names = {7: _("within a week"), 30: _("within a month"), 90: _("within three months")}
    return names[days]


async def home_of(session: AsyncSession, visitor: Visitor) -> Home | None:
    """Return where the visitor's organisation is; ``None`` where they have none."""
    house = visitor.member.organisation_id if visitor.member else None
    rows = await OrganisationService(session).repository.find_by_ids([house]) if house else []
    if not rows:
        return None
    organisation, district, _association = rows[0]
    return Home(organisation.state_key, organisation.district_key, district or organisation.name)


def _places(home: Home | None) -> list[tuple[str, str]]:
    """Return where somebody may look: near their own organisation first."""
    near = list[tuple[str, str]]()
    if home and home.district_key:
        near.append((DISTRICT, _("in my district: {name}").format(name=home.district)))
    if home and home.state_key in STATES:
        near.append((home.state_key, _("in my Land: {name}").format(name=STATES[home.state_key][1])))
    others = [(key, name) for key, (_short, name) in STATES.items() if home is None or key != home.state_key]
    return [("", _("everywhere")), (ONLINE, _("online")), (ON_SITE, _("on site")), *near, *others]
