"""``/nachweise``: what somebody learned, on paper: their certificates, and what they could have one for.

In a foreign house only those of public trainings and paths are named and sent; the hub has all of them.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from bot.core.commands import says_something
from bot.core.dialogue import Dialogue, Draft, Prompt, Step
from bot.core.dialogues import begin_dialogue
from bot.core.messages import Attachment, Choice
from bot.core.replies import not_for_groups
from bot.core.text import Block, bold, link, note, paragraph, rich
from bot.core.turn import ChoiceHandler, Command, Glance, Handler, Turn
from bot.handlers.experience import may_contribute
from bot.handlers.experience_draft import help_blocks, note_miss
from bot.handlers.filling import filled
from bot.handlers.hub_link import hub_address
from bot.handlers.open_question_draft import STOP, split_key, stop_choice
from bot.handlers.training_text import LONGEST_LABEL, member_of
from bot.handlers.watching import DIGITS
from bot.handlers.wording import command, shows_public_only
from knowledge.access.keys import AccessKey, load_key
from knowledge.certificates.document import file_name, make_pdf, verification_address
from knowledge.certificates.errors import UnknownCertificate
from knowledge.certificates.schemas import Achievement, CertificateEntry
from knowledge.certificates.service import CertificateService
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _, date_text
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.service import MemberService
from knowledge.models.certificate import CertificateKind
from knowledge.models.chat import Network

NAMES = ("nachweise", "certificates")
# What a choice does, behind „cert:" and before an identifier: of a certificate, of a training or of a path.
SEND, TRAINING, PATH, REVOKE, SURELY, NOTHING = "s", "t", "p", "r", "x", "o"
OWN = ":own"
MOST_MADE, MOST_POSSIBLE = 5, 4
PAGE = "/nachweise"
_KINDS = {TRAINING: CertificateKind.TRAINING, PATH: CertificateKind.PATH}


@dataclass(frozen=True, slots=True)
class Paper:
    """A certificate and its document, or why there is none."""

    entry: CertificateEntry | None = None
    content: bytes = b""
    problem: str = ""
    # It may not be shown where it was asked for.
    abroad: bool = False


def _key(glance: Glance) -> AccessKey:
    return load_key(glance.services.settings.hub_key_path)


def _service(turn: Turn) -> CertificateService:
    return CertificateService(turn.unit, _key(turn.glance))


async def _shown(
    glance: Glance, service: CertificateService, subjects: Collection[UUID | None]
) -> Collection[UUID | None]:
    """Return what may be named here of trainings and paths (``None``: one that there is no more)."""
    return await service.public(subjects) if shows_public_only(glance) else subjects


def _elsewhere(turn: Turn) -> list[Block]:
    """Point to the hub, without a title."""
    said = _("Some certificates may not be shown on Telegram. All of them stand in the hub.")
    address = hub_address(turn)
    return [note(said) if address is None else note(link(said, f"{address}{PAGE}"))]


# The list


async def show_certificates(turn: Turn) -> None:
    """List what somebody has, and what they could have."""
    if not turn.glance.is_direct:
        turn.say(rich(_("Please write this to me in a direct chat, where nobody else reads along.")))
        return
    if not await may_contribute(turn):
        return
    member = member_of(turn).member_id
    made, possible = await _service(turn).of_member(member), await _service(turn).possible(member)
    if not made and not possible:
        turn.say(rich(*_nothing(turn)))
        return
    subjects = [one.subject_id for one in made] + [one.subject_id for one in possible]
    shown = await _shown(turn.glance, _service(turn), subjects)
    hidden = _elsewhere(turn) if any(subject not in shown for subject in subjects) else []
    made = [one for one in made if one.subject_id in shown]
    possible = [one for one in possible if one.subject_id in shown]
    if not made and not possible:
        turn.say(rich(*hidden))
        return
    blocks, choices = _listed(made[:MOST_MADE], possible[:MOST_POSSIBLE])
    blocks += _list_notes(turn, more=len(made) > MOST_MADE or len(possible) > MOST_POSSIBLE)
    turn.say(rich(*blocks, *hidden), choices=choices)


def _nothing(turn: Turn) -> list[Block]:
    sentence = _(
        "Whoever took part in a training can have it certified here afterwards. {command} shows what is coming."
    )
    said = _("There is nothing to certify yet.")
    return [paragraph(said), note(*filled(sentence, command=command(turn.glance, "schulungen", "trainings")))]


def _listed(made: list[CertificateEntry], possible: list[Achievement]) -> tuple[list[Block], tuple[Choice, ...]]:
    blocks: list[Block] = []
    choices: list[Choice] = []
    if made:
        blocks.append(paragraph(bold(_("Your certificates"))))
    blocks += [_line(choices, f"{SEND}{entry.id.hex}", entry) for entry in made]
    if possible:
        blocks.append(paragraph(bold(_("These you can have certified"))))
    for one in possible:
        mark = TRAINING if one.kind is CertificateKind.TRAINING else PATH
        blocks.append(_line(choices, f"{mark}{one.subject_id.hex}", one))
    return blocks, tuple(choices)


def _line(choices: list[Choice], key: str, entry: CertificateEntry | Achievement) -> Block:
    """Return a line of the list, and add the choice that gets it."""
    number = len(choices) + 1
    choices.append(Choice(f"cert:{key}", f"{number}. {entry.title[:LONGEST_LABEL]}", DIGITS[number - 1]))
    told = f"{kind_word(entry.kind)}, {date_text(entry.completed_on)}"
    if isinstance(entry, Achievement) and entry.until is not None:
        told = "; ".join([told, _("to be had until {day}").format(day=date_text(entry.until))])
    return paragraph(f"{number}. ", bold(entry.title), f"\n{told}")


def kind_word(kind: CertificateKind) -> str:
    """Return what a certificate is called."""
    return _("certificate of taking part") if kind is CertificateKind.TRAINING else _("record of learning")


def _list_notes(turn: Turn, *, more: bool) -> list[Block]:
    blocks = [note(_("Choose one, and you get it as a PDF. It belongs to you; your organisation sees sums only."))]
    address = hub_address(turn)
    if more and address is not None:
        blocks.append(note(link(_("All of them stand in the hub."), f"{address}{PAGE}")))
    return [*blocks, *_abroad(turn.glance)]


def _abroad(glance: Glance) -> list[Block]:
    if glance.network is not Network.TELEGRAM:
        return []
    return [note(_("Telegram is a foreign house: what I send you here, its operator can read. The hub has it, too."))]


# Getting one


async def choose(turn: Turn) -> None:
    """Do what was chosen below a certificate, or below what one could be made for."""
    if turn.incoming.sender.anonymous:
        turn.say(not_for_groups())
        return
    if not turn.glance.is_direct:
        return
    mark, key = split_key(turn.glance.choice)
    if mark == NOTHING:
        turn.say(rich(_("Everything stays as it is.")))
    elif key is None:
        raise UnknownCertificate
    elif mark == SEND:
        _say_paper(turn, turn.prepared if isinstance(turn.prepared, Paper) else Paper())
    elif mark in _KINDS:
        await _ask_for(turn, _KINDS[mark], key)
    else:
        await _revoking(turn, mark, key)


async def prepare(glance: Glance) -> Paper | None:
    """Make the document that was chosen, outside of any transaction."""
    mark, key = split_key(glance.choice)
    if mark != SEND or key is None or glance.identity.member_id is None:
        return None
    try:
        async with unit_of_work(glance.services.database, writes=False) as unit:
            service = CertificateService(unit, _key(glance))
            entry = await service.get(key, glance.identity.member_id)
            if not await _shown(glance, service, [entry.subject_id]):
                return Paper(abroad=True)
        return await _paper(glance, entry)
    except AllmendeError as error:
        return Paper(problem=error.message)


async def _paper(glance: Glance, entry: CertificateEntry) -> Paper:
    address = verification_address(glance.services.settings.hub.address, entry.code)
    return Paper(entry, await asyncio.to_thread(make_pdf, entry, address))


def _say_paper(turn: Turn, paper: Paper) -> None:
    entry = paper.entry
    if paper.abroad:
        turn.say(rich(*_elsewhere(turn)))
        return
    if entry is None:
        turn.say(rich(paper.problem or UnknownCertificate().message))
        return
    head = _("Here is your certificate: {title}").format(title=entry.title)
    told = _("Whoever gets it can check it at the address that it names, and learns only whether it holds.")
    blocks = [paragraph(bold(head)), note(told), *_abroad(turn.glance)]
    choices = (Choice(f"cert:{REVOKE}{entry.id.hex}", _("Revoke it"), "🗑️"),)
    turn.say(rich(*blocks), choices=choices, attachment=Attachment(file_name(entry), "application/pdf", paper.content))


# The name on it


async def _ask_for(turn: Turn, kind: CertificateKind, key: UUID) -> None:
    member = member_of(turn).member_id
    if not await _shown(turn.glance, _service(turn), [key]):
        turn.say(rich(*_elsewhere(turn)))
        return
    possible = await _service(turn).possible(member)
    wanted = next((one for one in possible if one.kind is kind and one.subject_id == key), None)
    made = next((one for one in await _service(turn).of_member(member) if one.subject_id == key), None)
    if made is not None:
        text = _("You have this certificate already: {title}").format(title=made.title)
        send = Choice(f"cert:{SEND}{made.id.hex}", _("Send it"), "📄")
        turn.say(rich(text), choices=(send,))
    elif wanted is None:
        raise UnknownCertificate
    else:
        await begin_dialogue(turn, MAKING, {"kind": kind.value, "subject": key.hex, "title": wanted.title})


async def _ask_name(turn: Turn, draft: Draft) -> Prompt:
    member = await MemberService(turn.unit.session).find_by_id(member_of(turn).member_id)
    name = member.name if member else ""
    draft.data["own"] = name
    blocks = help_blocks(turn, draft) or [
        paragraph(bold(_("Which name shall stand on it? {title}").format(title=draft.data["title"]))),
        note(_("Choose your name as it is known here, or write another one. It cannot be changed later.")),
    ]
    own = (Choice(OWN, name, "🙋"),) if name else ()
    return Prompt(rich(*blocks), (*own, stop_choice()))


async def _prepare_name(glance: Glance, draft: Draft, answer: str) -> Paper | None:
    """Make certificate and document; doing it again gives the same one."""
    member, name = glance.identity.member_id, draft.data.get("own", "") if answer == OWN else answer
    if answer == STOP or member is None or not says_something(name):
        return None
    try:
        async with unit_of_work(glance.services.database) as unit:
            service = CertificateService(unit, _key(glance))
            if not await _shown(glance, service, [UUID(draft.data["subject"])]):
                return Paper(abroad=True)
            entry = await _made(service, draft, member, name)
        return await _paper(glance, entry)
    except AllmendeError as error:
        return Paper(problem=error.message)


async def _made(service: CertificateService, draft: Draft, member: UUID, name: str) -> CertificateEntry:
    subject = UUID(draft.data["subject"])
    if draft.data["kind"] == CertificateKind.TRAINING.value:
        return await service.for_training(member, subject, name)
    return await service.for_path(member, subject, name)


async def _take_name(turn: Turn, draft: Draft, answer: str) -> str | None:
    paper = turn.prepared
    if answer == STOP:
        turn.say(rich(_("Cancelled. No certificate was made.")))
        return None
    if not isinstance(paper, Paper) or (paper.entry is None and not paper.abroad):
        problem = paper.problem if isinstance(paper, Paper) else ""
        note_miss(draft, problem or _("I see no word in that."))
        return "name"
    _say_paper(turn, paper)
    return None


# Revoking


async def _revoking(turn: Turn, mark: str, key: UUID) -> None:
    member = member_of(turn).member_id
    if mark == SURELY:
        await _service(turn).revoke(key, member)
        turn.say(rich(_("Revoked. Its address now says that it does not hold.")))
        return
    if mark != REVOKE:
        raise UnknownCertificate
    entry = await _service(turn).get(key, member)
    if not await _shown(turn.glance, _service(turn), [entry.subject_id]):
        turn.say(rich(*_elsewhere(turn)))
        return
    what = _("Shall it be revoked? “{title}” then counts no more, also where you have given it to somebody.")
    choices = (
        Choice(f"cert:{SURELY}{key.hex}", _("Yes, revoke it"), "🗑️"),
        Choice(f"cert:{NOTHING}", _("Leave it as it is"), "↩️"),
    )
    turn.say(rich(what.format(title=entry.title)), choices=choices)


MAKING = Dialogue("certificate", "name", {"name": Step(_ask_name, _take_name, _prepare_name)}, keep_days=7)
COMMANDS = (
    Command(
        NAMES,
        lambda: _("Certificates of what you learned"),
        Handler(show_certificates),
        offered=lambda glance: glance.is_direct and glance.identity.verified,
        personal=True,
    ),
)
CHOICES = (ChoiceHandler("cert", Handler(choose, prepare)),)
DIALOGUES = (MAKING,)
