"""What ``serve`` and ``bot`` do beside talking: the jobs that transactions promised, and what comes by the clock."""

import asyncio
from collections.abc import Coroutine, Iterator
from datetime import timedelta
from typing import Any

from bot.core.running import Bot
from bot.core.turn import Services
from bot.handlers.digests import digest_job
from bot.handlers.members import mail_trouble
from bot.handlers.notices import notice_job
from bot.handlers.watching import watch_job
from knowledge.digests.jobs import DIGEST_JOB
from knowledge.digests.keeping import keep_digests
from knowledge.figures.closing import keep_figures
from knowledge.freshness.service import keep_fresh
from knowledge.gaps.closing import gap_job
from knowledge.gaps.jobs import GAP_JOB, keep_gaps
from knowledge.handover.unused import keep_asking
from knowledge.jobs.worker import JobKind, Worker, WorkerLimits
from knowledge.kit.database import Database
from knowledge.kit.host import host_name
from knowledge.kit.settings import Settings
from knowledge.lessons.circles import keep_circle_lessons
from knowledge.members.jobs import mail_jobs
from knowledge.notices.jobs import NOTICE_JOB
from knowledge.peers.settling import keep_contacts
from knowledge.privacy.retention import keep_retention
from knowledge.questions.jobs import QUESTIONS_JOB
from knowledge.questions.reminding import keep_reminders
from knowledge.questions.telling import questions_job
from knowledge.review.alerts import keep_alerts
from knowledge.trainings.materials import keep_materials
from knowledge.trainings.reminding import keep_training_reminders
from knowledge.trainings.settling import keep_trainings
from knowledge.watches.jobs import WATCH_JOB


def by_the_clock(database: Database, settings: Settings, stop: asyncio.Event) -> Iterator[Coroutine[Any, Any, None]]:
    """Give what goes on by the clock until ``stop`` is set; several processes may do it beside each other."""
    yield keep_retention(database, settings, stop)
    yield keep_alerts(database, settings.review.review_alert_days, stop)
    yield keep_reminders(database, settings, stop)
    yield keep_contacts(database, stop)
    yield keep_digests(database, stop)
    yield keep_gaps(database, stop)
    yield keep_figures(database, stop)
    yield keep_fresh(database, stop)
    yield keep_asking(database, stop)
    yield keep_trainings(database, settings, stop)
    yield keep_training_reminders(database, stop)
    yield keep_materials(database, settings, stop)
    yield keep_circle_lessons(database, stop, abroad=settings.telegram.telegram_visibility)


def make_worker(services: Services, bot: Bot, *, beside: str = "") -> Worker:
    """Return what does the jobs that transactions promised; those that follow documents are the index owner's.

    Args:
        services: what handlers work with.
        bot: keeps what is to be said.
        beside: tells its leases from those of the other processes of this data folder.
    """
    settings = services.settings
    mail = mail_jobs(settings.mail, tell=mail_trouble(services, bot.post))
    kinds: dict[str, JobKind] = {
        **mail,
        WATCH_JOB: watch_job(services, bot.post),
        NOTICE_JOB: notice_job(services, bot.post),
        GAP_JOB: gap_job(services.answers, services.database),
        QUESTIONS_JOB: questions_job(services.answers, services.database),
        DIGEST_JOB: digest_job(services, bot.post),
    }
    limits = WorkerLimits(settings.jobs.job_attempts, timedelta(seconds=settings.jobs.job_lease_seconds))
    name = "+".join(
        [
            host_name(settings.data_folder),
            *sorted(network.value for network in services.features),
            *([beside] if beside else []),
        ]
    )
    return Worker(services.database, kinds, name=name, limits=limits)
