"""„Mein Profil": topics one helps with or looks for, languages, being found or not, and one's own digest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData

from hub.dependencies import MayUseNetwork, Reading, Writing
from hub.messages import redirect
from hub.pages.contribution_parts import typed_texts
from hub.pages.library_parts import read_choice, read_number, read_text
from hub.pages.peers import PROFILE, network_tabs
from hub.pages.question_parts import TopicGroup, groups_of
from hub.pages.review_parts import read_key, typed_in, whole_or_nothing
from hub.rendering import render
from knowledge.access.rights import Visitor
from knowledge.digests.schedule import day_name
from knowledge.kit.cleaning import clean_line
from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.member import Findable
from knowledge.models.topic import Stance
from knowledge.peers.errors import ProfileInvalid
from knowledge.peers.profile import MOST_TOPICS, ProfileService, find_language, language_name
from knowledge.peers.schemas import Profile
from knowledge.topics.tree import TopicTree, load_tree
from knowledge.topics.words import fold_topic

router = APIRouter()
# The topics that a form shows (perhaps all), so that those that it does not show stay as they are.
SHOWN, ALL, HELPS, SEEKS = "gezeigt", "alle", "hilft", "sucht"
# Offered to tick; others are named in words.
LANGUAGES = ("de", "en", "pl", "cs", "fr", "da", "nl", "uk", "ru", "tr", "ar", "hsb", "dsb")
LONGEST_LANGUAGES = 200


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """What a member says of themselves. ``groups`` are the topics that fit ``filter``.

    ``languages``: pairs of code and name to tick; ``others`` are spoken beside them, in words.
    """

    tabs: Sequence[tuple[str, str, int | None]]
    address: str
    profile: Profile
    findable: str
    groups: Sequence[TopicGroup]
    filter: str
    helps: frozenset[str]
    seeks: frozenset[str]
    languages: Sequence[tuple[str, str]]
    spoken: Sequence[str]
    others: str
    days: Sequence[tuple[str, str]]
    hours: Sequence[tuple[str, str]]
    day: str
    hour: str
    errors: Mapping[str, str]
    most: int = MOST_TOPICS


@router.get(PROFILE)
async def profile(request: Request, visitor: MayUseNetwork, session: Reading) -> HTMLResponse:
    """Show the profile."""
    return await _show(request, UnitOfWork(session), visitor)


@router.post(f"{PROFILE}/findbar")
async def set_findable(request: Request, visitor: MayUseNetwork, unit: Writing) -> Response:
    """Turn being found on, off, or pause it."""
    wanted = read_choice(Findable, typed_in(await request.form()).get("findbar"))
    if wanted is not None:
        await ProfileService(unit).set_findable(visitor.known.id, wanted)
    return redirect(PROFILE, said="profile.changed")


@router.post(f"{PROFILE}/themen")
async def set_topics(request: Request, visitor: MayUseNetwork, unit: Writing) -> Response:
    """Set the topics among those that were shown; the others stay."""
    form, service, member = await request.form(), ProfileService(unit), visitor.known.id
    before, shown = await service.get(member), _shown(form, await load_tree(unit.session))
    stances = ((Stance.HELPS, HELPS, before.helps), (Stance.SEEKS, SEEKS, before.seeks))
    try:
        async with unit.session.begin_nested():
            for stance, name, had in stances:
                await service.set_topics(
                    member, stance, _chosen(form, name, [topic.id for topic in had if topic.id not in shown])
                )
    except InvalidInput as error:
        return await _show(request, unit, visitor, error, form)
    return redirect(PROFILE, said="profile.changed")


@router.post(f"{PROFILE}/sprachen")
async def set_languages(request: Request, visitor: MayUseNetwork, unit: Writing) -> Response:
    """Set the languages that one speaks."""
    form = await request.form()
    others = clean_line(typed_in(form).get("weitere", ""))[:LONGEST_LANGUAGES]
    named = [part.strip() for part in others.split(",") if part.strip()]
    try:
        codes = [*typed_texts(form, "sprache"), *(find_language(word) or _unknown(word) for word in named)]
        await whole_or_nothing(unit, ProfileService(unit).set_languages(visitor.known.id, codes))
    except InvalidInput as error:
        return await _show(request, unit, visitor, error, form)
    return redirect(PROFILE, said="profile.changed")


@router.post(f"{PROFILE}/rundbrief")
async def set_digest(request: Request, visitor: MayUseNetwork, unit: Writing) -> Response:
    """Set when one's own digest comes."""
    form = await request.form()
    typed = typed_in(form)
    day, hour = read_number(typed.get("tag")), read_number(typed.get("stunde"))
    try:
        await whole_or_nothing(
            unit, ProfileService(unit).set_digest(visitor.known.id, day, hour if hour is not None else 8)
        )
    except InvalidInput as error:
        return await _show(request, unit, visitor, error, form)
    return redirect(PROFILE, said="profile.changed")


