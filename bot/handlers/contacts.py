"""``/kontakte``: requests for contact, made and received; accepting, declining, naming a colleague, blocking."""

from uuid import UUID

from bot.core.dialogue import Dialogue, Draft, Prompt, Step
from bot.core.dialogues import begin_dialogue
from bot.core.messages import Choice
from bot.core.text import Block, bold, item, note, paragraph, rich
from bot.core.turn import ChoiceHandler, Command, Handler, Turn
from bot.handlers.contact_text import (
    ACCEPT,
    BLOCK,
    CARD,
    DECLINE,
    PASS_ON,
    SHOW,
    SURELY_BLOCK,
    WITHDRAW,
    card_blocks,
    entry_line,
    hub_blocks,
    outlook_word,
    own_card_hint,
    request_blocks,
    request_choices,
)
from bot.handlers.experience_draft import help_blocks, note_miss
from bot.handlers.filling import filled
from bot.handlers.open_question_draft import STOP, member_of, split_key, stop_choice
from bot.handlers.open_question_release import may_use_network
from bot.handlers.watching import DIGITS
from bot.handlers.wording import command, shows_public_only
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.models.chat import ChatKind, Network
from knowledge.peers.contacts import ContactService
from knowledge.peers.errors import UnknownRequest
from knowledge.peers.schemas import ContactCard, ContactEntry, Outlook

# Lines of a list on a phone's screen.
MOST_LISTED = 8
_PERSON = ":p-"


def exchanges_here(turn: Turn) -> bool:
    """Whether names and addresses may be said in this chat: never in the foreign house that Telegram is."""
    return turn.glance.is_direct and turn.glance.network is not Network.TELEGRAM


# The list


async def show_contacts(turn: Turn) -> None:
    """List what a member asked and was asked."""
    if not await may_use_network(turn):
        return
    book = await ContactService(turn.unit).of_member(member_of(turn).member_id)
    if shows_public_only(turn.glance):
        turn.say(rich(_("Contacts are not shown here."), *hub_blocks(turn.services.settings, _("Your contacts"))))
        return
    entries = [*book.to_me, *book.mine]
    if not entries:
        sentence = _("You have asked nobody for contact, and nobody asked you. {command} finds colleagues elsewhere.")
        turn.say(rich(paragraph(*filled(sentence, command=command(turn.glance, "kollegen", "peers")))))
        return
    shown = entries[:MOST_LISTED]
    blocks = [*_section(_("Asked of you"), shown, 1, mine=False), *_section(_("Asked by you"), shown, 1, mine=True)]
    choices = tuple(
        Choice(f"con:{SHOW}{entry.id.hex}", _("Show {number}").format(number=number), digit)
        for number, (digit, entry) in enumerate(zip(DIGITS, shown, strict=False), start=1)
    )
    turn.say(rich(*blocks, *_hidden_note(turn, len(entries) - len(shown))), choices=choices)


def _section(title: str, entries: list[ContactEntry], first: int, *, mine: bool) -> list[Block]:
    lines = [
        item(f"{number}. {entry_line(entry)}")
        for number, entry in enumerate(entries, start=first)
        if entry.is_mine is mine
    ]
    return [paragraph(bold(title)), *lines] if lines else []


def _hidden_note(turn: Turn, count: int) -> list[Block]:
    if count <= 0 or turn.services.settings.hub.hub_url is None:
        return []
    return hub_blocks(turn.services.settings, _("All of your contacts"))


# What is done with one


async def choose_contact(turn: Turn) -> None:
    """Do what was chosen below a request."""
    deeds = {
        SHOW: _show,
        ACCEPT: _accept,
        DECLINE: _decline,
        PASS_ON: _begin_passing,
        BLOCK: _ask_blocking,
        SURELY_BLOCK: _block,
        WITHDRAW: _withdraw,
        CARD: _show_card,
    }
    mark, key = split_key(turn.glance.choice)
    deed = deeds.get(mark)
    if not turn.glance.is_direct:
        return
    if deed is None or key is None:
        turn.say(rich(_("Everything stays as it is.")))
        return
    await deed(turn, key)


async def _show(turn: Turn, key: UUID) -> None:
    entry = await ContactService(turn.unit).get(key, member_of(turn).member_id)
    if shows_public_only(turn.glance):
        turn.say(rich(*hub_blocks(turn.services.settings, _("Your contacts"))))
    elif entry.outlook is Outlook.EXCHANGED:
        await _show_card(turn, key)
    elif entry.is_mine:
        withdraw = Choice(f"con:{WITHDRAW}{entry.id.hex}", _("Withdraw it"), "🗑️")
        turn.say(rich(entry_line(entry)), choices=(withdraw,) if entry.outlook is Outlook.WAITING else ())
    elif entry.outlook is Outlook.WAITING:
        turn.say(rich(*await received_blocks(turn, entry)), choices=request_choices(entry))
    else:
        turn.say(rich(entry_line(entry)))


async def received_blocks(turn: Turn, entry: ContactEntry) -> list[Block]:
    """Return a request as its receiver reads it."""
    own = await ContactService(turn.unit).own_card(member_of(turn).member_id)
    return [*request_blocks(entry, _("{who} would like to talk to you.")), *own_card_hint(own)]


async def _accept(turn: Turn, key: UUID) -> None:
    card = await ContactService(turn.unit).accept(key, member_of(turn).member_id)
    turn.say(rich(paragraph(bold(_("Accepted: now both of you have name and address."))), *_card_or_hub(turn, card)))


async def _show_card(turn: Turn, key: UUID) -> None:
    card = await ContactService(turn.unit).exchanged(key, member_of(turn).member_id)
    turn.say(rich(*_card_or_hub(turn, card)))


