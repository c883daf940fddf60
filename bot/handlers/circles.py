"""Groups: the bot introduces itself, is linked to a circle, and is told how to behave there."""

from bot.core.messages import Choice
from bot.core.text import Block, Span, bold, heading, item, note, paragraph, rich
from bot.core.turn import ChoiceHandler, Command, Glance, Handler, Turn
from bot.handlers.members import welcome, what_is_kept
from bot.handlers.wording import command, shows_public_only, whom_to_ask
from knowledge.chats.schemas import CircleEntry
from knowledge.chats.service import ChatService
from knowledge.circles.service import CircleService
from knowledge.kit.clock import now
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.members.invitations import InvitationService
from knowledge.members.repository import IdentityRepository
from knowledge.models.chat import ChatKind, Network

# In larger groups nobody is written to alone for having come in.
FAMILIAR = 100
ON = frozenset({"an", "ein", "on", "ja", "yes"})
OFF = frozenset({"aus", "off", "nein", "no"})


# --- Coming, going, moving


async def came(turn: Turn) -> None:
    """Introduce the bot, once."""
    if not await CircleService(turn.unit.session).introduce(turn.chat.id):
        return
    blocks = welcome(turn.glance) if turn.glance.is_direct else introduction(turn.glance)
    turn.say_at(turn.incoming.place, rich(*blocks))


def introduction(glance: Glance) -> list[Block]:
    """Return what a group reads when the bot comes: what it does, what it keeps, that it is a machine."""
    operator = glance.services.settings.chats.operator
    run_by = " " + _("I am run by {operator}.").format(operator=operator) if operator else ""
    return [
        heading(_("Good day, I am Allmende")),
        paragraph(
            _("I am a machine. I answer questions from what municipalities have learned, and show where it stands.")
            + run_by
        ),
        item(bold(_("Asking:")), " ", command(glance, "frage", "ask", "…"), ", ", _("mention me, or reply to me.")),
        item(bold(_("Otherwise")), " ", _("I am silent, and keep nothing of what you talk about.")),
        item(bold(_("What this group finds:")), " ", sight(glance)),
        *what_is_kept(glance),
        note(_("More:"), " ", command(glance, "hilfe", "help")),
    ]


def sight(glance: Glance) -> str:
    """Return what a group may see, in words."""
    circle = glance.chat.circle
    if shows_public_only(glance):
        return _("what is public (on Telegram nothing else is shown)")
    if circle is None:
        return _("what is public")
    if circle.vouched:
        return _("what is public, what is for the network, and the circle's own documents")
    return _("what is public, and the circle's own documents")


async def went(turn: Turn) -> None:
    """Forget a chat that the bot is no longer in."""
    await CircleService(turn.unit.session).forget_group(turn.chat)


async def moved(turn: Turn) -> None:
    """Follow a chat to its new address."""
    if turn.incoming.moved_to:
        await CircleService(turn.unit.session).move_group(turn.chat, turn.incoming.moved_to)


async def joined(turn: Turn) -> None:
    """Tell somebody new what the bot is: privately where that is possible, else in the group once a day."""
    if turn.incoming.sender.is_bot or turn.glance.is_direct:
        return
    if await _may_write_to(turn):
        await ChatService(turn.unit.session).keep_person(turn.identity)
        # Nobody is told twice, however many groups they come into.
        if await IdentityRepository(turn.unit.session).mark_once(turn.identity.id, "introduced_at", now()):
            turn.say_privately(rich(*_private_notice(turn.glance)))
        return
    told_before = turn.identity.introduced_at is not None or turn.chat.paused
    if not told_before and await CircleService(turn.unit.session).tell_newcomers(turn.chat.id):
        turn.say_at(turn.incoming.place, rich(*newcomers_notice(turn.glance)))


async def _may_write_to(turn: Turn) -> bool:
    if (turn.incoming.people or 0) > FAMILIAR:
        return False
    if turn.glance.features.can_write_first:
        return True
    return await ChatService(turn.unit.session).direct_chat(turn.identity.id) is not None


def _private_notice(glance: Glance) -> list[Block]:
    return [
        paragraph(
            _(
                "Good day! You came into a group in which I am: Allmende, a machine that answers questions from what "
                "municipalities have learned. I only read what is addressed to me."
            )
        ),
        *what_is_kept(glance),
        note(_("More:"), " ", command(glance, "hilfe", "help")),
    ]


def newcomers_notice(glance: Glance) -> list[Block]:
    """Return what a group reads for those who came in."""
    return [
        paragraph(
            _("A word to all who are new: I am Allmende, a machine. I answer questions that are addressed to me."),
            " ",
            command(glance, "frage", "ask", "…"),
        ),
        *what_is_kept(glance),
    ]


# --- /arbeitskreis, /verbinden


