"""Finding peers: organisations that did something, and people who offered help with it.

What speaks for an organisation are experiences that the asker may find, on the topic or with the words in them, and its
likeness to the asker's own; for a person, what they declared themselves, and the likeness of their organisation. All of
it adds up in points (``likeness.py``, ``repository.py``): likeness 0 to 100, 15 for each experience up to three, 30 for
the very topic, 20 for one below it, 10 for one above it. Equal points go by name, so the order is the same each time.
Near goes before much: the 500 organisations most like the asker's are looked at first, the others only where those have
too little.
"""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.cleaning import clean_line
from knowledge.kit.database import Database
from knowledge.kit.language import _, ngettext
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.library.text.analysis import analyse, words_of
from knowledge.models.document import Document
from knowledge.models.organisation import Organisation
from knowledge.organisations.labels import organisation_label
from knowledge.organisations.states import state_name
from knowledge.peers.likeness import NOTHING, Likeness, likeness, reason_words
from knowledge.peers.repository import OrganisationRow, PeerRepository, PersonRow, Published, Seeker, TopicsWanted
from knowledge.peers.schemas import PeerAsker, PeerDocument, PeerFinds, PeerOrganisation, PeerPerson
from knowledge.topics.repository import DocumentTopicRepository
from knowledge.topics.tree import TopicEntry, TopicTree, load_tree

# A document is about words when it covers so much of them.
COVERS = 0.6
# Experiences that are named with an organisation.
NAMED = 3
# So many words of a question may name a topic together.
LONGEST_TOPIC = 4
# Where no word names a topic, so many of the documents that have the words must share it.
FEWEST_SHARING, SHARE = 2, 0.5


async def find_peers(
    answers: AnswerService, database: Database, text: str, asker: PeerAsker, *, limit: int = 5
) -> PeerFinds:
    """Return organisations and people to talk to about ``text``; without words, those most like the asker's own.

    Runs outside of a transaction. Nobody is found where nothing speaks for them. Raises ``QuestionTooLong`` and
    ``Unavailable`` as asking does.
    """
    words = clean_line(text)
    if not any(letter.isalnum() for letter in words):
        return await _find_alike(database, asker, limit)
    documents = frozenset(
        document for document, share in (await answers.covering(words, asker.viewer)).items() if share >= COVERS
    )
    async with unit_of_work(database, writes=False) as unit:
        tree = await load_tree(unit.session)
        topic = topic_of(tree, words) or await _shared_topic(unit.session, tree, documents)
        return await _Finding(unit.session, asker, tree, topic, words).find(documents, limit)


async def _find_alike(database: Database, asker: PeerAsker, limit: int) -> PeerFinds:
    async with unit_of_work(database, writes=False) as unit:
        finding = _Finding(unit.session, asker, await load_tree(unit.session), None, "")
        return await finding.find_alike(limit)