def _card_or_hub(turn: Turn, card: ContactCard) -> list[Block]:
    if exchanges_here(turn):
        return card_blocks(card)
    return hub_blocks(turn.services.settings, _("Name and address stand in the hub"))


async def _decline(turn: Turn, key: UUID) -> None:
    await ContactService(turn.unit).decline(key, member_of(turn).member_id)
    turn.say(rich(_("Declined. They read, some days later, that nobody was available.")))


async def _ask_blocking(turn: Turn, key: UUID) -> None:
    entry = await ContactService(turn.unit).get(key, member_of(turn).member_id)
    if entry.is_mine:
        raise UnknownRequest
    yes = Choice(f"con:{SURELY_BLOCK}{key.hex}", _("Yes, block them"), "⛔")
    no = Choice(f"con:n{key.hex}", _("Leave it as it is"), "↩️")
    text = _("Then nothing from this person reaches you any more. They do not learn of it.")
    turn.say(rich(text), choices=(yes, no))


async def _block(turn: Turn, key: UUID) -> None:
    await ContactService(turn.unit).block(key, member_of(turn).member_id)
    sentence = _("Blocked. {command} shows whom you have blocked, and lets them ask again.")
    turn.say(rich(paragraph(*filled(sentence, command=command(turn.glance, "blockiert", "blocked")))))


async def _withdraw(turn: Turn, key: UUID) -> None:
    await ContactService(turn.unit).withdraw(key, member_of(turn).member_id)
    turn.say(rich(_("Withdrawn. Your words are erased.")))


# Naming a colleague


async def _begin_passing(turn: Turn, key: UUID) -> None:
    entry = await ContactService(turn.unit).get(key, member_of(turn).member_id)
    if entry.is_mine:
        raise UnknownRequest
    if entry.outlook is not Outlook.WAITING:
        turn.say(rich(outlook_word(entry)))
        return
    await begin_dialogue(turn, PASSING, {"request": key.hex})


async def _ask_name(turn: Turn, draft: Draft) -> Prompt:
    blocks = help_blocks(turn, draft)
    found = draft.data.get("found", [])
    if not blocks:
        blocks = [
            paragraph(bold(_("Which colleague of your house knows more? Please write the name."))),
            note(_("They are asked as you were. Whoever asks learns a name only when your colleague says yes.")),
        ]
    choices = tuple(Choice(f"{_PERSON}{number}", name) for number, (_key, name) in enumerate(found))
    return Prompt(rich(*blocks), (*choices, stop_choice()))


async def _take_name(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == STOP:
        turn.say(rich(_("Nobody was asked. The request still waits for your answer.")))
        return None
    contacts, member, key = ContactService(turn.unit), member_of(turn).member_id, UUID(draft.data["request"])
    found = draft.data.pop("found", [])
    place = answer.removeprefix(_PERSON)
    try:
        if place != answer and place.isdecimal() and int(place) < len(found):
            await contacts.pass_on(key, member, UUID(found[int(place)][0]))
            turn.say(rich(_("Thank you. I ask {name}.").format(name=found[int(place)][1])))
            return None
        colleagues = await contacts.colleagues(key, member, answer)
    except AllmendeError as error:
        turn.say(rich(error.message))
        return None
    if not colleagues:
        note_miss(draft, _("I know nobody of that name in your house. Please write the whole name."))
        return "name"
    draft.data["found"] = [[one.member_id.hex, one.name] for one in colleagues]
    note_miss(draft, _("Is it this colleague? Please choose, or write another name."))
    return "name"


# Whom one has blocked


async def show_blocked(turn: Turn) -> None:
    """List whom a member has blocked."""
    if not await may_use_network(turn):
        return
    blocked = await ContactService(turn.unit).blocked(member_of(turn).member_id)
    if not blocked:
        turn.say(rich(_("You have blocked nobody.")))
        return
    shown = blocked[: len(DIGITS)]
    lines = [
        item(f"{number}. {one.name or _('somebody')}{f' ({one.organisation})' if one.organisation else ''}")
        for number, one in enumerate(shown, start=1)
    ]
    choices = tuple(
        Choice(f"unblock:{one.key.hex}", _("Unblock {number}").format(number=number), digit)
        for number, (digit, one) in enumerate(zip(DIGITS, shown, strict=False), start=1)
    )
    turn.say(rich(paragraph(bold(_("You want no requests from:"))), *lines), choices=choices)


async def unblock(turn: Turn) -> None:
    """Let somebody ask again."""
    key = split_key(turn.glance.choice)[1]
    if turn.glance.is_direct and key is not None:
        await ContactService(turn.unit).unblock(member_of(turn).member_id, key)
        turn.say(rich(_("They may ask you again.")))


PASSING = Dialogue("contact_passing", "name", {"name": Step(_ask_name, _take_name)}, keep_days=7)
COMMANDS = (
    Command(
        ("kontakte", "contacts"),
        lambda: _("Requests for contact: yours, and those to you"),
        Handler(show_contacts),
        where=frozenset({ChatKind.DIRECT}),
        offered=lambda glance: glance.is_direct and glance.identity.verified,
        personal=True,
    ),
    Command(
        ("blockiert", "blocked"),
        lambda: _("Whom you want no requests from"),
        Handler(show_blocked),
        where=frozenset({ChatKind.DIRECT}),
        offered=lambda _glance: False,
        personal=True,
    ),
)
CHOICES = (ChoiceHandler("con", Handler(choose_contact)), ChoiceHandler("unblock", Handler(unblock)))
DIALOGUES = (PASSING,)
