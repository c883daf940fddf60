"""Fourteen months of a network that grows, for looking at pages and for tests of all figures at once."""

import random
from datetime import date, datetime, timedelta
from uuid import UUID

from knowledge.figures.closing import SETTLING, count_figures
from knowledge.figures.months import add_months, begins
from tests.knowledge.figures.world import DAY, World

HOUSES = (
    ("Falkenrode", 1_400, "12"),
    ("Lindtal", 3_800, "12"),
    ("Grünau am Wasser", 7_200, "12"),
    ("Oberkleinow", 14_500, "14"),
    ("Weidenstedt", 31_000, "14"),
    ("Steinbrück", 4_100, "15"),
    ("Haselau", 66_000, "03"),
    ("Marienhain", 180_000, "09"),
)
FIELDS = ("Digitalisierung und IT", "Straßen und Verkehr", "Personal", "Schulen", "Wasser und Wärme", "Kultur", "Recht")
MONTHS = 14


async def fill(world: World, until: date, *, house: UUID | None = None) -> None:
    """Let fourteen months pass that end before ``until``, each counted when it is due.

    Args:
        world: where to.
        until: the first day of the month after.
        house: an organisation that is there already and takes part.
    """
    chance = random.Random(7)
    houses = [world.house(name, population, state) for name, population, state in HOUSES]
    people = [world.member(chance.choice(houses)) for _number in range(40)]
    people += [world.member(house) for _number in range(6 if house else 0)]
    accounts = [world.person(member) for member in people]
    fields = [world.topic(name) for name in FIELDS]
    documents = [world.document(begins(until), *chance.sample(fields, k=chance.choice((1, 1, 2)))) for _ in range(20)]
    await world.write()
    for number in range(MONTHS):
        month = add_months(until, number - MONTHS)
        active = max(1, min(len(people), 2 + number * 3)) if number != 8 else 2
        some = chance.sample(range(len(people)), k=active)
        _ask(
            world,
            chance,
            [begins(month) + DAY * chance.randrange(14, 27) for _ in range(active * 2)],
            [accounts[one] for one in some],
            documents,
        )
        _learn(world, chance, begins(month) + 10 * DAY, [people[one] for one in some])
        _contribute(world, chance, begins(month) + 5 * DAY, people)
        await world.write()
        await count_figures(world.database, begins(add_months(month, 1)) - timedelta(hours=1))
        await count_figures(world.database, begins(add_months(month, 1)) + SETTLING + DAY)


def _ask(
    world: World,
    chance: random.Random,
    moments: list[datetime],
    accounts: list[tuple[UUID, UUID]],
    documents: list[UUID],
) -> None:
    for number, at in enumerate(moments):
        answered = chance.random() < 0.74
        helped = chance.random() < 0.8 if answered and chance.random() < 0.6 else None
        cited = chance.choice(documents) if answered else None
        world.ask(at, accounts[number % len(accounts)], answered=answered, helped=helped, document=cited)


def _learn(world: World, chance: random.Random, at: datetime, people: list[UUID]) -> None:
    world.some_lesson()
    for member in people[: max(1, len(people) * 2 // 3)]:
        world.learn(at, member)
    training = world.training(at + DAY)
    for number, member in enumerate(people):
        world.register(training, member, number + 1, came=chance.random() < 0.75)
    for member in people[: len(people) // 3]:
        world.certify(at + 3 * DAY, member)


def _contribute(world: World, chance: random.Random, at: datetime, people: list[UUID]) -> None:
    deciders = people[:3]
    for _number in range(chance.randrange(3, 9)):
        sent = at - DAY * chance.randrange(2, 25)
        author = chance.choice(people[3:])
        world.contribute(sent, author, at + DAY * chance.randrange(10), decided_by=chance.choice(deciders))
    for _number in range(chance.randrange(0, 6)):
        world.contribute(at + DAY * chance.randrange(20), chance.choice(people))