class _Finding:
    """Looking for peers in one transaction."""

    def __init__(
        self, session: AsyncSession, asker: PeerAsker, tree: TopicTree, topic: TopicEntry | None, words: str
    ) -> None:
        self._repository = PeerRepository(session)
        self._asker = asker
        self._tree = tree
        self._topic = topic
        self._words = topic.name if topic else words
        self._own: Organisation | None = None

    async def find(self, documents: frozenset[UUID], limit: int) -> PeerFinds:
        """Return who has something on the topic, or on the words where they are none."""
        self._own = await self._repository.organisation(self._asker.organisation_id)
        below = self._tree.below(self._topic.id) if self._topic else None
        published = Published(self._asker.viewer, topics=below, documents=documents)
        near = await self._repository.nearest(self._own) if self._own else ()
        rows = await self._repository.organisations(self._own, published, among=near, limit=limit) if near else []
        if len(rows) < limit:
            rows = await self._repository.organisations(self._own, published, limit=limit)
        people: list[PersonRow] = []
        if self._topic is not None and self._may_name_people:
            wanted = TopicsWanted(self._topic.id, below or frozenset(), frozenset(self._tree.above(self._topic.id)))
            people = await self._helpers(wanted, near, limit)
        return await self._finds(rows, people, published)

    async def _helpers(self, wanted: TopicsWanted, near: Sequence[UUID], limit: int) -> list[PersonRow]:
        people = await self._repository.helpers(self._seeker, wanted, among=near, limit=limit) if near else []
        if len(people) < limit:
            people = await self._repository.helpers(self._seeker, wanted, limit=limit)
        return people

    async def find_alike(self, limit: int) -> PeerFinds:
        """Return organisations like the asker's that take part, and the people there who offer help with anything."""
        self._own = await self._repository.organisation(self._asker.organisation_id)
        if self._own is None:
            return PeerFinds((), ())
        viewer, with_people = self._asker.viewer, self._may_name_people
        near = await self._repository.nearest(self._own)
        rows = await self._repository.alike(self._own, viewer, among=near, with_people=with_people, limit=limit)
        if len(rows) < limit:
            rows = await self._repository.alike(self._own, viewer, with_people=with_people, limit=limit)
        people: list[PersonRow] = []
        if with_people:
            there = [row.organisation.id for row in rows]
            people = await self._repository.helpers_in(there, self._seeker, limit=limit)
        return await self._finds(rows, people, Published(viewer))

    @property
    def _seeker(self) -> Seeker:
        return Seeker(self._asker.member_id, self._own)

    @property
    def _may_name_people(self) -> bool:
        return self._asker.with_people and self._asker.member_id is not None

    async def _finds(
        self, rows: Sequence[OrganisationRow], people: Sequence[PersonRow], published: Published
    ) -> PeerFinds:
        found = await self._repository.experiences([row.organisation.id for row in rows], published)
        by_organisation: dict[UUID | None, list[Document]] = {}
        for document in found:
            by_organisation.setdefault(document.organisation_id, []).append(document)
        organisations = [self._organisation(row, by_organisation.get(row.organisation.id, [])) for row in rows]
        return PeerFinds(tuple(organisations), tuple(map(self._person, people)), self._topic)

    def _organisation(self, row: OrganisationRow, documents: Sequence[Document]) -> PeerOrganisation:
        organisation, near = row.organisation, self._near(row.organisation)
        count = len(documents)
        return PeerOrganisation(
            id=organisation.id,
            name=organisation.name,
            label=organisation_label(organisation.kind, organisation.register_kind),
            state=state_name(organisation.state_key),
            experiences=count,
            documents=tuple(PeerDocument(document.id, document.title) for document in documents[:NAMED]),
            likeness=near,
            score=row.points / 100,
            reason=_joined(self._count_words(count), reason_words(near.reasons)),
        )

    def _count_words(self, count: int) -> str:
        if not count:
            return ""
        if not self._words:
            return ngettext("{count} experience", "{count} experiences", count).format(count=count)
        said = ngettext("{count} experience on “{topic}”", "{count} experiences on “{topic}”", count)
        return said.format(count=count, topic=self._words)

    def _person(self, row: PersonRow) -> PeerPerson:
        near = self._near(row.organisation) if row.organisation else NOTHING
        topic = self._tree.get(row.topic_id) if row.topic_id else None
        offer = _("can help with “{topic}”").format(topic=topic.name) if topic else ""
        return PeerPerson(
            member_id=row.member.id,
            organisation_id=row.member.organisation_id,
            organisation_name=row.organisation.name if row.organisation else None,
            topic=topic,
            languages=tuple(row.member.languages),
            likeness=near,
            score=row.points / 100,
            reason=_joined(offer, reason_words(near.reasons)),
        )

    def _near(self, other: Organisation) -> Likeness:
        return likeness(self._own, other) if self._own else NOTHING


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def topic_of(tree: TopicTree, text: str) -> TopicEntry | None:
    """Return the topic that a text names: as a whole, in some of its words (the most first), or in other endings."""
    whole = tree.find(text)
    if whole is not None and not whole.retired:
        return whole
    words = words_of(text)
    for length in range(min(LONGEST_TOPIC, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            entry = tree.find(" ".join(words[start : start + length]))
            if entry is not None and not entry.retired:
                return entry
    return _by_stems(tree, text)


def _by_stems(tree: TopicTree, text: str) -> TopicEntry | None:
    wanted = set(analyse(text).stems)
    best: tuple[int, TopicEntry] | None = None
    for entry in tree.offered:
        for name in (entry.name_de, entry.name_en, *tree.words(entry.id)):
            stems = set(analyse(name).stems)
            if stems and stems <= wanted and (best is None or len(stems) > best[0]):
                best = (len(stems), entry)
    return best[1] if best else None


async def _shared_topic(session: AsyncSession, tree: TopicTree, documents: frozenset[UUID]) -> TopicEntry | None:
    """Return the topic that most of the documents share, the lowest of those in the tree."""
    linked = await DocumentTopicRepository(session).linked(documents)
    counts = Counter(topic for topics in linked.values() for topic in topics)
    least = max(FEWEST_SHARING, SHARE * len(documents))
    shared = [(count, len(tree.above(topic)), topic) for topic, count in counts.items() if count >= least]
    entries = [(count, depth, entry) for count, depth, topic in shared if (entry := tree.get(topic))]
    offered = [(count, depth, entry.key, entry) for count, depth, entry in entries if not entry.retired]
    return max(offered, key=lambda found: found[:3])[3] if offered else None
