"""What moderators do with topics; each act is recorded, and documents are looked at anew where words changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from knowledge.audit.service import record
from knowledge.kit.clock import now
from knowledge.kit.errors import Conflict, InvalidInput, NotFound
from knowledge.kit.ids import new_id
from knowledge.kit.language import _
from knowledge.kit.revisions import refuse_stale, revision_of
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.topic import TopicKind
from knowledge.topics.jobs import ask_to_link_all
from knowledge.topics.repository import TopicRepository
from knowledge.topics.tree import TopicEntry, TopicTree, load_tree
from knowledge.topics.words import check_word, check_words, fold_topic

# Fields of work, what belongs to them, and one more level: deeper trees are hard to choose from.
DEEPEST = 3
# What moderators add comes after what came with the program, in the order of the alphabet.
LAST = 10_000


class UnknownTopic(NotFound):
    """There is no such topic."""

    code = "topics.unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no such topic."))


class TopicWordTaken(Conflict):
    """Another topic goes by a word."""

    code = "topics.word_taken"

    def __init__(self, word: str, topic: TopicEntry) -> None:
        problem = _("“{word}” stands for the topic “{topic}” already.")
        super().__init__(problem.format(word=word[:40], topic=topic.name))


class WrongPlace(InvalidInput):
    """A topic cannot lie there."""

    code = "topics.wrong_place"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicForm:
    """A topic as it is to be: without an English name, the German one stands for it.

    ``below`` is the field of work that it belongs to; ``words`` are what people call it besides its names.
    """

    name_de: str
    name_en: str = ""
    below: UUID | None = None
    words: tuple[str, ...] = ()


def topic_revision(entry: TopicEntry, words: tuple[str, ...]) -> str:
    """Return the revision of a topic with its other words."""
    return revision_of(entry.name_de, entry.name_en, entry.parent_id, entry.retired, words)


class TopicService:
    """Topics, within the caller's transaction."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._session = unit.session
        self._repository = TopicRepository(unit.session)

    async def tree(self) -> TopicTree:
        """Return the tree as it is now."""
        return await load_tree(self._session)

    async def get(self, topic_id: UUID) -> TopicEntry:
        """Return a topic. Raises UnknownTopic."""
        return _known(await self.tree(), topic_id)

    async def add(self, form: TopicForm, *, by: UUID | None) -> TopicEntry:
        """Add a field of work. Raises TopicWordUnusable, TopicWordTaken, WrongPlace."""
        tree = await self._locked()
        name_de, name_en, words = _names_and_words(form)
        _refuse_taken(tree, words, None)
        _refuse_place(tree, None, form.below)
        key = new_id()
        row = {
            "id": key,
            "key": f"own-{key.hex}",
            "kind": TopicKind.FIELD,
            "parent_id": form.below,
            "name_de": name_de,
            "name_en": name_en,
            "position": LAST,
            "created_at": now(),
        }
        await self._repository.add([row])
        await self._repository.add_words(key, words)
        await self._note("topics:add", key, by)
        await ask_to_link_all(self._session)
        return await self.get(key)

    async def change(self, topic_id: UUID, form: TopicForm, *, revision: str, by: UUID | None) -> TopicEntry:
        """Rename or move a topic, or give it other words. A name that it had stays as a word.

        Args:
            topic_id: which.
            form: how it is to be; the Sustainable Development Goals lie below nothing.
            revision: what the form was filled with (``topic_revision``).
            by: who changes it.

        Raises UnknownTopic, Stale, TopicWordUnusable, TopicWordTaken, WrongPlace.
        """
        tree = await self._locked()
        before = _known(tree, topic_id)
        refuse_stale(revision, topic_revision(before, tree.words(topic_id)))
        name_de, name_en, words = _names_and_words(form)
        _refuse_taken(tree, words, topic_id)
        if form.below != before.parent_id:
            _refuse_place(tree, before, form.below)
            await self._repository.change(topic_id, parent_id=form.below, position=LAST)
        await self._repository.change(topic_id, name_de=name_de, name_en=name_en)
        rewritten = await self._rewrite(tree, before, words)
        renamed = (name_de, name_en) != (before.name_de, before.name_en)
        details = {"renamed": renamed, "moved": form.below != before.parent_id, "words": rewritten}
        await self._note("topics:change", topic_id, by, **details)
        return await self.get(topic_id)

    async def _rewrite(self, tree: TopicTree, before: TopicEntry, words: Mapping[str, str]) -> bool:
        """Let a topic go by these words and its former names; returns whether it went by others."""
        former = {fold_topic(name): name for name in (before.name_de, before.name_en)}
        known = former.keys() | {fold_topic(word) for word in tree.words(before.id)}
        wanted = former | dict(words)
        if wanted.keys() == known:
            return False
        await self._repository.remove_words(before.id, known - wanted.keys())
        await self._repository.add_words(before.id, wanted)
        await ask_to_link_all(self._session)
        return True

    async def retire(self, topic_id: UUID, *, by: UUID | None) -> None:
        """Offer a topic no longer, nor what lies below it; words still lead there. Raises UnknownTopic."""
        tree = await self._locked()
        _known(tree, topic_id)
        offered = [key for key in tree.below(topic_id) if not _known(tree, key).retired]
        await self._repository.retire(offered, now())
        await self._note("topics:retire", topic_id, by, topics=len(offered))

    async def restore(self, topic_id: UUID, *, by: UUID | None) -> None:
        """Offer a topic again, and what it lies below. Raises UnknownTopic."""
        tree = await self._locked()
        _known(tree, topic_id)
        await self._repository.retire(tree.above(topic_id), None)
        await self._note("topics:restore", topic_id, by)

    async def _locked(self) -> TopicTree:
        """Return the tree, which nobody else changes until this transaction ends: no two topics get the same word."""
        await self._repository.lock()
        return await self.tree()

    async def _note(self, action: str, topic_id: UUID, by: UUID | None, **details: object) -> None:
        await record(self._session, action, ("topic", topic_id), by=by, **details)


