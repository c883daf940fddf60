"""What waits is counted on both databases."""

from datetime import timedelta

from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import Network
from knowledge.models.job import Job, JobState
from knowledge.models.message import IncomingEvent, OutgoingMessage
from knowledge.operations.measuring.service import LoadMeter


class TestLoad:
    async def test_counts_jobs_messages_and_events_with_the_age_of_the_oldest(self, database: Database) -> None:
        moment = now()
        ages = (timedelta(minutes=5), timedelta(minutes=2))
        async with unit_of_work(database) as unit:
            for number, age in enumerate(ages):
                unit.session.add(
                    Job(
                        kind="erfunden",
                        key=str(number),
                        payload={},
                        state=JobState.WAITING,
                        run_at=moment,
                        created_at=moment - age,
                    )
                )
                unit.session.add(
                    OutgoingMessage(network=Network.MAIL, chat=f"c{number}", payload={}, created_at=moment - age)
                )
            unit.session.add(IncomingEvent(network=Network.MATRIX, event="e", received_at=moment - ages[0], payload={}))
        load = await LoadMeter(database).read()
        assert load is not None
        assert load.jobs["erfunden"].count == 2
        assert load.jobs["erfunden"].oldest >= 300
        assert (load.outbox["mail"].count, load.outbox["matrix"].count, load.inbox.count) == (2, 0, 1)
        assert load.inbox.oldest >= 300