async def show_circle(turn: Turn) -> None:
    """Show the settings of the group."""
    glance, circle = turn.glance, turn.chat.circle
    if circle is None:
        turn.say(
            rich(
                _("This group is not linked to a circle. It finds what is public."),
                paragraph(
                    _("An administrator makes a code for it, which you write here:"),
                    " ",
                    command(glance, "verbinden", "connect", _("CODE")),
                ),
            )
        )
        return
    choices = _settings_choices(circle) if turn.identity.moderates else ()
    turn.say(rich(*_settings(glance, circle)), choices=choices)


def _settings(glance: Glance, circle: CircleEntry) -> list[Block]:
    language = {"de": "Deutsch", "en": "English"}.get(circle.language or "", _("as each person likes"))
    blocks = [
        heading(circle.name),
        item(bold(_("Finds:")), " ", sight(glance)),
        item(bold(_("Vouched for by a moderator:")), " ", _yes_no(yes=circle.vouched)),
        item(bold(_("Language:")), " ", language),
        item(bold(_("Topics:")), " ", ", ".join(circle.topics) or "–"),
        item(bold(_("Recognising questions:")), " ", _yes_no(yes=circle.recognises)),
    ]
    if glance.identity.moderates:
        blocks.append(note(_("Topics and language:"), " ", *_setting_commands(glance)))
    return blocks


def _setting_commands(glance: Glance) -> tuple[str | Span, ...]:
    return (command(glance, "themen", "topics", "…"), ", ", command(glance, "sprache", "language"))


def _settings_choices(circle: CircleEntry) -> tuple[Choice, ...]:
    return (
        Choice("circle:unvouch", _("No longer vouch"), "🚪")
        if circle.vouched
        else Choice("circle:vouch", _("All here belong to the network"), "🤝"),
        Choice("circle:ignore", _("No longer recognise questions"), "🙉")
        if circle.recognises
        else Choice("circle:recognise", _("Recognise questions"), "👂"),
        Choice("circle:pause", _("Pause"), "⏸️"),
    )


def _yes_no(*, yes: bool) -> str:
    return _("yes") if yes else _("no")


async def connect(turn: Turn) -> None:
    """Link the group to the circle whose code somebody has."""
    session = turn.unit.session
    if not turn.glance.argument:
        await show_circle(turn)
        return
    try:
        invitation = await InvitationService(session).find(turn.glance.argument, turn.identity, turn.services.database)
        linked = await CircleService(session).link(invitation, turn.chat, turn.identity.id)
    except AllmendeError as error:
        turn.say(rich(error.message))
        return
    blocks = [
        paragraph(bold(_("This group is now the circle “{name}”.").format(name=linked.name))),
        paragraph(_("Until a moderator vouches for all who are here, it finds what is public and its own documents.")),
    ]
    if shows_public_only(turn.glance):
        blocks[1] = paragraph(_("On Telegram, it finds what is public."))
    if linked.moved:
        blocks.append(note(_("The group that the circle had before finds what is public from now on.")))
    if linked.replaced:
        blocks.append(note(_("It is no longer the circle “{name}”.").format(name=linked.replaced)))
    blocks.append(note(_("Settings:"), " ", command(turn.glance, "arbeitskreis", "circle")))
    turn.say(rich(*blocks))


# --- What moderators decide


async def _circle_to_change(turn: Turn) -> CircleEntry | None:
    """Return the circle that this person may change; where there is none, say why."""
    if not turn.identity.moderates:
        turn.say(rich(_("Only moderators decide this."), note(whom_to_ask(turn.glance))))
        return None
    if turn.chat.circle is None:
        turn.say(rich(_("This group is not linked to a circle yet, so there is nothing to set.")))
    return turn.chat.circle


async def vouch(turn: Turn) -> None:
    """Take or take back a moderator's word that all of the group belong to the network."""
    on = _switch(turn.glance.argument)
    await (_vouch if on else _ask_switch if on is None else _withdraw)(turn)


async def _ask_switch(turn: Turn) -> None:
    await show_circle(turn)


async def _vouch(turn: Turn) -> None:
    circle = await _circle_to_change(turn)
    if circle is None:
        return
    await CircleService(turn.unit.session).vouch(circle.id, by=turn.identity.member_id)
    text = _(
        "Thank you. You vouch that all who are here belong to the network, and that nobody else is let in. The group "
        "now finds what is for the network, too."
    )
    hint = [note(_("On Telegram it still finds only what is public."))] if shows_public_only(turn.glance) else []
    turn.say(rich(text, *hint))


async def _withdraw(turn: Turn) -> None:
    circle = await _circle_to_change(turn)
    if circle is not None:
        await CircleService(turn.unit.session).withdraw_vouching(circle.id)
        turn.say(rich(_("Noted. From now on the group finds what is public and its own documents.")))


async def set_topics(turn: Turn) -> None:
    """Set the topics of the circle."""
    circle = await _circle_to_change(turn)
    if circle is None:
        return
    if not turn.glance.argument:
        example = command(turn.glance, "themen", "topics", _("Heating, Climate, Funding"))
        turn.say(rich(paragraph(_("Please write the topics, parted by commas:"), " ", example)))
        return
    try:
        topics = await CircleService(turn.unit.session).set_topics(circle.id, turn.glance.argument)
    except AllmendeError as error:
        turn.say(rich(error.message))
        return
    turn.say(rich(_("Topics of this circle: {topics}").format(topics=", ".join(topics))))


