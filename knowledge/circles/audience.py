"""What may be shown where: one rule for every chat.

A group sees only what all of it may see. On Telegram, which is a foreign house, that is what is public until an
administrator decides otherwise; what is for one house only is never shown there.
"""

from knowledge.access.visibility import NETWORK, PUBLIC, Viewer, access_token
from knowledge.chats.schemas import ChatEntry, IdentityEntry
from knowledge.models.chat import ChatKind, Network
from knowledge.models.document import Visibility


def viewer_for(chat: ChatEntry, identity: IdentityEntry, *, telegram_visibility: str) -> Viewer:
    """Return what may be shown in a chat to a person who asks there.

    A group: what is public; the network's once a moderator has vouched for its members; its own circle's documents,
    also those that it shares with other circles. A direct chat: what is public; for verified members also the network's
    and their own house's. The documents of a circle are found in the circle's own group alone: who belongs to a group
    is the network's knowledge and changes without our hearing of it, so nobody is taken for a circle's member anywhere
    else.

    Args:
        chat: where it will be shown.
        identity: who asks; their Land decides which notes on scope are shown.
        telegram_visibility: ``public`` or ``network``: what may be shown on Telegram at most
            (``ALLMENDE_TELEGRAM_VISIBILITY``). With ``network``, groups and direct chats there follow the same rules
            as elsewhere, but for houses.
    """
    access = _group_access(chat) if chat.kind is ChatKind.GROUP else _direct_access(identity)
    if chat.network is Network.TELEGRAM:
        access = _abroad(access, telegram_visibility)
    return Viewer(access, identity.state_key)


def _group_access(chat: ChatEntry) -> frozenset[str]:
    if chat.circle is None:
        return frozenset({PUBLIC})
    own = {access_token(Visibility.CIRCLE, None, chat.circle.id)}
    own |= {access_token(Visibility.CIRCLE, None, audience_id=audience) for audience in chat.circle.audiences}
    return frozenset({PUBLIC, NETWORK} | own if chat.circle.vouched else {PUBLIC} | own)


def _direct_access(identity: IdentityEntry) -> frozenset[str]:
    if not identity.verified:
        return frozenset({PUBLIC})
    if identity.organisation_id is None:
        return frozenset({PUBLIC, NETWORK})
    return frozenset({PUBLIC, NETWORK, access_token(Visibility.HOUSE, identity.organisation_id)})


def _abroad(access: frozenset[str], telegram_visibility: str) -> frozenset[str]:
    if telegram_visibility != NETWORK:
        return frozenset({PUBLIC})
    return frozenset(token for token in access if not token.startswith("house:"))
