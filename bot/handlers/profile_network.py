"""What a member says of themselves for peers, below ``/profil``: topics, languages, and whether peers may find them."""

from collections.abc import Sequence
from uuid import UUID

from bot.core.dialogue import Dialogue, Draft, Prompt, Step
from bot.core.dialogues import begin_dialogue
from bot.core.messages import Choice
from bot.core.text import Block, bold, item, note, paragraph, rich
from bot.core.turn import ChoiceHandler, Handler, Turn
from bot.handlers.experience_draft import help_blocks, note_hit, note_miss
from bot.handlers.filling import filled
from bot.handlers.watching import DIGITS
from bot.handlers.wording import command
from knowledge.kit.language import _
from knowledge.models.member import Findable
from knowledge.models.topic import Stance
from knowledge.organisations.service import OrganisationService
from knowledge.peers.errors import ProfileInvalid
from knowledge.peers.profile import ProfileService, find_language, language_name
from knowledge.peers.requests.limits import MOST_TO_PERSON
from knowledge.peers.schemas import Profile
from knowledge.topics.tree import TopicEntry, TopicTree, load_tree

DONE, CLEAR = ":done", ":clear"
_REMOVE, _ADD = ":r-", ":t-"
_APART = str.maketrans({";": ",", "\n": ","})
# Topics that are offered when a word means none, and words that are looked at in one message.
OFFERED, MOST_WORDS = 5, 20
SHORTEST = 3


def member_id_of(turn: Turn) -> UUID | None:
    """Return the member who acts in a direct chat; nobody's profile is shown anywhere else."""
    return turn.identity.member_id if turn.glance.is_direct else None


async def profile_blocks(turn: Turn, profile: Profile) -> list[Block]:
    """Return what a member declared, and what others see of it."""
    tree = await load_tree(turn.unit.session)
    lines = [
        item(bold(_("I can help with:")), " ", _topic_words(tree, profile.helps)),
        item(bold(_("I look for others on:")), " ", _topic_words(tree, profile.seeks)),
        item(bold(_("I speak:")), " ", _language_words(profile.languages) or _("nothing said")),
        item(bold(_("Found by colleagues elsewhere:")), " ", findable_word(profile.findable)),
    ]
    if profile.findable is Findable.ON:
        lines.append(note(_("Others see: {words}").format(words=await seen_words(turn, profile))))
    return lines


def _topic_words(tree: TopicTree, topics: Sequence[TopicEntry]) -> str:
    return "; ".join(tree.path(topic.id) for topic in topics) or _("nothing said")


def _language_words(languages: Sequence[str]) -> str:
    return ", ".join(language_name(code) for code in languages)


def findable_word(findable: Findable) -> str:
    """Return whether somebody is found, in words."""
    return {Findable.ON: _("yes"), Findable.OFF: _("no"), Findable.PAUSED: _("paused")}[findable]


async def seen_words(turn: Turn, profile: Profile) -> str:
    """Return how a member reads to those who look for colleagues."""
    key = turn.identity.organisation_id
    organisation = await OrganisationService(turn.unit.session).repository.get(key) if key else None
    who = _("somebody of {organisation}").format(organisation=organisation.name) if organisation else _("somebody")
    helps = ", ".join(topic.name for topic in profile.helps)
    parts = [who, _("can help with {topics}").format(topics=helps) if helps else ""]
    parts.append(_("speaks {languages}").format(languages=_language_words(profile.languages)))
    return "; ".join(part for part in parts[: 2 + bool(profile.languages)] if part)


def profile_choices(profile: Profile) -> tuple[Choice, ...]:
    """Return what a member can change, each with one tap to begin."""
    return (
        Choice("mynet:helps", _("What I can help with"), "🙋"),
        Choice("mynet:seeks", _("What I look for"), "🔎"),
        Choice("mynet:languages", _("Languages"), "🗣️"),
        *findable_choices(profile.findable),
    )


