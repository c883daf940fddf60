"""A network of any size for measuring: organisations as in the register, people with topics, circles, contributions."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.base import Base
from knowledge.models.chat import Chat, ChatIdentity, ChatKind, Circle, Network
from knowledge.models.contribution import Attribution, Contribution, ContributionKind, ContributionState
from knowledge.models.document import Visibility
from knowledge.models.member import Findable, Member, Role
from knowledge.models.organisation import Organisation, OrganisationKind
from knowledge.models.question import OpenQuestion, OpenQuestionRoute, OpenQuestionState, ReleasedAs
from knowledge.models.topic import MemberTopic, Stance, Topic, TopicKind
from knowledge.topics.seeding import seed_topics

SEED = 20261121
TOGETHER = 2_000
STATES, DISTRICTS = 16, 400
# Of those who take part, how many want to be found; how many topics they offer help on at most.
FINDABLE, MOST_TOPICS = 0.6, 4
# Questions of the last four weeks, for so many members one, each brought to three people and as many circles.
MEMBERS_OF_QUESTION = 50


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is."""

    organisations: int = 11_000
    members: int = 50_000
    contributions: int = 100_000
    circles: int = 2_000


@dataclass(frozen=True, slots=True)
class Filled:
    """What is in the network: members with their organisation, and the topics that one can offer help on."""

    members: Sequence[tuple[UUID, UUID]]
    topics: Sequence[UUID]


async def fill_network(database: Database, size: Size) -> Filled:
    """Put a network into an empty, migrated database; the same one each time."""
    dice = random.Random(SEED)
    async with unit_of_work(database) as unit:
        await seed_topics(unit.session)
    async with unit_of_work(database) as unit:
        session = unit.session
        topics = list(
            (await session.execute(select(Topic.id, Topic.name_de).where(Topic.kind == TopicKind.FIELD))).all()
        )
        houses = _organisations(dice, size.organisations)
        await _keep(session, Organisation, houses)
        municipalities = [row["id"] for row in houses if row["kind"] is OrganisationKind.MUNICIPALITY]
        members = [(new_id(), dice.choice(municipalities)) for _number in range(size.members)]
        await _keep(session, Member, [_member(dice, number, *one) for number, one in enumerate(members)])
        identities = [_identity(key) for key, _house in members]
        await _keep(session, ChatIdentity, identities)
        await _keep(session, MemberTopic, _offers(dice, [key for key, _ in members], [row[0] for row in topics]))
        circles = [new_id() for _number in range(size.circles)]
        chats = [new_id() for _circle in circles]
        await _keep(session, Chat, [_chat(key) for key in chats])
        names = [row[1] for row in topics]
        await _keep(session, Circle, [_circle(dice, *pair, names) for pair in zip(circles, chats, strict=True)])
        await _keep(
            session, Contribution, [_contribution(dice, *dice.choice(members)) for _ in range(size.contributions)]
        )
        await _keep_earlier(session, dice, [key for key, _house in members], circles)
    async with unit_of_work(database) as unit:
        await unit.session.execute(text("ANALYZE"))
    return Filled(members, [row[0] for row in topics])


async def _keep(session: AsyncSession, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), TOGETHER):
        await session.execute(insert(table), rows[start : start + TOGETHER])


