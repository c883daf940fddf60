"""How long everything is kept, read from where the program itself reads it; the papers are tested against the same."""

from datetime import timedelta
from types import ModuleType

from knowledge.about.schemas import Period
from knowledge.access import credentials, forms, links, sessions
from knowledge.chats import dialogues
from knowledge.conversations import service as conversations
from knowledge.digests import keeping as digests
from knowledge.directories import visits
from knowledge.handover import unused
from knowledge.keeping import service as keeping
from knowledge.kit.language import _
from knowledge.kit.settings import ChatSettings, HubSettings
from knowledge.mailing import limits as mailing
from knowledge.members import invitations
from knowledge.page_reports import service as page_reports
from knowledge.peers.requests import limits as requests
from knowledge.privacy import erasure_log
from knowledge.privacy.expiry import repository as expiry
from knowledge.questions import privacy as questions
from knowledge.tokens import requests as token_requests
from knowledge.tokens import service as tokens
from knowledge.trainings import feeds, times
from knowledge.webchat import keeping as webchat


def asking(chats: ChatSettings) -> list[Period]:
    """Return the periods of questions and answers."""
    return [
        _days(_("that you asked a question, so that you can come back to it"), chats, "chat_thread_days"),
        _days(_("the words of a question, without you"), chats, "chat_question_days"),
        _days(_("“Tell me later”, from then on"), chats, "chat_watch_days"),
        _kept(
            _("the words of a question that was recognised in a group, where nobody takes the answer"),
            conversations,
            "OFFER_LASTS",
        ),
        _kept(_("unfinished dialogues, at most"), dialogues, "LONGEST_KEPT"),
        _kept(_("that a message was handled or sent, without its words"), expiry, "NOTES_KEPT"),
        _kept(_("a chat account of nobody who is a member, after the last visit"), expiry, "UNSEEN_KEPT"),
    ]


def talking_in_browser() -> list[Period]:
    """Return the periods of conversations in the browser."""
    return [
        _kept(_("a conversation in the browser, without signing in"), webchat, "VISITOR_KEPT"),
        _kept(_("a conversation in the browser of a member"), webchat, "MEMBER_KEPT"),
        _kept(_("files in it"), webchat, "FILES_KEPT"),
    ]


def belonging() -> list[Period]:
    """Return the periods of members and the codes by which they join."""
    return [
        _kept(_("silence after which a member is asked"), unused, "UNUSED_AFTER"),
        _kept(_("time to answer before what they look after is said to be without anybody"), unused, "TIME_TO_ANSWER"),
        _kept(_("code that links a chat account, valid for"), invitations, "LINK_LASTS"),
        _kept(_("code for joining by mail, valid for"), invitations, "MAIL_LASTS"),
        _kept(_("a used code that waits for the name"), invitations, "NAME_WAITS"),
    ]


def signing_in(hub: HubSettings) -> list[Period]:
    """Return the periods of sessions, links and what protects them."""
    return [
        _days(_("a session in the hub, at most"), hub, "hub_session_days"),
        _hours(_("a session that nobody uses"), hub, "hub_idle_hours"),
        _kept(_("an ended session, so that a late form still finds its person"), sessions, "KNOWN_AFTERWARDS"),
        _kept(_("link for signing in, from the bot"), links, "SIGN_IN_LASTS"),
        _kept(_("link for signing in, by mail"), mailing, "SIGN_IN_LASTS"),
        _kept(_("link for getting in again"), links, "RECOVERY_LASTS"),
        _kept(_("what it allows afterwards"), sessions, "RECOVERY_LASTS"),
        _kept(_("the secret of a second factor, until its first code"), credentials, "OFFER_LASTS"),
        _kept(_("what was typed when a session ended"), forms, "KEPT_LASTS"),
        _kept(_("how often signing in was tried in vain"), expiry, "ATTEMPTS_KEPT"),
    ]


def signing_in_elsewhere() -> list[Period]:
    """Return the periods of signing in by a directory, and of access for programs."""
    return [
        _kept(_("the way to your organisation’s sign-in and back"), visits, "VISIT_LASTS"),
        _kept(_("joining after it"), visits, "JOIN_LASTS"),
        _kept(_("access for programs, after it was ended or was over"), tokens, "ENDED_KEPT"),
        _kept(_("what a program was answered, so that asking twice acts once"), token_requests, "ANSWERS_KEPT"),
    ]


def contributing() -> list[Period]:
    """Return the periods of contributions."""
    return [
        _kept(_("drafts, and what was rejected or withdrawn"), expiry, "DRAFTS_KEPT"),
        _kept(_("the question whether a message may be kept"), keeping, "OPEN_FOR"),
    ]


def open_questions() -> list[Period]:
    """Return the periods of questions that went to the network."""
    return [
        _kept(
            _("what is written to each other about an answer, after the question was closed"),
            questions,
            "MESSAGES_KEPT",
        ),
        _kept(_("who asked and who answered, after the question was closed"), questions, "LINKS_KEPT"),
        _kept(_("the same where it was never closed"), questions, "UNCLOSED_KEPT"),
        _kept(_("that a question was taken back, without its words"), questions, "WITHDRAWN_KEPT"),
        _kept(_("reports that are done"), questions, "REPORTS_KEPT"),
    ]


def contacts() -> list[Period]:
    """Return the periods of contact requests."""
    return [
        _kept(_("a contact request is open for"), requests, "LASTS"),
        _kept(_("that there was one, after that"), requests, "KEPT_AFTER"),
    ]


def telling() -> list[Period]:
    """Return the periods of notices, digests and mail."""
    return [
        _kept(_("that you were told something, without what"), expiry, "NOTICES_KEPT"),
        _kept(_("the same of digests, at the latest"), digests, "KEPT"),
        _kept(_("a mail address that nobody confirms"), mailing, "UNCONFIRMED_KEPT"),
        _kept(_("link that confirms an address"), mailing, "CONFIRMATION_LASTS"),
        _kept(_("mail that cannot be handed over"), mailing, "WAITS_LONGEST"),
        _kept(_("how often mail came back, after the last time"), mailing, "BOUNCES_FORGOTTEN"),
        _kept(_("how often links were mailed"), mailing, "COUNTED_WITHIN"),
    ]


def training() -> list[Period]:
    """Return the periods of trainings."""
    return [
        _kept(_("names, answers and questions of participants, after the last date"), times, "NAMES_KEPT"),
        _kept(_("what is over, in your own calendar"), feeds, "SHOWN_AFTER"),
    ]


def erasing() -> list[Period]:
    """Return the periods of what makes erasures last."""
    return [_kept(_("the mark of an erasure, which names nobody"), erasure_log, "KEPT")]


def reporting() -> list[Period]:
    """Return the periods of reports about pages."""
    return [
        _kept(_("a report with its words and address, after it was done"), page_reports, "DONE_KEPT"),
        _kept(_("the same where nobody did anything"), page_reports, "UNDONE_KEPT"),
    ]


def _kept(what: str, module: ModuleType, name: str) -> Period:
    return Period(what, getattr(module, name), f"{module.__name__}.{name}")


def _days(what: str, settings: ChatSettings | HubSettings, name: str) -> Period:
    return Period(what, timedelta(days=getattr(settings, name)), f"ALLMENDE_{name.upper()}")


def _hours(what: str, settings: HubSettings, name: str) -> Period:
    return Period(what, timedelta(hours=getattr(settings, name)), f"ALLMENDE_{name.upper()}")