def findable_choices(findable: Findable) -> tuple[Choice, ...]:
    """Return the other two of on, paused and off."""
    choices = {
        Findable.ON: Choice("mynet:on", _("Let me be found"), "👋"),
        Findable.PAUSED: Choice("mynet:paused", _("Pause"), "⏸️"),
        Findable.OFF: Choice("mynet:off", _("Find me no more"), "🙈"),
    }
    offered = {Findable.ON: (Findable.PAUSED, Findable.OFF), Findable.PAUSED: (Findable.ON, Findable.OFF)}
    return tuple(choices[one] for one in offered.get(findable, (Findable.ON,)))


async def change_profile(turn: Turn) -> None:
    """Do what was chosen below the profile."""
    member = member_id_of(turn)
    if member is None:
        return
    chosen = turn.glance.choice
    if chosen in (Stance.HELPS.value, Stance.SEEKS.value):
        await begin_dialogue(turn, TOPICS, {"stance": chosen})
    elif chosen == "languages":
        await begin_dialogue(turn, LANGUAGES, {})
    elif chosen in (one.value for one in Findable):
        await _set_findable(turn, member, Findable(chosen))


async def _set_findable(turn: Turn, member: UUID, findable: Findable) -> None:
    profile = await ProfileService(turn.unit).set_findable(member, findable)
    if findable is Findable.ON:
        turn.say(rich(*await _what_it_means(turn, profile)), choices=findable_choices(findable))
        return
    said = {
        Findable.PAUSED: _("Paused. Nobody finds you until you turn it on again; all that you entered is kept."),
        Findable.OFF: _("Nobody finds you any more. What you entered is kept for you alone; /profil changes it."),
    }
    turn.say(rich(said[findable]), choices=findable_choices(findable))


async def _what_it_means(turn: Turn, profile: Profile) -> list[Block]:
    means = [
        _("Members of the network who look for colleagues see this of you, and never your name:"),
        _("“{words}”").format(words=await seen_words(turn, profile)),
        _(
            "Where few people work in your organisation, others may guess who that is. You may be asked for contact, "
            "by {count} people a week at most. Your name and address go to nobody before you say yes."
        ).format(count=MOST_TO_PERSON),
    ]
    blocks = [paragraph(bold(_("You can be found now."))), *map(paragraph, means)]
    if not profile.helps:
        blocks.append(paragraph(_("Nobody finds you yet, as you have named no topic that you can help with.")))
    return blocks


# Topics


async def _ask_topics(turn: Turn, draft: Draft) -> Prompt:
    member, stance = member_id_of(turn), Stance(draft.data["stance"])
    profile = await ProfileService(turn.unit).get(member) if member else None
    topics = (profile.helps if stance is Stance.HELPS else profile.seeks) if profile else ()
    tree = await load_tree(turn.unit.session)
    question = {
        Stance.HELPS: _(
            "What can you help others with? Please write a few words, such as: electronic files, heat plan"
        ),
        Stance.SEEKS: _("On what do you look for others? Please write a few words, such as: electronic files"),
    }
    listed = [item(f"{number}. {tree.path(topic.id)}") for number, topic in enumerate(topics, start=1)]
    blocks = [*help_blocks(turn, draft), *([paragraph(bold(_("So far:"))), *listed] if listed else [])]
    offered = [UUID(key) for key in draft.data.get("offered", [])]
    if offered:
        choices = [Choice(f"{_ADD}{key.hex}", tree.path(key)) for key in offered if tree.get(key)]
    else:
        blocks.append(paragraph(question[stance]))
        choices = [
            Choice(f"{_REMOVE}{topic.id.hex}", _("Take off {number}").format(number=number), digit)
            for number, (digit, topic) in enumerate(zip(DIGITS, topics, strict=False), start=1)
        ]
    return Prompt(rich(*blocks), (*choices, Choice(DONE, _("Done"), "✅")))


async def _take_topics(turn: Turn, draft: Draft, answer: str) -> str | None:
    member, stance = member_id_of(turn), Stance(draft.data["stance"])
    if answer == DONE or member is None:
        await say_profile(turn)
        return None
    service, tree = ProfileService(turn.unit), await load_tree(turn.unit.session)
    profile = await service.get(member)
    own = [topic.id for topic in (profile.helps if stance is Stance.HELPS else profile.seeks)]
    draft.data.pop("offered", None)
    chosen = _key_in(answer)
    if answer.startswith(_REMOVE) and chosen:
        wanted = [topic for topic in own if topic != chosen]
    else:
        found = [chosen] if answer.startswith(_ADD) and chosen else _named(tree, answer, draft)
        wanted = [*own, *found]
    if wanted != own:
        note_hit(draft)
        try:
            await service.set_topics(member, stance, wanted)
        except ProfileInvalid as error:
            note_miss(draft, error.message)
    return "topics"


