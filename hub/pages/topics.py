"""Topics: the tree that everything is sorted by, kept by moderators."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from hub.dependencies import MayManageTopics, Reading, Writing
from hub.messages import redirect
from hub.pages.library_parts import read_id, read_text
from hub.pages.review_parts import typed_in, whole_or_nothing
from hub.rendering import render
from knowledge.kit.errors import Conflict, InvalidInput
from knowledge.kit.language import _
from knowledge.kit.revisions import Stale
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.topic import TopicKind
from knowledge.topics.service import DEEPEST, TopicForm, TopicService, topic_revision
from knowledge.topics.tree import TopicEntry, TopicTree, load_tree
from knowledge.topics.words import fold_topic

router = APIRouter()
TOPICS = "/themen"
ITEM = f"{TOPICS}/{{key:uuid}}"
LONGEST_NAME, LONGEST_WORDS = 200, 5000
_APART = re.compile(r"[,;\n]")

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A topic in the list, with its other words; ``depth`` counts what it lies below."""

    id: UUID
    name: str
    words: str
    retired: bool
    depth: int


@dataclass(frozen=True, slots=True)
class TopicBlock:
    """A field of work with what lies below it; the goals are one block together."""

    name: str
    lines: Sequence[TopicLine]


@dataclass(frozen=True, slots=True)
class TopicsPage:
    """The topics that hold a word, all without one, and a form to add one."""

    blocks: Sequence[TopicBlock]
    word: str
    places: Sequence[tuple[str, str]]
    values: Texts
    errors: Texts


@dataclass(frozen=True, slots=True)
class TopicPage:
    """One topic to be changed; ``path`` is where it lies, ``below`` what lies below it.

    ``now`` says what it goes by, where somebody else changed that in the meantime.
    """

    topic: TopicEntry
    path: str
    now: str
    is_goal: bool
    below: Sequence[TopicEntry]
    places: Sequence[tuple[str, str]]
    revision: str
    values: Texts
    errors: Texts


@router.get(TOPICS)
async def topics(request: Request, visitor: MayManageTopics, session: Reading) -> HTMLResponse:  # noqa: ARG001
    """Show the tree."""
    return await render(request, "topics/topics.html", await _list_page(request, session))


@router.post(TOPICS)
async def add(request: Request, visitor: MayManageTopics, unit: Writing) -> Response:
    """Add a field of work."""
    typed = typed_in(await request.form())
    try:
        await whole_or_nothing(unit, TopicService(unit).add(_form(typed), by=visitor.member_id))
    except (InvalidInput, Conflict) as error:
        page = await _list_page(request, unit.session, typed, {"name_de": error.message})
        return await render(request, "topics/topics.html", page, status=error.status)
    return redirect(TOPICS, said="topics.added")


@router.get(ITEM)
async def topic(request: Request, visitor: MayManageTopics, session: Reading, key: UUID) -> HTMLResponse:  # noqa: ARG001
    """Show one topic."""
    return await render(request, "topics/topic.html", await _item_page(session, key))


@router.post(ITEM)
async def change(request: Request, visitor: MayManageTopics, unit: Writing, key: UUID) -> Response:
    """Rename or move a topic, or give it other words."""
    typed = typed_in(await request.form())
    revision = typed.get("revision", "")
    wanted = TopicService(unit).change(key, _form(typed), revision=revision, by=visitor.member_id)
    try:
        await whole_or_nothing(unit, wanted)
    except (InvalidInput, Conflict) as error:
        page = await _item_page(unit.session, key, typed, {"name_de": error.message})
        page = page if isinstance(error, Stale) else replace(page, now="")
        return await render(request, "topics/topic.html", page, status=error.status)
    return redirect(f"{TOPICS}/{key}", said="topics.changed")


@router.post(f"{ITEM}/zurueckziehen")
async def retire(visitor: MayManageTopics, unit: Writing, key: UUID) -> Response:
    """Offer a topic no longer."""
    await TopicService(unit).retire(key, by=visitor.member_id)
    return redirect(f"{TOPICS}/{key}", said="topics.retired")


@router.post(f"{ITEM}/anbieten")
async def restore(visitor: MayManageTopics, unit: Writing, key: UUID) -> Response:
    """Offer a topic again."""
    await TopicService(unit).restore(key, by=visitor.member_id)
    return redirect(f"{TOPICS}/{key}", said="topics.restored")


def _form(typed: Texts) -> TopicForm:
    """Return what was entered; a place that there is not becomes one that the service refuses."""
    below = typed.get("below", "")
    words = _APART.split(typed.get("words", "")[:LONGEST_WORDS])
    return TopicForm(
        name_de=read_text(typed, "name_de", longest=LONGEST_NAME),
        name_en=read_text(typed, "name_en", longest=LONGEST_NAME),
        below=(read_id(below) or UUID(int=0)) if below else None,
        words=tuple(part for part in words if part.strip()),
    )


async def _list_page(
    request: Request, session: AsyncSession, values: Texts | None = None, errors: Texts | None = None
) -> TopicsPage:
    tree, word = await load_tree(session), read_text(request.query_params, "wort")
    return TopicsPage(_blocks(tree, word), word, _places(tree), values or {}, errors or {})


async def _item_page(
    session: AsyncSession, key: UUID, values: Texts | None = None, errors: Texts | None = None
) -> TopicPage:
    tree = await load_tree(session)
    entry = await TopicService(UnitOfWork(session)).get(key)
    words = tree.words(key)
    shown = {
        "name_de": entry.name_de,
        "name_en": entry.name_en,
        "below": str(entry.parent_id or ""),
        "words": "; ".join(words),
    }
    return TopicPage(
        topic=entry,
        path=tree.path(key),
        now="; ".join((entry.name_de, entry.name_en, *words)) if errors else "",
        is_goal=entry.kind is TopicKind.GOAL,
        below=[other for other in tree.entries if other.parent_id == key],
        places=_places(tree, but=key),
        revision=topic_revision(entry, words),
        values=values or shown,
        errors=errors or {},
    )


def _blocks(tree: TopicTree, word: str) -> list[TopicBlock]:
    blocks: dict[str, list[TopicLine]] = {}
    for entry in tree.entries:
        line = _line(tree, entry)
        if word and not any(
            fold_topic(word) in fold_topic(text) for text in (entry.name_de, entry.name_en, line.words)
        ):
            continue
        root = tree.get(tree.above(entry.id)[-1]) or entry
        is_goal = entry.kind is TopicKind.GOAL
        blocks.setdefault(_("Sustainable Development Goals") if is_goal else root.name, []).append(line)
    return [TopicBlock(name, lines) for name, lines in blocks.items()]


def _line(tree: TopicTree, entry: TopicEntry) -> TopicLine:
    words = "; ".join(tree.words(entry.id))
    return TopicLine(entry.id, entry.name, words, entry.retired, len(tree.above(entry.id)) - 1)


def _places(tree: TopicTree, but: UUID | None = None) -> list[tuple[str, str]]:
    """Return what a topic may lie below, by its path; not itself, nor what lies below it."""
    left_out = tree.below(but) if but is not None else frozenset()
    return [
        (str(entry.id), tree.path(entry.id))
        for entry in tree.offered
        if entry.kind is TopicKind.FIELD and entry.id not in left_out and len(tree.above(entry.id)) < DEEPEST
    ]
