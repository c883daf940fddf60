"""Everything that is kept about a person, as it is put before them: section by section, in the current language."""

import json
from collections.abc import Mapping
from typing import Any

from knowledge.chats.words import network_word
from knowledge.contributions.checking import label_of
from knowledge.kit.clock import HOME
from knowledge.kit.language import _, date_text
from knowledge.members.words import role_word
from knowledge.models.chat import ChatKind
from knowledge.models.invitation import Purpose
from knowledge.privacy.schemas import (
    PersonalData,
    StoredContribution,
    StoredDirectory,
    StoredDraft,
    StoredExchange,
    StoredIdentity,
    StoredInvitation,
    StoredKeepRequest,
    StoredMail,
    StoredMember,
    StoredMessage,
    StoredReport,
    StoredSession,
    StoredSignIn,
    StoredToken,
    StoredWatch,
    StoredWebMessage,
)
from knowledge.privacy.told.learning import learning_sections
from knowledge.privacy.told.network import network_sections
from knowledge.privacy.told.parts import Line, Section, moment_text, section


def sections(data: PersonalData) -> list[Section]:
    """Return everything in sections."""
    return [
        section(_("Your chat accounts"), map(_identity, data.identities)),
        section(_("Your membership"), map(_member, [data.member] if data.member else [])),
        section(_("Questions that still link to you"), map(_exchange, data.exchanges)),
        section(_("Questions that you want to hear about"), map(_watch, data.watches)),
        section(_("Dialogues and drafts"), map(_draft, data.drafts)),
        section(_("Your contributions"), map(_contribution, data.contributions)),
        section(_("What you reported"), map(_report, data.reports)),
        section(_("Your way into the hub"), map(_sign_in, [data.sign_in] if data.sign_in else [])),
        section(_("Your organisation’s directory"), map(_directory, data.directories)),
        section(_("Where you are signed in"), map(_session, data.sessions)),
        section(_("Access for programs"), map(_token, data.tokens)),
        section(_("Requests to keep a message"), map(_keep_request, data.keep_requests)),
        *network_sections(data.network),
        *learning_sections(data.learning),
        section(_("One-time codes"), map(_invitation, data.invitations)),
        section(_("Messages that wait"), map(_message, data.messages)),
        section(_("Your conversation in the browser"), map(_said, data.said_in_browser)),
    ]


def _identity(row: StoredIdentity) -> list[Line]:
    return [
        (_("Network"), network_word(row.network)),
        (_("Address"), row.address),
        (_("Organisation that you named"), row.organisation),
        (_("Language"), {"de": "Deutsch", "en": "English"}.get(row.language or "")),
        (_("Known since"), moment_text(row.created_at)),
        (_("Last seen (to the day)"), date_text(row.seen_at.astimezone(HOME).date())),
        (_("Told what I am and keep"), moment_text(row.introduced_at)),
        (_("Warned of the foreign house"), moment_text(row.warned_at)),
        (_("Direct chat"), ", ".join(row.direct_chats)),
        *(_mail(row.mail) if row.mail else ()),
    ]


def _mail(row: StoredMail) -> list[Line]:
    wanted = {_("Answers and questions"): row.answers, _("Reminders"): row.reminders, _("What is new"): row.digests}
    return [
        (_("Wanted by e-mail"), ", ".join(name for name, is_wanted in wanted.items() if is_wanted)),
        (_("By e-mail although I have a messenger"), _("yes") if row.preferred else _("no")),
        (_("Address given"), moment_text(row.created_at)),
        (_("Address confirmed"), moment_text(row.confirmed_at)),
        (_("Unsubscribed"), moment_text(row.unsubscribed_at)),
        (_("Mails that came back"), str(row.bounces) if row.bounces else None),
        (_("Came back last"), moment_text(row.last_bounce_at)),
        (_("Nothing more sent since"), moment_text(row.bounced_at)),
    ]


def _member(row: StoredMember) -> list[Line]:
    return [
        (_("Name"), row.name),
        (_("Organisation"), row.organisation),
        (_("Role"), role_word(row.role)),
        (_("Since"), moment_text(row.created_at)),
        (_("Active"), _("yes") if row.active else _("no")),
        (_("Circles that you vouch for"), ", ".join(row.vouches_for)),
    ]


def _exchange(row: StoredExchange) -> list[Line]:
    helped = {True: _("yes"), False: _("no"), None: None}[row.found_helpful]
    place = _("direct chat") if row.kind is ChatKind.DIRECT else _("group")
    return [
        (_("Asked"), f"{moment_text(row.asked_at)}, {network_word(row.network)}, {place}"),
        (_("Question"), row.question or _("(erased)")),
        (_("Answered"), None if row.answered is None else _("yes") if row.answered else _("no")),
        *((_("Shown"), _shown(item)) for item in row.shown),
        (_("Did it help"), helped),
        (_("The link to you ends"), moment_text(row.expires_at)),
    ]


