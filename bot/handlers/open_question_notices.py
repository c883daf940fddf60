"""What people are told of open questions: brought to them, answered, written about, helped, published, or nothing yet.

Each teller looks at that moment whether its person may still see it; who may not, or not any more, is told nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from uuid import UUID

from bot.core.answer_text import cut_at_sentence, echo
from bot.core.messages import Choice
from bot.core.text import Block, bold, note, paragraph, quote, rich
from bot.handlers.open_question_text import (
    ANSWER,
    MESSAGE,
    NOT_IT,
    answered_by,
    asker_choices,
    capital,
    helping_choices,
    know_blocks,
    know_choices,
    minding_choices,
    question_blocks,
)
from bot.handlers.telling import Teller, Telling, Words, as_number
from knowledge.access.rights import RIGHTS, Right
from knowledge.contributions.publishing import HEADINGS
from knowledge.kit.errors import NotFound
from knowledge.kit.ids import new_id
from knowledge.kit.language import _, ngettext
from knowledge.library.reading import Place, ReadDocument, Reading
from knowledge.models.chat import Network
from knowledge.models.question import OpenQuestionState
from knowledge.peers.profile import ProfileService
from knowledge.questions.reminding import REOPENED
from knowledge.questions.schemas import OpenAnswerEntry, OpenQuestionEntry, Reader, Stage
from knowledge.questions.service import QuestionService
from knowledge.topics.tree import load_tree

LONGEST_ECHO, LONGEST_QUOTE = 200, 500
# Where a question stands in the hub, and the list of all.
OF_QUESTION, ALL = "/fragen/{key}", "/fragen"
# What waits for answers, and where moderators see what was reported.
OPEN, REPORTS = "/fragen/offen", "/fragen/meldungen"


def _service(telling: Telling) -> QuestionService:
    return QuestionService(telling.unit, abroad=telling.services.settings.telegram.telegram_visibility)


def _reader(telling: Telling) -> Reader:
    """Return who reads; in a group nobody in particular. Raises ``NotFound`` for those who are no members."""
    if telling.group is not None:
        return Reader(new_id(), telling.viewer)
    if telling.to.member_id is None:
        raise NotFound(_("You are no member of the network any more."))
    return Reader(telling.to.member_id, telling.viewer)


async def _safe(teller: Teller, telling: Telling) -> Words | None:
    """Tell, unless what it is about is gone, or is not for this person any more."""
    try:
        return await teller(telling)
    except NotFound:
        return None


async def _own(teller: Teller, telling: Telling) -> Words | None:
    """Tell what belongs to this person; what may not be shown in a foreign house is to be read in the hub."""
    words = await _safe(teller, telling)
    if words is not None or telling.to.network is not Network.TELEGRAM or telling.group is not None:
        return words
    if await _safe(teller, replace(telling, at_home=True)) is None:
        return None
    text = rich(
        paragraph(bold(_("There is something new about an open question that you take part in."))),
        note(_("It may not be shown on Telegram; please read it in the hub.")),
        *telling.hub(ALL, _("To the open questions in the hub")),
    )
    return text, ()


async def _question(telling: Telling) -> OpenQuestionEntry | None:
    key = telling.key("question")
    return await _service(telling).get(key, _reader(telling)) if key else None


async def _answer(telling: Telling) -> OpenAnswerEntry | None:
    key = telling.key("answer")
    return await _service(telling).find_answer(key, _reader(telling)) if key else None


def _link(telling: Telling, question: UUID) -> list[Block]:
    return telling.hub(OF_QUESTION.format(key=question), _("Go on in the hub"))


def _echo(text: str) -> str:
    return echo(text, LONGEST_ECHO)


# To those who may help


async def _routed(telling: Telling) -> Words | None:
    entry = await _question(telling)
    if entry is None or not entry.takes_answers or not entry.asked_me or telling.to.member_id is None:
        return None
    profile = await ProfileService(telling.unit).get(telling.to.member_id)
    why = await _shared_topic(telling, entry, frozenset(topic.id for topic in profile.helps))
    blocks = [paragraph(bold(_("A colleague needs your advice."))), *question_blocks(entry)]
    if why:
        blocks.append(note(_("You get this because you offered help with “{topic}”.").format(topic=why)))
    blocks.append(note(_("Choose “Answer”, or simply reply to this message.")))
    return rich(*blocks, *_link(telling, entry.id)), helping_choices(entry, alone=True)


async def _shared_topic(telling: Telling, entry: OpenQuestionEntry, offered: frozenset[UUID]) -> str | None:
    tree = await load_tree(telling.unit.session)
    key = tree.matches(frozenset(topic.id for topic in entry.topics), offered)
    found = tree.get(key) if key is not None else None
    return found.name if found is not None else None


async def _posted(telling: Telling) -> Words | None:
    entry = await _question(telling)
    if entry is None or not entry.takes_answers or telling.group is None or telling.group.circle is None:
        return None
    tree = await load_tree(telling.unit.session)
    why = await _shared_topic(telling, entry, tree.resolve(telling.group.circle.topics))
    blocks = [paragraph(bold(_("An open question for this circle"))), *question_blocks(entry)]
    if why:
        blocks.append(note(_("It comes here because of the topic “{topic}”.").format(topic=why)))
    blocks.append(note(_("Do you know it? Choose “Answer”, or simply reply to this message.")))
    return rich(*blocks), helping_choices(entry, alone=False)


async def _withdrawn(telling: Telling) -> Words | None:
    if telling.group is not None:
        return rich(_("An open question that I brought here was withdrawn. Thank you to all who thought about it.")), ()
    if telling.to.member_id is None:
        return None
    text = rich(
        paragraph(_("An open question that you got was withdrawn; it needs no answer any more.")),
        note(_("If you had answered it, your words are kept as a draft of yours: /beitraege")),
    )
    return text, ()


# To the asker, and those who have the question, too


async def _answered(telling: Telling) -> Words | None:
    entry = await _answer(telling)
    if entry is None or entry.mine:
        return None
    head = _("Your question “{question}” has an answer.") if entry.asked_by_me else _("“{question}” has an answer.")
    blocks = [
        paragraph(bold(head.format(question=_echo(entry.question_text)))),
        paragraph(_("{who} writes:").format(who=capital(answered_by(entry)))),
        quote(entry.text),
    ]
    if not entry.asked_by_me:
        return rich(*blocks, *_link(telling, entry.question_id)), minding_choices(ANSWER, entry.id)
    blocks.append(note(_("Did it help? If something is unclear, simply reply to this message.")))
    return rich(*blocks, *_link(telling, entry.question_id)), asker_choices(entry)


async def _contributed(telling: Telling) -> Words | None:
    entry = await _answer(telling)
    if entry is None or not entry.asked_by_me:
        return None
    text = rich(
        paragraph(
            _("The answer to “{question}” is to become an entry of the library.").format(
                question=_echo(entry.question_text)
            )
        ),
        note(_("A moderator reads it now. I tell you when others find it. Your house is not named in it.")),
    )
    return text, ()


async def _published(telling: Telling) -> Words | None:
    entry, key = await _question(telling), telling.key("document")
    if entry is None or key is None or entry.state is not OpenQuestionState.PUBLISHED:
        return None
    read = await Reading(telling.unit.session, telling.viewer).read(key, Place())
    if read.gone_to is not None:
        read = await Reading(telling.unit.session, telling.viewer).read(read.gone_to, Place())
    mine = _("Your question is answered in the library now.")
    too = _("A question that you have, too, is answered in the library now.")
    blocks = [
        paragraph(bold(mine if entry.mine else too)),
        paragraph(_("You asked: “{question}”").format(question=_echo(entry.text)))
        if entry.mine
        else paragraph(_("It was: “{question}”").format(question=_echo(entry.text))),
        *_quotation(read),
    ]
    blocks += telling.hub(f"/dokument/{read.document.id}", _("Read it in the hub"))
    choices = (Choice(f"open:{NOT_IT}{entry.id.hex}", _("That is not it"), "👎"),)
    return rich(*blocks), choices if entry.mine else ()


def _quotation(read: ReadDocument) -> list[Block]:
    """Return what the document says in short, word for word, with its source."""
    quotable = [passage for passage in read.passages if passage.quotable and passage.text.strip()]
    done = [passage for passage in quotable if any(name == HEADINGS["done"] for _level, name in passage.headings)]
    document = read.document
    whose = read.organisation.name if read.organisation is not None else document.publisher
    source = ", ".join(str(part) for part in (document.title, whose, document.year) if part)
    quoted = [quote(f"„{cut_at_sentence(passage.text, LONGEST_QUOTE)}“") for passage in (done or quotable)[:1]]
    return [*quoted, paragraph(_("Source"), ": ", bold(source))]


async def _waiting(telling: Telling) -> Words | None:
    entry = await _question(telling)
    if entry is None or not entry.mine or entry.state is not OpenQuestionState.OPEN:
        return None
    if entry.answers and telling.data.get("stage") != REOPENED:
        return None
    if telling.data.get("stage") == Stage.OVERDUE.value:
        text = _(
            "Your question still has no answer: “{question}”. It now stands among the gaps of the library, which "
            "the competence centre works on. It stays open."
        )
    elif telling.data.get("stage") == REOPENED:
        text = _(
            "What answered your question in the library was withdrawn: “{question}”. It is open again, and I will tell "
            "you when there is something new."
        )
    else:
        text = _("Nobody has answered your question yet: “{question}”. I have reminded the competence centre.")
    text = text.format(question=_echo(entry.text))
    return rich(paragraph(text), note(_("/fragen shows where it is.")), *_link(telling, entry.id)), ()


# Between asker and answerer


async def _message(telling: Telling) -> Words | None:
    key = telling.key("message")
    if key is None or telling.group is not None:
        return None
    message, entry = await _service(telling).find_message(key, _reader(telling))
    if message.mine:
        return None
    if message.from_asker:
        head = _("The asker asks back about your answer to “{question}”:")
    else:
        head = _("About your question “{question}” the colleague writes:")
    text = rich(
        paragraph(bold(head.format(question=_echo(entry.question_text)))),
        quote(message.text),
        note(_("Choose “Reply”, or simply reply to this message. I pass it on, without your name.")),
        *_link(telling, entry.question_id),
    )
    return text, (Choice(f"word:{entry.id.hex}", _("Reply"), "💬"), *minding_choices(MESSAGE, message.id))


async def _helped(telling: Telling) -> Words | None:
    entry = await _answer(telling)
    if entry is None or not entry.mine or not entry.helped:
        return None
    thanks = _("Your answer to “{question}” helped. Thank you!").format(question=_echo(entry.question_text))
    if entry.contributed:
        return rich(paragraph(bold(thanks))), ()
    link = _link(telling, entry.question_id)
    return rich(paragraph(bold(thanks)), *know_blocks(), *link), know_choices(entry.id)


# To the competence centre


async def _reminder(telling: Telling) -> Words | None:
    count, role = as_number(telling.data.get("count")), telling.to.role
    if count < 1 or role is None or Right.GAPS_READ not in RIGHTS[role]:
        return None
    text = ngettext(
        "{count} open question has had no answer for three working days.",
        "{count} open questions have had no answer for three working days.",
        count,
    ).format(count=count)
    return rich(paragraph(bold(text)), *telling.hub(OPEN, _("To the open questions in the hub"))), ()


async def _reported(telling: Telling) -> Words | None:
    key = telling.key("report")
    report = await _service(telling).find_report(key) if key and telling.to.moderates else None
    if report is None:
        return None
    text = rich(
        paragraph(bold(_("Somebody reported what was written to the network."))),
        note(_("What it is, and what can be done about it, stands in the hub.")),
        *telling.hub(REPORTS, _("To the reports in the hub")),
    )
    return text, ()


async def _removed(telling: Telling) -> Words | None:
    if telling.to.member_id is None:
        return None
    text = rich(
        paragraph(_("A moderator took out something that you wrote to the network.")),
        note(_("It was reported, and did not fit there. If you do not see why, please ask the moderators.")),
    )
    return text, ()


# What comes to those who offered help, to circles, and to those who look after the network.
_TO_OTHERS: Mapping[str, Teller] = {
    "question.routed": _routed,
    "question.posted": _posted,
    "question.withdrawn": _withdrawn,
    "question.reminder": _reminder,
    "question.reported": _reported,
    "question.removed": _removed,
}
# What concerns one's own question or answer.
_OWN: Mapping[str, Teller] = {
    "question.answered": _answered,
    "question.contributed": _contributed,
    "question.published": _published,
    "question.waiting": _waiting,
    "question.message": _message,
    "question.helped": _helped,
}
TELLERS: Mapping[str, Teller] = {
    **{kind: partial(_safe, teller) for kind, teller in _TO_OTHERS.items()},
    **{kind: partial(_own, teller) for kind, teller in _OWN.items()},
}
