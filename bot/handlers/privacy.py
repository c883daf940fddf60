"""``/meinedaten`` and ``/loeschen``: everything about me as a file, and everything about me gone."""

from collections.abc import Sequence

from bot.core.messages import Attachment, Choice
from bot.core.text import Block, RichText, bold, heading, item, note, paragraph, rich
from bot.core.turn import ChoiceHandler, Command, Handler, Turn
from bot.handlers.data_file import machine_file, readable_file
from bot.handlers.filling import filled
from bot.handlers.wording import command
from knowledge.chats.service import ChatService
from knowledge.chats.words import network_word
from knowledge.kit.language import _
from knowledge.models.chat import ChatIdentity
from knowledge.privacy.disclosure import DisclosureService
from knowledge.privacy.erasure_log import note_after_commit
from knowledge.privacy.schemas import PersonalData
from knowledge.privacy.service import NobodyKnown, PrivacyService
from knowledge.privacy.told.erasing import what_goes, what_stays

MY_DATA, ERASE = "meinedaten", "loeschen"
HERE, EVERYWHERE, NO = "here", "all", "no"


async def show_my_data(turn: Turn) -> None:
    """Send everything about the person as files, to the direct chat alone."""
    if not await _reaches(turn, MY_DATA, _("I send it to you in our direct chat, where nobody else reads along.")):
        return
    data = await DisclosureService(turn.unit.session).everything(turn.identity.id)
    chats = turn.services.settings.chats
    _say_directly(turn, _summary(turn, data), attachment=readable_file(data, chats))
    _say_directly(turn, rich(_("The same for machines:")), attachment=machine_file(data, chats))


def _summary(turn: Turn, data: PersonalData) -> RichText:
    counts = (
        (_("chat accounts"), len(data.identities)),
        (_("questions that still link to you"), len(data.exchanges)),
        (_("questions that you want to hear about"), len(data.watches)),
        (_("dialogues and drafts"), len(data.drafts)),
    )
    member = data.member
    belongs = _("Member: {name}").format(name=member.name) if member else _("You are not a member.")
    erase = command(turn.glance, ERASE, "delete")
    return rich(
        heading(_("Everything that is kept about you")),
        item(belongs),
        *(item(f"{title}: {count}") for title, count in counts),
        paragraph(_("The file has all of it, with what is not kept and what others keep.")),
        note(*filled(_("{command} erases it."), command=erase)),
    )


async def ask_to_erase(turn: Turn) -> None:
    """Say what would be gone and what would stay, and ask once."""
    if not await _reaches(turn, ERASE, _("I ask you about it in our direct chat.")):
        return
    linked = await PrivacyService(turn.unit.session).linked(turn.identity.id)
    _say_directly(turn, _question(linked), choices=_choices(linked))


def _question(linked: Sequence[ChatIdentity]) -> RichText:
    several = len(linked) > 1
    return rich(
        heading(_("Erase everything about you?")),
        paragraph(bold(_("Gone would be:"))),
        *(item(part) for part in what_goes()),
        paragraph(bold(_("Left would be:"))),
        *(item(part) for part in what_stays()),
        *(_linked_blocks(linked) if several else ()),
        paragraph(_("This cannot be undone, also not from a backup.")),
    )


def _linked_blocks(linked: Sequence[ChatIdentity]) -> list[Block]:
    names = ", ".join(network_word(identity.network) for identity in linked)
    return [paragraph(_("You are known on several accounts: {names}.").format(names=names))]


def _choices(linked: Sequence[ChatIdentity]) -> tuple[Choice, ...]:
    no = Choice(f"erase:{NO}", _("No, keep it"), "✖️")
    if len(linked) == 1:
        return (Choice(f"erase:{EVERYWHERE}", _("Yes, erase everything"), "🗑️"), no)
    here = network_word(linked[0].network)
    return (
        Choice(f"erase:{EVERYWHERE}", _("Yes, on all accounts"), "🗑️"),
        Choice(f"erase:{HERE}", _("Only this account ({network})").format(network=here), "☝️"),
        no,
    )


async def erase(turn: Turn) -> None:
    """Do what was chosen; nobody can choose it for somebody else."""
    choice = turn.glance.choice
    if not turn.glance.is_direct or choice not in (HERE, EVERYWHERE):
        turn.say(rich(_("Nothing was erased.")))
        return
    erased = await PrivacyService(turn.unit.session).erase(turn.identity.id, everywhere=choice == EVERYWHERE)
    note_after_commit(turn.unit, turn.services.settings.data_folder, erased.records)
    turn.say(_farewell(membership=erased.membership, everywhere=choice == EVERYWHERE))


def _farewell(*, membership: bool, everywhere: bool) -> RichText:
    blocks = [paragraph(_("Everything about you is erased."))]
    if membership:
        blocks.append(paragraph(_("You are no longer a member; a new code makes you one again.")))
    elif not everywhere:
        blocks.append(paragraph(_("Your other accounts and your membership stay.")))
    blocks.append(
        note(
            _(
                "That this message was sent is noted for seven days. If you write to me again, you begin anew. Please "
                "delete this chat yourself if it should go, too."
            )
        )
    )
    return rich(*blocks)


async def _reaches(turn: Turn, word: str, announcement: str) -> bool:
    """Whether the person can be written to alone; says in a group how it goes on. Raises ``NobodyKnown``."""
    if turn.incoming.sender.anonymous:
        raise NobodyKnown
    if turn.glance.is_direct:
        return True
    has_chat = await ChatService(turn.unit.session).direct_chat(turn.identity.id) is not None
    if has_chat or turn.glance.features.can_write_first:
        turn.say(rich(announcement))
        return True
    address = turn.services.direct_link(turn.glance.network, word)
    text = _("That is only between us. Please open our direct chat.")
    choices = (Choice(f"open:{word}", _("Open the direct chat"), address=address),) if address else ()
    turn.say(rich(text), choices=choices)
    return False


def _say_directly(
    turn: Turn, text: RichText, *, choices: tuple[Choice, ...] = (), attachment: Attachment | None = None
) -> None:
    if turn.glance.is_direct:
        turn.say(text, choices=choices, attachment=attachment)
    else:
        turn.say_privately(text, choices=choices, attachment=attachment)


# What can follow „/start“ in a link to the direct chat.
BY_LINK = {MY_DATA: show_my_data, ERASE: ask_to_erase}

COMMANDS = (
    Command(
        (MY_DATA, "mydata", "meine-daten", "my-data"),
        lambda: _("Everything that is kept about you, as a file"),
        Handler(show_my_data),
        personal=True,
    ),
    Command(
        (ERASE, "delete", "erase", "delete-me", "löschen"),
        lambda: _("Erase everything about you"),
        Handler(ask_to_erase),
        personal=True,
    ),
)
CHOICES = (ChoiceHandler("erase", Handler(erase)),)