def _organisations(dice: random.Random, count: int) -> list[dict[str, Any]]:
    """Return districts and municipalities with keys and populations as in the register."""
    districts = [f"{number % STATES + 1:02}{number // STATES:03}" for number in range(min(DISTRICTS, count // 4))]
    rows = [_organisation(key, OrganisationKind.DISTRICT, 150_000) for key in districts]
    for number in range(count - len(districts)):
        district = dice.choice(districts)
        population = int(min(3_000_000, max(50, math.exp(dice.gauss(7.6, 1.4)))))
        association = f"{district}{dice.randrange(12):04}"
        rows.append(_organisation(f"{association}{number % 1000:03}", OrganisationKind.MUNICIPALITY, population))
    by_key = {row["key"]: row for row in rows}
    return list(by_key.values())


def _organisation(key: str, kind: OrganisationKind, population: int) -> dict[str, Any]:
    is_town = kind is OrganisationKind.MUNICIPALITY
    return {
        "id": new_id(),
        "key": key,
        "kind": kind,
        "name": f"Ort {key}",
        "search_name": f"|ort {key}|",
        "state_key": key[:2],
        "district_key": key[:5] if is_town else None,
        "association_key": key[:9] if is_town else None,
        "population": population,
    }


def _member(dice: random.Random, number: int, key: UUID, house: UUID) -> dict[str, Any]:
    name = f"Person {number}"
    findable = Findable.ON if dice.random() < FINDABLE else Findable.OFF
    values = {"id": key, "name": name, "search_name": name.casefold(), "organisation_id": house, "findable": findable}
    return {**values, "role": Role.MEMBER, "active": True, "languages": []}


def _identity(member: UUID) -> dict[str, Any]:
    return {"id": new_id(), "network": Network.MATRIX, "address": f"@{member.hex}:beispiel.de", "member_id": member}


def _offers(dice: random.Random, members: Sequence[UUID], topics: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return who offers help on what: a few topics are much liked, as the first ones of a list are."""
    weights = [1 / (place + 1) for place in range(len(topics))]
    chosen = [set(dice.choices(topics, weights, k=dice.randint(1, MOST_TOPICS))) for _member in members]
    return [
        {"member_id": member, "topic_id": topic, "stance": Stance.HELPS}
        for member, some in zip(members, chosen, strict=True)
        for topic in sorted(some)
    ]


def _chat(key: UUID) -> dict[str, Any]:
    return {"id": key, "network": Network.MATRIX, "address": f"!{key.hex}:beispiel.de", "kind": ChatKind.GROUP}


def _circle(dice: random.Random, key: UUID, chat: UUID, names: Sequence[str]) -> dict[str, Any]:
    topics = dice.sample(names, dice.randint(1, 3))
    values = {"id": key, "name": f"Kreis {key.hex}", "search_name": key.hex, "chat_id": chat, "topics": topics}
    return {**values, "vouched_at": now()}


def _contribution(dice: random.Random, member: UUID, house: UUID) -> dict[str, Any]:
    moment = now() - timedelta(days=dice.randrange(900))
    return {
        "id": new_id(),
        "kind": ContributionKind.EXPERIENCE,
        "state": ContributionState.PUBLISHED,
        "member_id": member,
        "organisation_id": house,
        "fields": {"title": "Erfahrung", "done": "Etwas getan.", "outcome": "Etwas erreicht."},
        "visibility": Visibility.NETWORK,
        "attribution": Attribution.ORGANISATION,
        "created_at": moment,
        "updated_at": moment,
    }


async def _keep_earlier(
    session: AsyncSession, dice: random.Random, members: Sequence[UUID], circles: Sequence[UUID]
) -> None:
    """Keep the questions of the last four weeks, and whom they were brought to."""
    count = len(members) // MEMBERS_OF_QUESTION
    moments = {new_id(): now() - timedelta(hours=dice.randrange(24 * 28)) for _number in range(count)}
    await _keep(session, OpenQuestion, [_question(key, moment) for key, moment in moments.items()])
    routes = [
        {"id": new_id(), "open_question_id": key, "created_at": moment, **whom}
        for key, moment in moments.items()
        for whom in (
            *({"member_id": member, "circle_id": None} for member in dice.sample(members, 3)),
            *({"circle_id": circle, "member_id": None} for circle in dice.sample(circles, 3)),
        )
    ]
    await _keep(session, OpenQuestionRoute, routes)


def _question(key: UUID, moment: datetime) -> dict[str, Any]:
    values = {"id": key, "text": f"Frage {key.hex}?", "state": OpenQuestionState.ANSWERED, "created_at": moment}
    return {**values, "released_as": ReleasedAs.ANONYMOUS, "closed_at": moment}
