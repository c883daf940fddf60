"""What somebody manages, by where it stands: counted exactly, and read part by part."""

from datetime import timedelta

from knowledge.trainings.schemas import DateDraft, Publisher, Standing
from tests.knowledge.trainings.academy import STARTS, Academy

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


def in_weeks(weeks: int) -> DateDraft:
    starts = STARTS + weeks * WEEK
    return DateDraft(starts, starts + HOUR)


async def test_each_stands_in_one_part_and_the_nearest_comes_first(academy: Academy) -> None:
    for weeks in (3, 0, 2, 1):
        await academy.offer(title=f"Woche {weeks}", dates=(in_weeks(weeks),))
    await academy.draft(title="Entwurf")
    gone = await academy.offer(title="Fällt aus", dates=(in_weeks(2),))
    async with academy.trainings() as trainings:
        await trainings.cancel(gone.id, academy.by, "Krank.")
    academy.set_clock(STARTS + WEEK + 2 * HOUR)
    async with academy.trainings() as trainings:
        counts = await trainings.standings(academy.by)
        titles = {
            standing: [entry.title for entry in await trainings.standing(academy.by, standing)] for standing in Standing
        }
        onward = await trainings.standing(academy.by, Standing.COMING, limit=1, offset=1)
        others = await trainings.standings(Publisher(academy.ben.id, academy.lindenau.id))
    assert titles == {
        Standing.COMING: ["Woche 2", "Woche 3"],
        Standing.DRAFT: ["Entwurf"],
        Standing.PAST: ["Woche 1", "Woche 0"],
        Standing.CANCELLED: ["Fällt aus"],
    }
    assert counts == {standing: len(found) for standing, found in titles.items()}
    assert [entry.title for entry in onward] == ["Woche 3"]
    assert set(others.values()) == {0}