def _shown(item: Mapping[str, Any]) -> str:
    source = ", ".join(str(item[name]) for name in ("title", "locator") if item.get(name))
    return f"„{item['quote']}“ ({source})" if item.get("quote") else source


def _watch(row: StoredWatch) -> list[Line]:
    return [
        (_("Question"), row.question),
        (_("Since"), moment_text(row.created_at)),
        (_("Ends"), moment_text(row.expires_at)),
        (_("Told"), moment_text(row.told_at)),
    ]


def _draft(row: StoredDraft) -> list[Line]:
    said = json.dumps(row.data, ensure_ascii=False)
    return [
        (_("Dialogue"), f"{row.name}/{row.step}"),
        (_("Said so far"), said),
        (_("Changed"), moment_text(row.updated_at)),
        (_("Ends"), moment_text(row.expires_at)),
    ]


def _contribution(row: StoredContribution) -> list[Line]:
    return [
        (_("Where it stands"), row.state.value),
        (_("Organisation"), row.organisation),
        (_("Described as"), row.described_as),
        *((label_of(name), _field_text(value)) for name, value in row.fields.items()),
        (_("Begun"), moment_text(row.created_at)),
        (_("Sent"), moment_text(row.submitted_at)),
        (_("Decided"), moment_text(row.decided_at)),
        (_("The reason"), row.reason),
        *(
            (_("You wrote") if mine else _("A moderator wrote"), f"{moment_text(at)}: {text}")
            for mine, at, text in row.messages
        ),
    ]


def _field_text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _report(row: StoredReport) -> list[Line]:
    return [
        (_("Text"), row.text),
        (_("Since"), moment_text(row.created_at)),
        (_("Closed"), moment_text(row.closed_at)),
        (_("What was done"), row.outcome),
    ]


def _sign_in(row: StoredSignIn) -> list[Line]:
    return [
        (_("You sign in as"), row.login),
        (_("Second factor"), _("yes") if row.second_factor else _("no")),
        (_("Changed"), moment_text(row.changed_at)),
    ]


def _directory(row: StoredDirectory) -> list[Line]:
    return [
        (_("Account at"), f"{row.name} ({row.issuer})"),
        (_("Since"), moment_text(row.linked_at)),
        (_("Last used"), date_text(row.last_used) if row.last_used else ""),
    ]


def _session(row: StoredSession) -> list[Line]:
    return [
        (_("Device"), row.device or _("unknown")),
        (_("Since"), moment_text(row.created_at)),
        (_("Last used"), moment_text(row.seen_at)),
        (_("Ends"), moment_text(row.expires_at)),
    ]


def _token(row: StoredToken) -> list[Line]:
    return [
        (_("Name"), row.name),
        (_("Begins with"), row.hint),
        (_("For"), ", ".join(row.scopes)),
        (_("Since"), moment_text(row.created_at)),
        (_("Last used"), date_text(row.used_on) if row.used_on else None),
        (_("Ends"), moment_text(row.expires_at)),
        (_("Ended"), moment_text(row.revoked_at)),
        (_("Answers kept for a day"), str(row.answers) if row.answers else None),
    ]


def _keep_request(row: StoredKeepRequest) -> list[Line]:
    kind = _("you asked whether a message may be kept") if row.asked else _("you were asked about a message of yours")
    return [(_("Request"), kind), (_("Since"), moment_text(row.created_at)), (_("Ends"), moment_text(row.expires_at))]


def _invitation(row: StoredInvitation) -> list[Line]:
    purposes = {
        Purpose.MEMBER: _("to become a member"),
        Purpose.LINK: _("to link another chat account"),
        Purpose.MAIL: _("by mail"),
        Purpose.CIRCLE: _("to link a group"),
    }
    return [
        (_("For"), purposes[row.purpose]),
        (_("Name"), row.name),
        (_("Made"), moment_text(row.created_at)),
        (_("Ends"), moment_text(row.expires_at)),
        (_("Used"), moment_text(row.used_at)),
    ]


def _message(row: StoredMessage) -> list[Line]:
    kind = _("from you, to be handled") if row.incoming else _("to you, to be sent")
    return [(_("Message"), kind), (_("Since"), moment_text(row.created_at)), (_("Text"), _words(row))]


def _said(row: StoredWebMessage) -> list[Line]:
    who = _("from you") if row.mine else _("to you")
    return [
        (_("Message"), who),
        (_("Since"), moment_text(row.created_at)),
        (_("Text"), row.text),
        (_("File"), row.file),
        (_("Ends"), moment_text(row.kept_until)),
    ]


def _words(row: StoredMessage) -> str | None:
    """Return the text of a message that waits, as far as it has one; the file for machines has it as it is."""
    if row.incoming:
        text = row.content.get("text")
        return text if isinstance(text, str) else None
    blocks = row.content.get("message", {}).get("text") or ()
    return "\n".join("".join(str(span[0]) for span in spans) for _kind, spans in blocks)
