"""From a message to a mail: subject, both texts, the links out of it, and the headers by which programmes know it."""

import re
from urllib.parse import quote
from uuid import UUID

from bot.core.html import is_safe
from bot.core.messages import Choice, Outgoing
from bot.core.pictures import described_text
from bot.core.text import RichText, link, note, rich
from bot.mail.rendering import Link, html_page, letter_html, picture_html, plain_text
from knowledge.kit.language import _, current_language
from knowledge.kit.mail import Mail, MailPicture, domain_of, sender_of
from knowledge.kit.settings import Settings
from knowledge.mailing.kinds import CONFIRM, ON_REQUEST, SIGN_IN, MailWish, wish_of
from knowledge.mailing.schemas import MailEntry
from knowledge.mailing.tokens import MailTokens

# Where somebody goes on in the hub with what can be chosen in a chat: by the beginning of a choice's key, whose rest
# ends in an identifier.
PLACES = {
    "ask": "/beitraege/{key}",
    "mine": "/beitraege/{key}",
    "house": "/freigaben/{key}",
    "fresh": "/dokument/{key}",
    "handover": "/nachfolge",
    "open": "/fragen/{key}",
    "reply": "/fragen/{key}",
    "pass": "/fragen/{key}",
}
_KEY = re.compile(r"(\w+):\w?([0-9a-f]{32})")
SETTINGS_PATH, LEAVE_PATH = "/konto/post", "/abmelden/"


class Composer:
    """Makes mails, in the language that is spoken at the moment.

    Args:
        settings: whose hub and sender.
        tokens: sign the links out of it.
    """

    def __init__(self, settings: Settings, tokens: MailTokens) -> None:
        self._hub = settings.hub.address
        self._settings = settings.mail
        self._tokens = tokens

    def compose(self, message: Outgoing, key: str, entry: MailEntry) -> Mail:
        """Return a message as a mail.

        Args:
            message: what is said.
            key: the same for each try to send it.
            entry: to whom.
        """
        title, text = subject_of(message.about), message.text or rich()
        links, foot = self._links(text, message.choices), self._foot(message.about, entry)
        picture = _picture_of(message, key)
        shown = picture_html(message.attachment, picture.key) if message.attachment and picture else ""
        subject = f"Allmende: {title}"
        return Mail(
            to=entry.address,
            subject=subject,
            text=plain_text(described_text(message) or text, links, foot),
            html=html_page(title, letter_html(text, links, shown), foot, language=current_language()),
            headers=self._headers(message, entry),
            message_id=message_id(key, sender_of(self._settings)),
            sender_name="Allmende",
            return_path=self._return_path(entry),
            picture=picture,
        )

    def _return_path(self, entry: MailEntry) -> str | None:
        known = self._settings.mail_bounces
        return self._tokens.return_path(entry.identity_id, known) if known else None

    def _links(self, text: RichText, choices: tuple[Choice, ...]) -> list[Link]:
        """Return the choices that lead somewhere; for the others, the place in the hub where one goes on."""
        links = [(choice.label, choice.address) for choice in choices if choice.address and is_safe(choice.address)]
        known = [*(address for _label, address in links), *(span.link for block in text.blocks for span in block.spans)]
        leads_on = any(address is not None and address.startswith(self._hub) for address in known)
        if not leads_on and any(not choice.address for choice in choices):
            links.append((_("Answer or go on in the hub"), self._hub + _place_of(choices)))
        return links

    def _foot(self, kind: str, entry: MailEntry) -> RichText:
        lines = [note(_("A machine sent this mail: Allmende. Nobody reads what is sent back."))]
        if kind not in ON_REQUEST:
            settings = link(_("Choose what you get by e-mail"), self._hub + SETTINGS_PATH)
            leaving = link(_("Unsubscribe from mails like this"), self._leaving(entry, wish_of(kind)))
            lines += [note(settings), note(leaving)]
        return rich(*lines)

    def _leaving(self, entry: MailEntry, wish: MailWish | None) -> str:
        return self._hub + LEAVE_PATH + quote(self._tokens.leaving(entry.identity_id, wish))

    def _headers(self, message: Outgoing, entry: MailEntry) -> dict[str, str]:
        headers = {"Content-Language": current_language(), "X-Auto-Response-Suppress": "All"}
        if message.automatic:
            headers["X-Allmende-Automatic"] = "yes"
        if message.about not in ON_REQUEST:
            headers["Precedence"] = "bulk"
            headers["List-Unsubscribe"] = f"<{self._leaving(entry, wish_of(message.about))}>"
            if self._hub.startswith("https:"):  # one click is for encrypted links only (RFC 8058)
                headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return headers


def subject_of(kind: str) -> str:
    """Return what a mail is about, without a word of what it says: subjects are read on locked screens, too."""
    if kind == CONFIRM:
        return _("Please confirm your e-mail address")
    if kind == SIGN_IN:
        return _("Your link for signing in")
    names = {
        MailWish.ANSWERS: _("News for you"),
        MailWish.REMINDERS: _("A reminder"),
        MailWish.DIGESTS: _("What is new"),
    }
    wish = wish_of(kind)
    return names[wish] if wish is not None else _("About your account")


def message_id(key: str, sender: str) -> str:
    """Return the identifier of the mail that a message becomes, however often it is sent."""
    return f"<{key}@{domain_of(sender)}>"


def _picture_of(message: Outgoing, key: str) -> MailPicture | None:
    """Return the picture that a message brings along; other files are not mailed."""
    file = message.attachment
    if file is None or not file.is_picture:
        return None
    return MailPicture(f"{key}@allmende", file.name, file.media_type, file.content)


def _place_of(choices: tuple[Choice, ...]) -> str:
    for choice in choices:
        found = _KEY.fullmatch(choice.key)
        if found is not None and found[1] in PLACES:
            return PLACES[found[1]].format(key=UUID(found[2]))
    return "/"
