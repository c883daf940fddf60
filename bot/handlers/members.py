"""How people come to belong: ``/start``, ``/beitreten``, ``/verknuepfen``, ``/trennen``."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from bot.core.dialogue import Dialogue, Draft, Prompt, Step
from bot.core.dialogues import begin_dialogue
from bot.core.messages import Choice, Outgoing, Place
from bot.core.text import Block, Span, bold, code, item, link, note, paragraph, rich
from bot.core.turn import ChoiceHandler, Command, Glance, Handler, Said, Services, Turn
from bot.handlers.answers import RELEASE_WORD, continue_privately, prepare_privately
from bot.handlers.contributions import show_own
from bot.handlers.correcting import START_WORD, continue_correcting
from bot.handlers.keeping import START_WORD as KEEPING
from bot.handlers.lesson_choices import START_WORD as LEARNING
from bot.handlers.lessons import continue_learning
from bot.handlers.open_question_answer import ANSWER_WORD, continue_answering
from bot.handlers.open_question_release import continue_releasing, prepare_releasing
from bot.handlers.privacy import BY_LINK
from bot.handlers.profile import warn_once
from bot.handlers.training_registration import TRAINING_WORD, continue_training
from bot.handlers.wording import command, shows_public_only, whom_to_ask
from knowledge.chats.service import ChatService
from knowledge.chats.words import network_word
from knowledge.kit.clock import now
from knowledge.kit.errors import AllmendeError, Conflict, InvalidInput, NotFound
from knowledge.kit.language import _, current_language
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.members.codes import read_code
from knowledge.members.domains import MailDomainService
from knowledge.members.invitations import InvitationService
from knowledge.members.jobs import ask_to_send
from knowledge.members.limits import limits_of
from knowledge.members.repository import IdentityRepository
from knowledge.members.schemas import MemberEntry, Redeemed
from knowledge.members.words import role_word
from knowledge.models.chat import ChatKind, Network
from knowledge.models.invitation import Purpose

# Keeps messages in a transaction; after its commit they are sent.
Post = Callable[[UnitOfWork, Sequence[Said]], Awaitable[None]]

CODE, MAIL, AGAIN = "code", "mail", "again"
# What links to the direct chat say, and what happens then.
LINKS = {**BY_LINK, KEEPING: show_own}
# How words begin that go on with something else than a private answer.
NETWORK_WORDS = (START_WORD, RELEASE_WORD, ANSWER_WORD, TRAINING_WORD, LEARNING)


# --- /start


async def start(turn: Turn) -> None:
    """Welcome somebody, or take the word that came with a link: a code, or what goes on privately."""
    word = turn.glance.argument
    if turn.glance.is_direct and word in LINKS:
        await LINKS[word](turn)
        return
    if turn.glance.is_direct and await continue_correcting(turn, word):
        return
    if turn.glance.is_direct and (await continue_releasing(turn, word) or await continue_answering(turn, word)):
        return
    if turn.glance.is_direct and await continue_training(turn, word):
        return
    if await continue_learning(turn, word):
        return
    if _is_private_word(turn.glance) and await continue_privately(turn, word):
        return
    if read_code(word) is not None:
        await join(turn)
    elif turn.glance.is_direct:
        await IdentityRepository(turn.unit.session).mark_once(turn.identity.id, "introduced_at", now())
        turn.say(rich(*welcome(turn.glance)))
    else:
        turn.say(rich(paragraph(_("I am here. What I can do:"), " ", command(turn.glance, "hilfe", "help"))))


async def prepare_start(glance: Glance) -> Any:
    """Prepare what goes on privately, if that is what somebody came for."""
    if glance.is_direct and glance.argument.startswith(RELEASE_WORD):
        return await prepare_releasing(glance, glance.argument)
    return await prepare_privately(glance, glance.argument) if _is_private_word(glance) else None


def _is_private_word(glance: Glance) -> bool:
    word = glance.argument
    if not word or not glance.is_direct or word in LINKS or word.startswith(NETWORK_WORDS):
        return False
    return read_code(word) is None


def welcome(glance: Glance) -> list[Block]:
    """Return what somebody reads who writes to the bot for the first time."""
    blocks = [
        paragraph(
            _(
                "Good day! I am Allmende, a machine that answers questions from what municipalities have learned, with "
                "its sources. Simply write your question."
            )
        ),
        *what_is_kept(glance),
    ]
    if not glance.identity.verified:
        blocks.append(
            item(command(glance, "beitreten", "join"), " – ", _("with a code or an official mail address, find more"))
        )
        blocks.append(item(command(glance, "profil", "profile"), " – ", _("say for which Land answers shall be")))
    blocks.append(item(command(glance, "hilfe", "help"), " – ", _("all that I can do")))
    return blocks


def what_is_kept(glance: Glance) -> list[Block]:
    """Return what the bot keeps, in short."""
    return [
        note(
            _(
                "I only keep messages that are addressed to me, the question apart from the person. See and erase all "
                "that is kept about you:"
            ),
            " ",
            command(glance, "meinedaten", "mydata"),
            ", ",
            command(glance, "loeschen", "delete"),
        )
    ]


# --- /beitreten


async def join(turn: Turn) -> None:
    """Take a code, or ask how somebody wants to be verified."""
    if turn.glance.network is Network.WEB:
        turn.say(rich(*_signing_in(turn)))
    elif turn.glance.argument:
        await use_code(turn, turn.glance.argument)
    elif not turn.glance.is_direct:
        turn.say(rich(_("Please write this to me in a direct chat, where nobody else reads along.")))
    elif turn.identity.verified:
        turn.say(rich(paragraph(_("You belong already."), " ", command(turn.glance, "profil", "profile"))))
    else:
        await begin_dialogue(turn, JOIN)


def _signing_in(turn: Turn) -> list[Block]:
    """Return how one comes to belong in the browser: whoever sits there is known by signing in, and by nothing else."""
    if turn.identity.verified:
        return [paragraph(_("You belong already."), " ", command(turn.glance, "profil", "profile"))]
    address = f"{turn.services.settings.hub.address}/anmelden"
    return [
        paragraph(_("In the browser, members sign in:"), " ", link(_("Sign in"), address)),
        note(
            _("A code makes you a member in a chat with me on Matrix or Telegram. You have none?"),
            " ",
            whom_to_ask(turn.glance),
        ),
    ]


async def use_code(turn: Turn, text: str) -> None:
    """Use a code that came with a command."""
    if not turn.glance.is_direct:
        await _burn(turn, text)
        return
    try:
        redeemed = await _invitations(turn).redeem(text, turn.identity, turn.services.database)
    except AllmendeError as error:
        turn.say(rich(error.message))
        return
    if redeemed.member is not None:
        _greet(turn, redeemed.member, linked=redeemed.linked)
    else:
        await begin_dialogue(turn, NAME, _waiting(redeemed))


async def _burn(turn: Turn, text: str) -> None:
    """Make a code useless that everybody in a group has read now; whether it was one is not told."""
    if await _invitations(turn).burn(text) is Purpose.CIRCLE:
        hint = _("This code links a group. Please write:")
        turn.say(rich(paragraph(hint, " ", command(turn.glance, "verbinden", "connect", _("CODE")))))
        return
    turn.say(
        rich(
            _(
                "Please write codes to me in a direct chat only. Others have read this one, so it does not work any "
                "more. That is no harm: whoever gave it to you can make a new one."
            )
        )
    )


def _waiting(redeemed: Redeemed) -> dict[str, object]:
    return {
        "invitation": str(redeemed.invitation),
        "organisation": redeemed.organisation_name,
        "taken": redeemed.name_taken,
    }


async def _ask_way(turn: Turn, _draft: Draft) -> Prompt:
    if not await _can_mail(turn):
        return await _ask_code(turn, _draft)
    choices = (Choice(CODE, _("I have a code"), "🔑"), Choice(MAIL, _("I have an official mail address"), "✉️"))
    return Prompt(rich(_("How shall I see that you belong to the network?")), choices)


async def _can_mail(turn: Turn) -> bool:
    return turn.services.settings.mail.smtp_host is not None and await _domains(turn).is_used()


async def _take_way(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == CODE:
        return "code"
    if await _can_mail(turn):
        if answer == MAIL:
            return "address"
        if "@" in answer:
            await warn_once(turn)
            return await _take_address(turn, draft, answer)
    return await _take_code(turn, draft, answer)


async def _ask_code(turn: Turn, _draft: Draft) -> Prompt:
    return Prompt(
        rich(
            paragraph(_("Please write the code. It looks like this:"), " ", code("7K3M-Q2XV-9RTD")),
            note(_("You have none?"), " ", whom_to_ask(turn.glance)),
        )
    )


async def _take_code(turn: Turn, draft: Draft, answer: str) -> str | None:
    try:
        redeemed = await _invitations(turn).redeem(answer, turn.identity, turn.services.database)
    except Conflict as error:  # a member already
        turn.say(rich(error.message))
        return None
    if redeemed.member is not None:
        _greet(turn, redeemed.member, linked=redeemed.linked)
        return None
    draft.data = _waiting(redeemed)
    return "name"


async def _ask_address(turn: Turn, _draft: Draft) -> Prompt:
    await warn_once(turn)
    return Prompt(
        rich(
            _("What is your official mail address? I send a code there."),
            note(_("The address is used for this mail only and is not kept.")),
        )
    )


async def _take_address(turn: Turn, _draft: Draft, answer: str) -> str | None:
    try:
        address, organisation = await _domains(turn).check(answer)
    except NotFound as error:
        raise InvalidInput(f"{error.message} {whom_to_ask(turn.glance)}") from error
    if not await _may_mail(turn, address):
        turn.say(rich(_("Those were enough mails for one day. Please try again tomorrow, or ask for a code.")))
        return None
    issued = await _invitations(turn).mail_code(turn.identity.id, organisation.id)
    await ask_to_send(turn.unit.session, issued, address, turn.identity.id)
    return "mailed"


async def _may_mail(turn: Turn, address: str) -> bool:
    """Whether this person, and this address, still get a mail today."""
    if not await _invitations(turn).may_mail(turn.identity.id):
        return False
    limits = limits_of(turn.services.database)
    return limits.mails.take(limits.key_of(address))


async def _ask_mailed(_turn: Turn, _draft: Draft) -> Prompt:
    return Prompt(
        rich(
            _("A code is on its way to this address. Please write it here; it works for 30 minutes."),
            note(_("Nothing came? Please look into the spam folder, or give the address once more.")),
        ),
        (Choice(AGAIN, _("Give another address"), "✉️"),),
    )


async def _take_mailed(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == AGAIN:
        return "address"
    if "@" in answer:
        return await _take_address(turn, draft, answer)
    return await _take_code(turn, draft, answer)


async def _ask_name(_turn: Turn, draft: Draft) -> Prompt:
    place = draft.data.get("organisation")
    works = _("The code works: you belong to {name}.").format(name=place) if place else _("The code works.")
    question = _("Which name shall others see? Usually first and last name.")
    taken = _("There already is a member of the name that you were invited with, so please add something to it.")
    return Prompt(rich(works, f"{taken} {question}" if draft.data.get("taken") else question))


async def _take_name(turn: Turn, draft: Draft, answer: str) -> str | None:
    try:
        member = await _invitations(turn).complete(UUID(draft.data["invitation"]), turn.identity, answer)
    except Conflict as error:
        raise InvalidInput(error.message) from error
    _greet(turn, member, linked=False)
    return None


def mail_trouble(services: Services, post: Post) -> Callable[[UUID], Awaitable[None]]:
    """Return how somebody is told that the mail with their code did not go out.

    Args:
        services: what handlers work with.
        post: keeps what is to be said in the transaction, and sees that it is sent after the commit.
    """

    async def tell(identity_id: UUID) -> None:
        async with unit_of_work(services.database) as unit:
            person = await ChatService(unit.session).person(identity_id)
            if person is not None and not person.verified:
                problem = _("The mail with your code could not be delivered. Please check the address:")
                text = rich(paragraph(problem, " ", _join_command(services, person.network)))
                place = Place(person.network, "", ChatKind.DIRECT)
                await post(unit, [Said(Outgoing(place, text), to=identity_id)])

    return tell


def _greet(turn: Turn, member: MemberEntry, *, linked: bool) -> None:
    place = f", {member.organisation_name}" if member.organisation_name else ""
    blocks = [
        paragraph(bold(_("Welcome, {name}!").format(name=member.name))),
        paragraph(
            _("This chat now belongs to your membership ({role}{place}).").format(
                role=role_word(member.role), place=place
            )
            if linked
            else _("You now belong to the network ({role}{place}).").format(role=role_word(member.role), place=place)
        ),
    ]
    if shows_public_only(turn.glance):
        blocks.append(note(_("On Telegram I show only what is public; on Matrix you find more.")))
    else:
        blocks.append(note(_("In a direct chat you now also find what is for the network only.")))
    turn.say(rich(*blocks))


# --- /verknuepfen, /trennen


async def link_networks(turn: Turn) -> None:
    """Give a member a code for the other network."""
    member = turn.identity.member_id
    if member is None:
        turn.say(
            rich(paragraph(_("For this you need to belong first:"), " ", command(turn.glance, "beitreten", "join")))
        )
        return
    issued = await _invitations(turn).link_code(member)
    turn.say(
        rich(
            paragraph(_("Your code for another chat account of yours, for 15 minutes:"), " ", code(issued.code)),
            paragraph(_("Please write it to me there, in a direct chat:")),
            *_ways(turn, issued.code),
            note(_("Whoever has this code speaks in your name. Please give it to nobody.")),
        )
    )


def _ways(turn: Turn, issued: str) -> list[Block]:
    """Return what to write where: on each other network, or on this one where there is no other."""
    services = turn.services
    others = [network for network in services.features if network is not turn.glance.network]
    ways: list[Block] = []
    if not others and turn.glance.network is Network.WEB:  # the other chats are another process's
        return [item(_join_command(services, Network.WEB, issued))]
    for network in others or [turn.glance.network]:
        account = services.accounts.get(network) or network_word(network)
        address = services.direct_link(network, issued)
        bot = link(account, address) if address else Span(account)
        ways.append(item(f"{network_word(network)}: ", bot, " – ", _join_command(services, network, issued)))
    return ways


def _join_command(services: Services, network: Network, argument: str = "") -> Span:
    features = services.features.get(network)
    mark = features.command_marks[0] if features and features.command_marks else "/"
    name = "beitreten" if current_language() == "de" else "join"
    return code(f"{mark}{name} {argument}".rstrip())


async def unlink(turn: Turn) -> None:
    """Ask whether this chat account shall leave its membership."""
    if not turn.identity.verified:
        turn.say(rich(_("This chat account belongs to no membership, so there is nothing to unlink.")))
        return
    if turn.glance.network is Network.WEB:
        turn.say(rich(_("In the browser you are known as long as you are signed in. Signing out ends it.")))
        return
    others = await _others(turn)
    what = (
        _("Your membership stays, with your other chat account.")
        if others
        else _("It is your only one: to belong again you need a new code. Your membership itself stays.")
    )
    choices = (Choice("unlink:yes", _("Unlink it"), "✂️"), Choice("unlink:no", _("Leave it as it is"), "↩️"))
    turn.say(rich(_("Shall this chat account be unlinked from your membership?"), what), choices=choices)


async def _others(turn: Turn) -> int:
    member = turn.identity.member_id
    return len(await IdentityRepository(turn.unit.session).of_member(member)) - 1 if member else 0


async def unlink_chosen(turn: Turn) -> None:
    """Part the chat account from its membership, if that was chosen."""
    if turn.glance.choice != "yes" or not turn.identity.verified or turn.glance.network is Network.WEB:
        turn.say(rich(_("Everything stays as it is.")))
        return
    await IdentityRepository(turn.unit.session).change(turn.identity.id, member_id=None)
    turn.say(rich(_("Unlinked. Here you find what is public now.")))


def _invitations(turn: Turn) -> InvitationService:
    return InvitationService(turn.unit.session)


def _domains(turn: Turn) -> MailDomainService:
    return MailDomainService(turn.unit.session)


_NAME_STEP = Step(_ask_name, _take_name)
JOIN = Dialogue(
    "join",
    "way",
    {
        "way": Step(_ask_way, _take_way),
        "code": Step(_ask_code, _take_code),
        "address": Step(_ask_address, _take_address),
        "mailed": Step(_ask_mailed, _take_mailed),
        "name": _NAME_STEP,
    },
    keep_days=1,
)
NAME = Dialogue("name", "name", {"name": _NAME_STEP}, keep_days=1)
_DIRECT = frozenset({ChatKind.DIRECT})
COMMANDS = (
    Command(("start",), lambda: _("Begin"), Handler(start, prepare_start), offered=lambda _glance: False, informs=True),
    Command(
        ("beitreten", "join"),
        lambda: _("Belong to the network, with a code or an official mail address"),
        Handler(join),
        offered=lambda glance: glance.is_direct and not glance.identity.verified,
        personal=True,
    ),
    Command(
        ("verknuepfen", "link", "verknüpfen"),
        lambda: _("Use another chat account of yours, too"),
        Handler(link_networks),
        where=_DIRECT,
        offered=lambda glance: glance.identity.verified,
        personal=True,
    ),
    Command(
        ("trennen", "unlink"),
        lambda: _("Unlink this chat account from your membership"),
        Handler(unlink),
        where=_DIRECT,
        offered=lambda glance: glance.identity.verified and glance.network is not Network.WEB,
        personal=True,
    ),
)
CHOICES = (ChoiceHandler("unlink", Handler(unlink_chosen)),)
DIALOGUES = (JOIN, NAME)
