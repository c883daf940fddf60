"""How much may be written to the network: as much as people can look at; a flood is refused with a clear answer."""

from datetime import timedelta

from knowledge.contributions.schemas import Author
from knowledge.kit.clock import now
from knowledge.kit.language import _
from knowledge.models.question import OpenQuestion
from knowledge.questions.errors import TooManyQuestions
from knowledge.questions.repository import QuestionRepository

DAY, WEEK = timedelta(days=1), timedelta(days=7)
# Questions of one person: released within a week, and open at a time; and of one house within a week.
MOST_A_WEEK, MOST_OPEN, MOST_BY_HOUSE = 5, 10, 25
MOST_JOINED = 50
# Answers of one person within a day, and to one question.
MOST_ANSWERS, MOST_TO_ONE = 30, 5
MOST_MESSAGES = 60
MOST_REPORTS = 20


async def check_releasing(repository: QuestionRepository, asker: Author, text: str) -> None:
    """Raise ``TooManyQuestions`` where a person or their house asks more than anybody can answer."""
    since = now() - WEEK
    if await repository.count_asked(member=asker.member_id, since=since) >= MOST_A_WEEK:
        problem = _("You have asked the network {count} questions within a week. Please ask this one some days later.")
        raise TooManyQuestions(problem.format(count=MOST_A_WEEK), text)
    if await repository.count_open(asker.member_id) >= MOST_OPEN:
        problem = _("You have {count} open questions. Please take one back, or say what helped, before you ask more.")
        raise TooManyQuestions(problem.format(count=MOST_OPEN), text)
    house = asker.organisation_id
    if house is not None and await repository.count_asked_by_house(house, since=since) >= MOST_BY_HOUSE:
        problem = _("Your organisation has asked {count} questions within a week. Please ask this one some days later.")
        raise TooManyQuestions(problem.format(count=MOST_BY_HOUSE), text)


async def check_joining(repository: QuestionRepository, member: Author) -> None:
    """Raise ``TooManyQuestions`` where a person has joined very many."""
    if await repository.count_joined(member.member_id) >= MOST_JOINED:
        problem = _("You have joined {count} open questions. Please leave one first.")
        raise TooManyQuestions(problem.format(count=MOST_JOINED))


async def check_answering(repository: QuestionRepository, answerer: Author, question: OpenQuestion, text: str) -> None:
    """Raise ``TooManyQuestions`` where a person answers more than one person can know."""
    if await repository.count_answers_to(question.id, answerer.member_id) >= MOST_TO_ONE:
        problem = _(
            "You have answered this question {count} times. Please write to the asker about one of the answers."
        )
        raise TooManyQuestions(problem.format(count=MOST_TO_ONE), text)
    if await repository.count_answered(answerer.member_id, since=now() - DAY) >= MOST_ANSWERS:
        problem = _("You have answered {count} questions within a day. Please go on tomorrow.")
        raise TooManyQuestions(problem.format(count=MOST_ANSWERS), text)


async def check_writing(repository: QuestionRepository, writer: Author, text: str) -> None:
    """Raise ``TooManyQuestions`` where a person writes very much."""
    if await repository.count_written(writer.member_id, since=now() - DAY) >= MOST_MESSAGES:
        problem = _("You have written {count} messages within a day. Please go on tomorrow.")
        raise TooManyQuestions(problem.format(count=MOST_MESSAGES), text)
