"""How much may be written to the network: as much as people can look at; a flood is refused with a clear answer."""

from datetime import timedelta

from knowledge.contributions.schemas import Author
from knowledge.kit.clock import now
from knowledge.kit.language import _
from knowledge.kit.often import room_for_house_in, room_in
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
    asked = await repository.asked_since(since, member=asker.member_id)
    if len(asked) >= MOST_A_WEEK:
        problem = _("You have asked the network {count} questions within a week. Please ask this one some days later.")
        raise TooManyQuestions(problem.format(count=MOST_A_WEEK), text, wait=room_in(asked, WEEK, MOST_A_WEEK))
    if await repository.count_open(asker.member_id) >= MOST_OPEN:
        problem = _("You have {count} open questions. Please take one back, or say what helped, before you ask more.")
        raise TooManyQuestions(problem.format(count=MOST_OPEN), text)
    house = asker.organisation_id
    asked = [] if house is None else await repository.house_asked_since(since, organisation=house)
    if len(asked) >= MOST_BY_HOUSE:
        problem = _("Your organisation has asked {count} questions within a week. Please ask this one some days later.")
        wait = room_for_house_in(asked, WEEK, MOST_BY_HOUSE)
        raise TooManyQuestions(problem.format(count=MOST_BY_HOUSE), text, wait=wait)


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
    answered = await repository.answered_since(now() - DAY, member=answerer.member_id)
    if len(answered) >= MOST_ANSWERS:
        problem = _("You have answered {count} questions within a day. Please go on tomorrow.")
        raise TooManyQuestions(problem.format(count=MOST_ANSWERS), text, wait=room_in(answered, DAY, MOST_ANSWERS))


async def check_writing(repository: QuestionRepository, writer: Author, text: str) -> None:
    """Raise ``TooManyQuestions`` where a person writes very much."""
    written = await repository.written_since(now() - DAY, member=writer.member_id)
    if len(written) >= MOST_MESSAGES:
        problem = _("You have written {count} messages within a day. Please go on tomorrow.")
        raise TooManyQuestions(problem.format(count=MOST_MESSAGES), text, wait=room_in(written, DAY, MOST_MESSAGES))