def _known(tree: TopicTree, topic_id: UUID) -> TopicEntry:
    entry = tree.get(topic_id)
    if entry is None:
        raise UnknownTopic
    return entry


def _names_and_words(form: TopicForm) -> tuple[str, str, dict[str, str]]:
    """Return both names, and all words that the topic goes by with its names first, by their folded form."""
    name_de = check_word(form.name_de)
    name_en = check_word(form.name_en) if form.name_en.strip() else name_de
    return name_de, name_en, check_words([name_de, name_en, *form.words])


def _refuse_taken(tree: TopicTree, words: Mapping[str, str], own: UUID | None) -> None:
    for word in words.values():
        other = tree.find(word)
        if other is not None and other.id != own:
            raise TopicWordTaken(word, other)


def _refuse_place(tree: TopicTree, topic: TopicEntry | None, below: UUID | None) -> None:
    """Raise WrongPlace where a topic cannot lie below another one."""
    if below is None:
        return
    parent = tree.get(below)
    if parent is None:
        raise WrongPlace(_("Please choose a field of work from the list."))
    if parent.kind is TopicKind.GOAL or (topic is not None and topic.kind is TopicKind.GOAL):
        raise WrongPlace(_("The Sustainable Development Goals stay as they are: nothing lies above or below them."))
    if topic is not None and below in tree.below(topic.id):
        raise WrongPlace(_("A topic cannot lie below itself."))
    height = 1 if topic is None else _height(tree, topic.id)
    if len(tree.above(below)) + height > DEEPEST:
        raise WrongPlace(_("Topics lie at most {count} levels deep.").format(count=DEEPEST))


def _height(tree: TopicTree, topic_id: UUID) -> int:
    depth = len(tree.above(topic_id))
    return max(len(tree.above(key)) for key in tree.below(topic_id)) - depth + 1
