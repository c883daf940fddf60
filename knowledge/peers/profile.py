"""What members say of themselves: topics that they help with or look for, languages, whether peers may find them."""

from collections.abc import Collection, Sequence
from functools import cache
from uuid import UUID

from knowledge.kit.clock import now
from knowledge.kit.language import LANGUAGES, _, current_language
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.member import Findable, Member
from knowledge.models.topic import MemberTopic, Stance
from knowledge.peers.errors import ProfileInvalid, UnknownPeer
from knowledge.peers.repository import ProfileRepository
from knowledge.peers.schemas import Profile
from knowledge.topics.tree import TopicEntry, TopicTree, load_tree

MOST_TOPICS, MOST_LANGUAGES = 20, 10
LAST_DAY, LAST_HOUR = 6, 23


class ProfileService:
    """Profiles within one unit of work; only their own members change them."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._session = unit.session
        self._repository = ProfileRepository(unit.session)

    async def get(self, member_id: UUID) -> Profile:
        """Return a member's profile. Raises ``UnknownPeer``."""
        member = await self._member(member_id)
        declared, tree = await self._repository.topics(member_id), await load_tree(self._session)
        return Profile(
            member_id=member.id,
            helps=_entries(declared, tree, Stance.HELPS),
            seeks=_entries(declared, tree, Stance.SEEKS),
            languages=tuple(member.languages),
            findable=member.findable,
            digest_day=member.digest_day,
            digest_hour=member.digest_hour,
        )

    async def set_topics(self, member_id: UUID, stance: Stance, topic_ids: Collection[UUID]) -> Profile:
        """Put topics in the place of those declared before. Raises ``ProfileInvalid``, ``UnknownPeer``.

        A topic that is no longer offered may be kept, but not be added.
        """
        await self._member(member_id, locked=True)
        wanted = list(dict.fromkeys(topic_ids))
        if len(wanted) > MOST_TOPICS:
            raise ProfileInvalid(_("Please choose at most {count} topics.").format(count=MOST_TOPICS))
        declared = await self._repository.topics(member_id)
        before = {row.topic_id for row in declared if row.stance is stance}
        tree, new = await load_tree(self._session), [topic for topic in wanted if topic not in before]
        for topic in new:
            entry = tree.get(topic)
            if entry is None or entry.retired:
                raise ProfileInvalid(_("There is no such topic, or not any more."))
        await self._repository.remove_topics(member_id, stance, before - set(wanted))
        await self._repository.add_topics(
            [{"member_id": member_id, "topic_id": topic, "stance": stance, "created_at": now()} for topic in new]
        )
        return await self.get(member_id)

    async def set_languages(self, member_id: UUID, languages: Sequence[str]) -> Profile:
        """Set the languages spoken, as two-letter codes. Raises ``ProfileInvalid``, ``UnknownPeer``."""
        codes = list(dict.fromkeys(language.strip().lower() for language in languages if language.strip()))
        if len(codes) > MOST_LANGUAGES:
            raise ProfileInvalid(_("Please give at most {count} languages.").format(count=MOST_LANGUAGES))
        if not all(is_language(code) for code in codes):
            raise ProfileInvalid(_("I do not know this language. Please write its name in German or in English."))
        return await self._change(member_id, languages=codes)

    async def set_findable(self, member_id: UUID, findable: Findable) -> Profile:
        """Turn being found on, off, or pause it. Raises ``UnknownPeer``."""
        profile = await self._change(member_id, findable=findable)
        get_logger().info("profile_findable", member=str(member_id), findable=findable.value)
        return profile

    async def set_digest(self, member_id: UUID, day: int | None, hour: int) -> Profile:
        """Set when the member's own digest comes (no day: never). Raises ``ProfileInvalid``, ``UnknownPeer``."""
        if (day is not None and not 0 <= day <= LAST_DAY) or not 0 <= hour <= LAST_HOUR:
            raise ProfileInvalid(_("Please choose a day of the week and an hour."))
        return await self._change(member_id, digest_day=day, digest_hour=hour)

    async def _change(self, member_id: UUID, **values: object) -> Profile:
        if not await self._repository.change(member_id, **values):
            raise UnknownPeer
        return await self.get(member_id)

    async def _member(self, member_id: UUID, *, locked: bool = False) -> Member:
        member = await self._repository.member(member_id, locked=locked)
        if member is None:
            raise UnknownPeer
        return member


def _entries(declared: Sequence[MemberTopic], tree: TopicTree, stance: Stance) -> tuple[TopicEntry, ...]:
    found = (tree.get(row.topic_id) for row in declared if row.stance is stance)
    return tuple(entry for entry in found if entry is not None)


# Languages of Germany that have no code of two letters: Lower and Upper Sorbian, Low German, North Frisian.
_THREE_LETTERS = frozenset({"dsb", "hsb", "nds", "frr"})


def is_language(code: str) -> bool:
    """Whether this is the code of a language: of two letters, or of three for some that are spoken in Germany."""
    return code in _languages("en")


def language_name(code: str) -> str:
    """Return what a language is called in the current language; the code itself where that is not known."""
    return _languages(current_language()).get(code, code)


def find_language(word: str) -> str | None:
    """Return the code of the language that a person names in German or English, or by its code."""
    wanted = word.strip().casefold()
    if is_language(wanted):
        return wanted
    named = (code for language in LANGUAGES for code, name in _languages(language).items() if name.casefold() == wanted)
    return next(named, None)


@cache
def _languages(language: str) -> dict[str, str]:
    # Babel knows the names of all languages, and is loaded only when one is needed.
    from babel import Locale

    names = Locale(language).languages.items()
    return {code: name for code, name in names if len(code) == 2 or code in _THREE_LETTERS}
