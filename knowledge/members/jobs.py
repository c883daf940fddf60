"""Codes go out by mail after the commit, so that a slow mail server holds nobody up."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.jobs.repository import JobRepository
from knowledge.jobs.worker import JobKind
from knowledge.kit.clock import now
from knowledge.kit.language import _, choose_language, current_language
from knowledge.kit.logs import get_logger
from knowledge.kit.mail import PATIENCE, Mail, MailRefused, send_mail
from knowledge.kit.settings import MailSettings
from knowledge.members.schemas import IssuedCode
from knowledge.models.job import Job

SEND_CODE = "send_code"


# Tells the identity that its mail did not go out.
Tell = Callable[[UUID], Awaitable[None]]


async def ask_to_send(session: AsyncSession, issued: IssuedCode, address: str, identity_id: UUID) -> None:
    """Ask for a code to be mailed; its address is nowhere but in this job, and gone with it."""
    payload = {
        "identity": str(identity_id),
        "address": address,
        "code": issued.code,
        "language": current_language(),
        "until": issued.expires_at.isoformat(),
    }
    await JobRepository(session).ask(SEND_CODE, str(issued.id), payload)


def mail_jobs(settings: MailSettings, *, tell: Tell | None = None, patience: float = PATIENCE) -> Mapping[str, JobKind]:
    """Return how codes are mailed.

    A server that is away is tried again until the code has run out; then, and where the server refuses the address, the
    job is dropped with what was in it, the log says so, and the person is told.
    """

    async def send(jobs: Sequence[Job]) -> None:
        for job in jobs:
            choose_language(job.payload["language"])
            if not await _send(settings, job, patience) and tell is not None:
                await tell(UUID(job.payload["identity"]))

    return {SEND_CODE: JobKind(send)}


async def _send(settings: MailSettings, job: Job, patience: float) -> bool:
    """Send a mail; returns whether it went out. Raises ``MailAway`` where it may go out later."""
    log, invitation = get_logger(), job.key
    if datetime.fromisoformat(job.payload["until"]) <= now():
        log.error("mail_given_up", invitation=invitation, attempts=job.attempts)
        return False
    try:
        await send_mail(settings, _mail(job), patience=patience)
    except MailRefused as error:
        log.error("mail_refused", invitation=invitation, reason=error.detail)
        return False
    log.info("mail_sent", invitation=invitation)
    return True


def _mail(job: Job) -> Mail:
    text = _(
        "Good day,\n\n"
        "somebody, probably you, wants to join Allmende, the network of municipalities, and gave this address.\n\n"
        "The code is: {code}\n\n"
        "Please send it to the bot in the same chat. It works for 30 minutes and in that chat only.\n\n"
        "If it was not you, there is nothing to do: without the code nothing happens, and this address is not kept.\n\n"
        "This mail was sent automatically."
    )
    return Mail(job.payload["address"], _("Your code for Allmende"), text.format(code=job.payload["code"]))