async def recognise(turn: Turn) -> None:
    """Switch question recognition on or off."""
    on = _switch(turn.glance.argument)
    await (_recognise if on else _ask_switch if on is None else _ignore)(turn)


async def _recognise(turn: Turn) -> None:
    circle = await _circle_to_change(turn)
    if circle is None:
        return
    await CircleService(turn.unit.session).recognise(circle.id, on=True)
    blocks = [
        paragraph(bold(_("A notice to all in this group"))),
        paragraph(
            _(
                "From now on I look at the messages here for whether they are clearly a question that I can answer. "
                "Then I offer an answer, a few times an hour at most. What is no question is neither kept nor logged."
            )
        ),
        note(_("A moderator switches it off with"), " ", command(turn.glance, "fragenerkennen", "recognise", _("off"))),
    ]
    if turn.glance.network is Network.TELEGRAM:
        blocks.append(
            note(
                _(
                    "On Telegram this needs the bot's privacy mode to be off (BotFather: /setprivacy, Disable) and the "
                    "bot to be added to the group anew, or to be made its administrator."
                )
            )
        )
    turn.say_at(turn.incoming.place, rich(*blocks))


async def _ignore(turn: Turn) -> None:
    circle = await _circle_to_change(turn)
    if circle is not None:
        await CircleService(turn.unit.session).recognise(circle.id, on=False)
        turn.say(rich(_("From now on I only look at what is addressed to me.")))


def _switch(text: str) -> bool | None:
    word = text.strip().casefold()
    return True if word in ON else False if word in OFF else None


# --- /pause, /weiter


async def pause(turn: Turn) -> None:
    """Be silent in this group."""
    if await _may_pause(turn):
        await CircleService(turn.unit.session).pause(turn.chat.id, on=True)
        turn.say(rich(paragraph(_("I am silent now, until somebody writes"), " ", _resume_command(turn.glance))))


async def resume(turn: Turn) -> None:
    """Speak again in this group."""
    if await _may_pause(turn):
        await CircleService(turn.unit.session).pause(turn.chat.id, on=False)
        turn.say(rich(_("I am here again.")))


def _resume_command(glance: Glance) -> Span:
    return command(glance, "weiter", "resume")


async def _may_pause(turn: Turn) -> bool:
    """In a circle: moderators, and whoever linked the group. A group without a circle has neither: anybody in it."""
    circle = turn.chat.circle
    if circle is None or turn.identity.moderates:
        return True
    if await CircleService(turn.unit.session).linked_by(circle.id) == turn.identity.id:
        return True
    turn.say(rich(_("Only moderators, and whoever linked this group, decide this."), note(whom_to_ask(turn.glance))))
    return False


async def choose(turn: Turn) -> None:
    """Do what was chosen below the settings."""
    actions = {
        "vouch": _vouch,
        "unvouch": _withdraw,
        "recognise": _recognise,
        "ignore": _ignore,
        "pause": pause,
    }
    action = actions.get(turn.glance.choice)
    if action is not None:
        await action(turn)


ADDED, REMOVED, MOVED, JOINED = Handler(came), Handler(went), Handler(moved), Handler(joined)
_GROUP = frozenset({ChatKind.GROUP})


def _moderated(glance: Glance) -> bool:
    return glance.identity.moderates and glance.chat.circle is not None


COMMANDS = (
    Command(("arbeitskreis", "circle"), lambda: _("The settings of this group"), Handler(show_circle), where=_GROUP),
    Command(
        ("verbinden", "connect"),
        lambda: _("Link this group to a circle, with a code"),
        Handler(connect),
        where=_GROUP,
        offered=lambda glance: glance.chat.circle is None,
    ),
    Command(
        ("themen", "topics"),
        lambda: _("Set the circle's topics"),
        Handler(set_topics),
        where=_GROUP,
        offered=_moderated,
    ),
    Command(
        ("buergen", "vouch", "bürgen"),
        lambda: _("Say that all here belong to the network (on, off)"),
        Handler(vouch),
        where=_GROUP,
        offered=_moderated,
    ),
    Command(
        ("fragenerkennen", "recognise", "recognize"),
        lambda: _("Offer answers to what is clearly a question (on, off)"),
        Handler(recognise),
        where=_GROUP,
        offered=_moderated,
    ),
    Command(("pause",), lambda: _("Be silent in this group"), Handler(pause), where=_GROUP),
    Command(
        ("weiter", "resume"),
        lambda: _("Speak again in this group"),
        Handler(resume),
        where=_GROUP,
        offered=lambda glance: glance.chat.paused,
    ),
)
CHOICES = (ChoiceHandler("circle", Handler(choose)),)
