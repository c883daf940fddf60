"""What somebody wrote, without what clients add: mentions of the bot, quotations of what is replied to."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import unquote

# Characters that show nothing but would hide a command's slash.
INVISIBLE = "\ufeff\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\x00"
# Longest formatted text that is looked at for mentions.
LONGEST_FORMATTED = 20_000

_COMMAND = re.compile(r"[!/](?=[^\W\d_])")
_QUOTED_REPLY = re.compile(r"<mx-reply>.*?</mx-reply>", re.DOTALL | re.IGNORECASE)
_PILL = re.compile(
    r"<a\s[^>]{0,200}?href=[\"']https?://matrix\.to/#/([^\"'?]{1,300})[^\"'>]{0,300}[\"'][^>]{0,200}>(.{0,300}?)</a>",
    re.DOTALL | re.IGNORECASE,
)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message's text, whether the bot is mentioned in it (then the mention is left out), and whether others are."""

    text: str
    mentioned: bool
    others_mentioned: bool

    @property
    def is_command(self) -> bool:
        """Whether the text begins with a command, whose mark is always a slash here."""
        return _COMMAND.match(self.text) is not None and self.text.startswith("/")


def understand(content: dict[str, Any], account: str, names: tuple[str, ...]) -> Spoken:
    """Return what is said in a message's content.

    Args:
        content: the content of the message, or of what replaces it.
        account: the bot's address.
        names: what the bot is called by in texts.
    """
    body = _text(content.get("body"))
    if _in_reply_to(content):
        body = _without_quotation(body)
    formatted = _QUOTED_REPLY.sub("", _text(content.get("formatted_body"))[:LONGEST_FORMATTED])
    pills = [_TAG.sub("", unescape(shown)) for target, shown in _PILL.findall(formatted) if unquote(target) == account]
    listed = _listed(content)
    text, called = _without_calls(body, account, pills, names)
    return Spoken(_as_command(text), account in listed or bool(pills) or called, bool(listed - {account}))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _in_reply_to(content: dict[str, Any]) -> bool:
    relation = content.get("m.relates_to")
    return isinstance(relation, dict) and isinstance(relation.get("m.in_reply_to"), dict)


def _without_quotation(body: str) -> str:
    """Leave out the lines that older clients put before a reply, which anybody could forge."""
    lines = body.split("\n")
    if not lines[0].startswith("> <") and not lines[0].startswith("> * <"):
        return body
    while lines and lines[0].startswith(">"):
        lines.pop(0)
    return "\n".join(lines).lstrip("\n")


def _listed(content: dict[str, Any]) -> set[str]:
    mentions = content.get("m.mentions")
    users = mentions.get("user_ids") if isinstance(mentions, dict) else None
    return {user for user in users if isinstance(user, str)} if isinstance(users, list) else set()


def _without_calls(body: str, account: str, pills: list[str], names: tuple[str, ...]) -> tuple[str, bool]:
    """Leave out the bot's address wherever it stands, what pills show, and its name at the beginning."""
    text = body.strip().strip(INVISIBLE).strip()
    called = account in text
    for shown in (account, *pills):
        text = re.sub(rf"@?{re.escape(shown)}[:,]?" if shown else r"(?!)", " ", text)
    for name in sorted({*names, *pills}, key=len, reverse=True):
        shorter = re.sub(rf"^@?{re.escape(name)}\s*[:,]\s*", "", text, flags=re.IGNORECASE) if name else text
        called, text = called or shorter != text, shorter
    return "\n".join(re.sub(r"[^\S\n]{2,}", " ", line).strip() for line in text.strip().split("\n")), called


def _as_command(text: str) -> str:
    return f"/{text[1:]}" if _COMMAND.match(text) else text
