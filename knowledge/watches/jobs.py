"""The job that looks for what is new to those who wait for it; open questions are asked again beside it.

There is one for everything that is published until it runs: an import of a thousand documents asks for it a thousand
times and has it done once.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.gaps.jobs import look_at_gaps_again
from knowledge.jobs.repository import JobRepository
from knowledge.questions.jobs import look_for_questions
from knowledge.watches.repository import WatchRepository

WATCH_JOB = "watches.look"
KEY = "published"


async def look_for_watches(session: AsyncSession) -> None:
    """Note, in the transaction of a publication, that those who wait are to be told; nothing where nobody waits."""
    if await WatchRepository(session).is_any_open():
        await JobRepository(session).ask(WATCH_JOB, KEY)
    await look_for_questions(session)
    await look_at_gaps_again(session)
