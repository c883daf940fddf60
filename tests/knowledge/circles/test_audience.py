"""A group sees only what all of it may see; a foreign house sees less."""

from dataclasses import replace
from itertools import product
from uuid import UUID

import pytest

from knowledge.chats.schemas import ChatEntry, CircleEntry, IdentityEntry
from knowledge.circles.audience import viewer_for
from knowledge.models.chat import ChatKind, Network
from knowledge.models.member import Role

HOUSE, CIRCLE = UUID(int=1), UUID(int=2)
OWN_HOUSE, OWN_CIRCLE = f"house:{HOUSE.hex}", f"circle:{CIRCLE.hex}"
HOME = (Network.MATRIX, Network.TERMINAL)

STRANGER = IdentityEntry(UUID(int=3), Network.MATRIX, "@a:x", organisation_id=HOUSE, state_key="12")
MEMBER = replace(STRANGER, member_id=UUID(int=4), role=Role.MEMBER)
HOMELESS = replace(MEMBER, organisation_id=None, state_key=None)
ADMINISTRATOR = replace(HOMELESS, role=Role.ADMINISTRATOR)
PEOPLE = (STRANGER, MEMBER, HOMELESS, ADMINISTRATOR)

DIRECT = ChatEntry(UUID(int=5), Network.MATRIX, "!direct", ChatKind.DIRECT)
GROUP = ChatEntry(UUID(int=6), Network.MATRIX, "!group", ChatKind.GROUP)
LINKED = replace(GROUP, circle=CircleEntry(CIRCLE, "Klima"))
VOUCHED = replace(GROUP, circle=CircleEntry(CIRCLE, "Klima", vouched=True))
GROUPS = (GROUP, LINKED, VOUCHED)


def access(chat: ChatEntry, person: IdentityEntry, network: Network, *, telegram: str = "public") -> set[str]:
    viewer = viewer_for(replace(chat, network=network), replace(person, network=network), telegram_visibility=telegram)
    assert viewer.access is not None
    return set(viewer.access)


@pytest.mark.parametrize("network", HOME)
class TestAtHome:
    def test_strangers_find_what_is_public_whatever_they_say_of_themselves(self, network: Network) -> None:
        assert access(DIRECT, STRANGER, network) == {"public"}

    def test_members_find_the_networks_and_their_own_house_alone_with_the_bot(self, network: Network) -> None:
        assert access(DIRECT, MEMBER, network) == {"public", "network", OWN_HOUSE}
        assert access(DIRECT, HOMELESS, network) == {"public", "network"}

    def test_a_direct_chat_never_shows_a_circles_documents(self, network: Network) -> None:
        linked = replace(DIRECT, circle=CircleEntry(CIRCLE, "Klima", vouched=True))

        assert OWN_CIRCLE not in access(linked, MEMBER, network)

    def test_a_group_shows_the_same_whoever_asks(self, network: Network) -> None:
        expected = [{"public"}, {"public", OWN_CIRCLE}, {"public", OWN_CIRCLE, "network"}]

        for group, tokens in zip(GROUPS, expected, strict=True):
            assert [access(group, person, network) for person in PEOPLE] == [tokens] * len(PEOPLE)


class TestTelegram:
    def test_everything_is_public_until_an_administrator_decides(self) -> None:
        for chat, person in product((DIRECT, *GROUPS), PEOPLE):
            assert access(chat, person, Network.TELEGRAM) == {"public"}

    def test_then_the_same_rules_hold_but_for_houses(self) -> None:
        for chat, person in product((DIRECT, *GROUPS), PEOPLE):
            at_home = access(chat, person, Network.MATRIX)
            assert access(chat, person, Network.TELEGRAM, telegram="network") == at_home - {OWN_HOUSE}

    def test_an_unknown_setting_is_the_careful_one(self) -> None:
        assert access(DIRECT, MEMBER, Network.TELEGRAM, telegram="house") == {"public"}

    def test_the_setting_changes_nothing_elsewhere(self) -> None:
        for chat, person in product((DIRECT, *GROUPS), PEOPLE):
            assert access(chat, person, Network.MATRIX, telegram="network") == access(chat, person, Network.MATRIX)


class TestSharedBetweenCircles:
    def test_a_group_finds_what_its_circle_has_in_common_with_others(self) -> None:
        audience = UUID(int=7)
        shared = replace(GROUP, circle=CircleEntry(CIRCLE, "Klima", audiences=(audience,)))
        token = f"circles:{audience.hex}"

        assert access(shared, MEMBER, Network.MATRIX) == {"public", OWN_CIRCLE, token}
        assert access(shared, MEMBER, Network.TELEGRAM) == {"public"}
        assert token not in access(replace(DIRECT, circle=shared.circle), MEMBER, Network.MATRIX)


class TestLand:
    def test_is_the_askers_own_also_where_it_is_only_said(self) -> None:
        for chat in (DIRECT, *GROUPS):
            assert viewer_for(chat, STRANGER, telegram_visibility="public").state_key == "12"
            assert viewer_for(chat, HOMELESS, telegram_visibility="public").state_key is None