def _shown(form: FormData, tree: TopicTree) -> frozenset[UUID]:
    """Return the topics that somebody saw and could tick."""
    named = typed_texts(form, SHOWN)
    if ALL in named:
        return frozenset(entry.id for entry in tree.offered)
    return frozenset(key for key in map(read_key, named) if key is not None)


def _chosen(form: FormData, name: str, kept: Sequence[UUID]) -> list[UUID]:
    """Return the topics of one stance: what was ticked, beside what is kept."""
    ticked = [key for key in map(read_key, typed_texts(form, name)) if key is not None]
    return list(dict.fromkeys([*kept, *ticked]))


def _unknown(word: str) -> str:
    """Raise ``ProfileInvalid`` for a language that nobody knows."""
    raise ProfileInvalid(_("“{word}” is no language that is known here.").format(word=word[:40]))


async def _show(
    request: Request,
    unit: UnitOfWork,
    visitor: Visitor,
    error: InvalidInput | None = None,
    form: FormData | None = None,
) -> HTMLResponse:
    found = await ProfileService(unit).get(visitor.known.id)
    tree = await load_tree(unit.session)
    wanted = read_text(request.query_params, "filter")
    page = ProfilePage(
        tabs=network_tabs(),
        address=PROFILE,
        profile=found,
        findable=found.findable.value,
        groups=_fitting(tree, wanted),
        filter=wanted,
        helps=_ticked(form, HELPS) or frozenset(str(topic.id) for topic in found.helps),
        seeks=_ticked(form, SEEKS) or frozenset(str(topic.id) for topic in found.seeks),
        languages=[(code, language_name(code)) for code in LANGUAGES],
        spoken=[code for code in found.languages if code in LANGUAGES],
        others=_others(form, found),
        days=_days(),
        hours=[(str(hour), _("{hour} o’clock").format(hour=hour)) for hour in range(24)],
        day="" if found.digest_day is None else str(found.digest_day),
        hour=str(found.digest_hour),
        errors={"": error.message} if error else {},
    )
    return await render(request, "profile/profile.html", page, error=error)


def _ticked(form: FormData | None, name: str) -> frozenset[str]:
    return frozenset(typed_texts(form, name)) if form is not None else frozenset()


def _others(form: FormData | None, found: Profile) -> str:
    typed = typed_in(form).get("weitere") if form is not None else None
    return typed or ", ".join(language_name(code) for code in found.languages if code not in LANGUAGES)


def _fitting(tree: TopicTree, wanted: str) -> list[TopicGroup]:
    """Return the topics of which a word is part, by field of work; all without a word."""
    groups, word = groups_of(tree), fold_topic(wanted)
    if not word:
        return groups
    fitting = [
        TopicGroup(group.name, [pair for pair in group.topics if word in _words(tree, pair, group)]) for group in groups
    ]
    return [group for group in fitting if group.topics]


def _words(tree: TopicTree, pair: tuple[str, str], group: TopicGroup) -> str:
    key, name = UUID(pair[0]), pair[1]
    entry = tree.get(key)
    names = (entry.name_de, entry.name_en) if entry else ()
    return "|".join(map(fold_topic, (name, group.name, *names, *tree.words(key))))


def _days() -> list[tuple[str, str]]:
    return [(str(day), day_name(day)) for day in range(7)]
