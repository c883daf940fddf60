"""Looking at the chats: networks that were set up, messages that wait, mail, and what should have been deleted."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta

from knowledge.about.operator import operator_of
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.language import _, date_text, ngettext
from knowledge.kit.mail import WrongAddress, read_address
from knowledge.kit.settings import MailSettings, Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.mailing.kinds import mail_is_on
from knowledge.models.chat import Network
from knowledge.operations.findings import Finding, fine, problem, warning
from knowledge.operations.repository import TrafficRepository
from knowledge.privacy.erasure_log import ErasureLog, current
from knowledge.privacy.repository import EraseRepository
from knowledge.privacy.retention import oldest_overdue

# Questions are answered within seconds; what waits for so long waits for a process that is not there.
LONG = timedelta(minutes=10)
# What is put behind it says whose mail came back, and 64 characters are all that there may be.
LONGEST_RETURN_NAME = 20


async def check_chats(settings: Settings, database: Database) -> AsyncIterator[Finding]:
    """Yield what there is to say about chats; of a database that has the version that is needed."""
    for finding in check_chat_settings(settings):
        yield finding
    async with unit_of_work(database, writes=False) as unit:
        traffic = TrafficRepository(unit.session)
        for network in configured(settings):
            yield await _check_connection(traffic, network)
        yield _check_incoming(await traffic.oldest_unhandled())
        yield _check_outgoing(await traffic.oldest_unsent())
        yield _check_failures(await traffic.failures())
        groups, circles = await traffic.groups()
    message = _("The bot is in {groups} groups; there are {circles} circles.")
    yield fine("chats.content", message.format(groups=groups, circles=circles), groups=groups, circles=circles)
    yield await check_retention(settings, database)
    yield await check_erasures(settings, database)


def configured(settings: Settings) -> list[Network]:
    """Return the networks that the bot is to talk on."""
    wanted = {
        Network.MATRIX: settings.matrix.matrix_homeserver is not None,
        Network.TELEGRAM: settings.telegram.telegram_token is not None,
    }
    return [network for network, is_wanted in wanted.items() if is_wanted]


def check_chat_settings(settings: Settings) -> Iterator[Finding]:
    """Yield what is missing in the settings of chats and mail."""
    networks, operator = configured(settings), operator_of(settings)
    if not networks:
        yield fine("chats.networks", _("No chat network is set up."), networks=[])
    elif not (operator.name and (settings.chats.operator_contact or operator.email or operator.phone)):
        message = _("The bot cannot say who runs it and how to reach them.")
        yield warning("chats.operator", message, _("Please set ALLMENDE_OPERATOR and ALLMENDE_OPERATOR_CONTACT."))
    yield check_mail(settings.mail)
    if settings.mail.smtp_host is not None and not mail_is_on(settings):
        message = _("People are not told by e-mail: for that, the links need ALLMENDE_HUB_URL.")
        yield fine("mail.people", message, configured=False)


def check_mail(mail: MailSettings) -> Finding:
    """See whether codes can be sent by mail."""
    if mail.smtp_host is None:
        return fine("mail", _("No mail server is set up: people join by codes from moderators."), configured=False)
    if mail.mail_from is None:
        todo = _("Please set ALLMENDE_MAIL_FROM to the address that they come from.")
        return problem("mail", _("No codes can be mailed: their sender is not set."), todo, configured=True)
    if (finding := _check_bounces(mail)) is not None:
        return finding
    if mail.smtp_security == "none" and mail.smtp_user is not None:
        message = _("Codes are mailed, but the password of the mail server is sent without encryption.")
        return warning("mail", message, _("Please set ALLMENDE_SMTP_SECURITY to starttls or tls."), configured=True)
    return fine("mail", _("Codes are mailed through the mail server that was set up."), configured=True)


def _check_bounces(mail: MailSettings) -> Finding | None:
    """See that mail which comes back can be told apart, where that is wanted."""
    if mail.mail_bounces is None or _fits(mail.mail_bounces):
        return None
    message = _("Mail that comes back cannot be told apart: ALLMENDE_MAIL_BOUNCES is no fitting address.")
    todo = _("Please set it to an address such as bounces@example.org, with no “+” in it and short enough.")
    return problem("mail", message, todo, configured=True)


def _fits(address: str) -> bool:
    try:
        known = read_address(address)[0]
    except WrongAddress:
        return False
    local = known.rpartition("@")[0]
    return "+" not in local and len(local) <= LONGEST_RETURN_NAME


async def _check_connection(traffic: TrafficRepository, network: Network) -> Finding:
    name, check = network.value.capitalize(), f"chats.{network.value}"
    if await traffic.is_connected(network):
        return fine(check, _("The bot has been connected to {network}.").format(network=name))
    message = _("{network} is set up, but the bot was never connected to it.").format(network=name)
    todo = _("Please start “allmende serve”; its log says why where it cannot sign in.")
    return warning(check, message, todo)


def _check_incoming(since: datetime | None) -> Finding:
    if since is None or now() - since < LONG:
        return fine("chats.incoming", _("No message from a chat has been waiting for long."))
    message = _("Messages from chats have been waiting for {duration}.").format(duration=_duration(since))
    todo = _("Please see that “allmende serve” runs; what waits is answered then.")
    return problem("chats.incoming", message, todo, since=since)


def _check_outgoing(since: datetime | None) -> Finding:
    if since is None or now() - since < LONG:
        return fine("chats.outgoing", _("No answer has been waiting to be sent for long."))
    message = _("Answers have been waiting to be sent for {duration}.").format(duration=_duration(since))
    todo = _("Please see that “allmende serve” runs and reaches the network; its log says what is in the way.")
    return warning("chats.outgoing", message, todo, since=since)


def _check_failures(failures: dict[str, int]) -> Finding:
    # What was taken back before it was sent is no failure.
    failed = {error: count for error, count in failures.items() if error != "withdrawn"}
    count = sum(failed.values())
    if not count:
        return fine("chats.failed", _("No message of the last week was refused."), count=0)
    message = ngettext(
        "{count} message of the last week could not be sent.",
        "{count} messages of the last week could not be sent.",
        count,
    )
    todo = _("Mostly the bot was blocked or removed there. If there are many, the log says why.")
    return warning("chats.failed", message.format(count=count), todo, count=count, errors=failed)


async def check_retention(settings: Settings, database: Database) -> Finding:
    """See whether anything is still there that should have been deleted."""
    overdue = await oldest_overdue(database, settings)
    if overdue is None:
        return fine("privacy.retention", _("Everything was deleted whose time is over."))
    message = _("Something should have been deleted since {day} ({kind}).")
    todo = _("“allmende serve” and “allmende worker” do so every hour; please see that one of them runs.")
    return problem(
        "privacy.retention",
        message.format(day=date_text(overdue.since.date()), kind=overdue.name),
        todo,
        kind=overdue.name,
        since=overdue.since,
    )


async def check_erasures(settings: Settings, database: Database) -> Finding:
    """See whether the list outside of the database has all erasures, so that no backup undoes one."""
    async with unit_of_work(database, writes=False) as unit:
        wanted = {record.digest for record in current(await EraseRepository(unit.session).records())}
    log = ErasureLog(settings.data_folder)
    try:
        written = {record.digest for record in log.read()}
    except OSError:
        written = set()
    if wanted <= written:
        return fine("privacy.erasures", _("The list of erasures is complete."))
    message = _("Erasures are missing in “{file}”: an old backup could undo them.").format(file=log.path)
    todo = _("It is completed every hour; please check that the folder can be written and “allmende serve” runs.")
    return warning("privacy.erasures", message, todo)


def _duration(since: datetime) -> str:
    minutes = int((now() - since).total_seconds() // 60)
    if minutes < 120:
        return ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes)
    hours = minutes // 60
    if hours < 48:
        return ngettext("{count} hour", "{count} hours", hours).format(count=hours)
    return ngettext("{count} day", "{count} days", hours // 24).format(count=hours // 24)
