"""Sums of a year, so that there are plots to look at."""

from knowledge.figures.months import add_months, month_of
from knowledge.figures.repository import FigureRepository
from knowledge.figures.schemas import ATTENDED, COUNT, DAYS, NO, REGISTERED, REST, YES, Period, Series
from knowledge.kit.clock import today
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.topic import Topic, TopicKind

FIELDS = (
    "Digitalisierung und Informationstechnik",
    "Straßen und Verkehr",
    "Personal und Organisation",
    "Schulen",
    "Wasser und Wärme",
    "Kultur",
)


async def bring_figures(unit: UnitOfWork) -> None:
    """Write the sums; two months of them together."""
    topics = [Topic(key=f"figures-{name}", kind=TopicKind.FIELD, name_de=name, name_en=name) for name in FIELDS]
    unit.session.add_all(topics)
    await unit.session.flush()
    month, figures = month_of(today()), FigureRepository(unit.session)
    for number, (first, until) in enumerate([(-12, -10), *((back, back + 1) for back in range(-10, 0))]):
        by_topic = {str(topic.id): number + 3 + place for place, topic in enumerate(topics)}
        for series, counts in (
            (Series.QUESTIONS, {COUNT: 40 + 7 * number}),
            (Series.ANSWERED, {YES: 30 + 5 * number, NO: 10 + 2 * number}),
            (Series.HELPFUL, {YES: 12, NO: 3}),
            (Series.TOPICS, {**by_topic, REST: 4}),
            (Series.PUBLICATION, {COUNT: 5, DAYS: 3 + number}),
            (Series.QUEUE, {COUNT: 4, DAYS: 2 + number} if number % 3 else {}),
            (Series.STATES, {"12": 9, "14": 5, REST: 4}),
            (Series.SIZES, {"0": 4, "1": 8, "4": 6}),
            (Series.OFFERED, {COUNT: 1}),
            (Series.PARTICIPATION, {REGISTERED: 14, **({ATTENDED: 9} if number % 2 else {})}),
            (Series.CERTIFICATES, {COUNT: 7}),
            (Series.LESSONS, {COUNT: 1_100 + number}),
        ):
            await figures.write(series, Period(add_months(month, first), add_months(month, until), counts))
