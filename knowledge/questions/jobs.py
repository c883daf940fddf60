"""The job that asks open questions again after something was published.

There is one for everything that is published until it runs, as for those who wait to hear of something.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.jobs.repository import JobRepository
from knowledge.questions.repository import QuestionRepository

QUESTIONS_JOB = "questions.look"
KEY = "published"


async def look_for_questions(session: AsyncSession) -> None:
    """Note, in the transaction of a publication, that open questions are to be asked again; nothing without any."""
    if await QuestionRepository(session).is_any_taking_answers():
        await JobRepository(session).ask(QUESTIONS_JOB, KEY)