def _key_in(answer: str) -> UUID | None:
    try:
        return UUID(answer[-32:])
    except ValueError:
        return None


def _named(tree: TopicTree, answer: str, draft: Draft) -> list[UUID]:
    """Return the topics that words mean; of a word that means none, those near it are offered."""
    words = [word.strip() for word in answer.translate(_APART).split(",") if word.strip()][:MOST_WORDS]
    found, unknown = [], []
    for word in words:
        entry = tree.find(word)
        if entry is not None and not entry.retired:
            found.append(entry.id)
        else:
            unknown.append(word)
    if unknown or not words:
        near = [entry.id for word in unknown for entry in topics_near(tree, word)]
        draft.data["offered"] = [key.hex for key in dict.fromkeys(near)][:OFFERED]
        problem = _("I know no topic “{word}”. Please choose one of these, or try another word.")
        if not draft.data["offered"]:
            problem = _("I know no topic “{word}”. Please try another word, such as the name of a field of work.")
        note_miss(draft, problem.format(word=(unknown or [answer])[0][:60]))
    return list(dict.fromkeys(found))


def topics_near(tree: TopicTree, word: str) -> list[TopicEntry]:
    """Return topics in whose names or other words a word occurs, or that occur in it."""
    wanted = word.casefold()
    if len(wanted) < SHORTEST:
        return []
    return [
        entry
        for entry in tree.offered
        if any(
            wanted in name.casefold() or (len(name) >= SHORTEST and name.casefold() in wanted)
            for name in (entry.name_de, entry.name_en, *tree.words(entry.id))
        )
    ]


# Languages


async def _ask_languages(turn: Turn, draft: Draft) -> Prompt:
    member = member_id_of(turn)
    known = (await ProfileService(turn.unit).get(member)).languages if member else ()
    blocks = [
        *help_blocks(turn, draft),
        *([note(_("So far: {text}").format(text=_language_words(known)))] if known else []),
        paragraph(_("Which languages do you speak at work? For example: German, Polish")),
    ]
    clear = (Choice(CLEAR, _("Say nothing about it"), "🧹"),) if known else ()
    return Prompt(rich(*blocks), (*clear, Choice(DONE, _("Leave it as it is"), "↩️")))


async def _take_languages(turn: Turn, draft: Draft, answer: str) -> str | None:
    member = member_id_of(turn)
    if answer != DONE and member is not None:
        words = [] if answer == CLEAR else [word for word in answer.translate(_APART).split(",") if word.strip()]
        codes = [find_language(word) for word in words]
        try:
            if None in codes or (answer != CLEAR and not codes):
                raise ProfileInvalid(_("I do not know this language. Please write its name in German or in English."))
            await ProfileService(turn.unit).set_languages(member, [code for code in codes if code])
        except ProfileInvalid as error:
            note_miss(draft, error.message)
            return "which"
    await say_profile(turn)
    return None


async def say_profile(turn: Turn) -> None:
    """Show what a member declared, with what can be changed."""
    member = member_id_of(turn)
    if member is None:
        return
    profile = await ProfileService(turn.unit).get(member)
    sentence = _("{command} finds colleagues elsewhere.")
    hint = note(*filled(sentence, command=command(turn.glance, "kollegen", "peers")))
    blocks = [paragraph(bold(_("For colleagues elsewhere"))), *await profile_blocks(turn, profile), hint]
    turn.say(rich(*blocks), choices=profile_choices(profile))


TOPICS = Dialogue("profile_topics", "topics", {"topics": Step(_ask_topics, _take_topics)}, keep_days=7)
LANGUAGES = Dialogue("profile_languages", "which", {"which": Step(_ask_languages, _take_languages)}, keep_days=7)
CHOICES = (ChoiceHandler("mynet", Handler(change_profile)),)
DIALOGUES = (TOPICS, LANGUAGES)
