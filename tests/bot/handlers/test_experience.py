"""``/erfahrung``: a short dialogue, in few messages, in which nothing is ever lost."""

from uuid import UUID

import pytest

from bot.core.messages import Person
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.contribution import Attribution, Contribution, ContributionKind, ContributionState
from knowledge.models.conversation import Dialogue
from knowledge.models.document import Visibility
from knowledge.topics.seeding import seed_topics
from tests.bot.handlers.contributing_world import ANNA, NEEDED, ROOM, TINA, ZOE, Desk

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ALL = (
    "Vorher lag alles auf Papier.",
    "Früher mit dem Bauamt sprechen.",
    "Trial",
    "With changes",
    "2022 bis 2024\n12.000 Euro, Förderung vom Land",
    "Ein Portal der Kreisverwaltung\nBauakten seit 1990",
    "OZG, Dienstvereinbarung vom Mai, Personalrat von Anfang an dabei",
    "Gemeinden ab 5.000 Einwohnern",
    "Bauen, Digitalisierung\nDas Bauamt",
)


class TestNeeded:
    @pytest.mark.parametrize("who", [ANNA, TINA])
    async def test_five_messages_are_enough(self, desk: Desk, who: Person) -> None:
        await desk.make_member(who)

        shown = await desk.tell_needed(who)
        thanks = await desk.press(who, "Send")

        assert "What came of it\nDie Anträge sind schneller fertig." in shown
        assert "Seen by: the network" in shown
        assert "In the name of: Lindenau" in shown
        assert "Thank you" in thanks
        assert desk.counted[who.address] <= 5
        entry = await desk.contribution()
        assert entry.state is ContributionState.WAITING
        assert tuple(entry.fields[name] for name in ("title", "done", "outcome")) == NEEDED
        assert (entry.visibility, entry.attribution) == (Visibility.NETWORK, Attribution.ORGANISATION)

    async def test_who_does_not_belong_is_told_how_to(self, desk: Desk) -> None:
        said = await desk.write(ZOE, "/experience")

        assert "belong to the network" in said
        assert "!join" in said
        assert await desk.rows(Dialogue) == []

    async def test_is_for_the_direct_chat(self, desk: Desk) -> None:
        await desk.make_member(ANNA)

        assert "direct chat" in await desk.write(ANNA, "/erfahrung", ROOM)

    async def test_a_title_may_come_with_the_command(self, desk: Desk) -> None:
        await desk.make_member(ANNA)

        assert "What did you do?" in await desk.write(ANNA, "/erfahrung Bauanträge digital")


class TestAllFields:
    async def test_sixteen_messages_are_enough(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.tell_needed(ANNA)

        said = await desk.press(ANNA, "Tell more")
        for answer in ALL:
            said = await desk.write(ANNA, answer)
        await desk.press(ANNA, "Send")

        assert "Costs, effort and funding\n12.000 Euro, Förderung vom Land" in said
        assert desk.counted[ANNA.address] <= 16
        fields = (await desk.contribution()).fields
        assert len(fields) == 15
        assert (fields["status"], fields["again"], fields["period"]) == ("trial", "with_changes", "2022 bis 2024")
        assert fields["topics"] == ["Bauen", "Digitalisierung"]
        assert (fields["products"], fields["data_used"]) == ("Ein Portal der Kreisverwaltung", "Bauakten seit 1990")

    async def test_any_of_them_may_be_skipped_and_gone_back_to(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.tell_needed(ANNA)
        await desk.press(ANNA, "Tell more")

        assert "differently" in await desk.press(ANNA, "Skip")
        assert "the situation before" in await desk.press(ANNA, "Back")
        assert "differently" in await desk.write(ANNA, "Vorher war alles auf Papier.")
        for _rest in range(8):
            said = await desk.press(ANNA, "Skip")

        assert "Vorher war alles auf Papier." in said
        assert "shall I send it" in said

    async def test_costs_alone_are_recognised(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.tell_needed(ANNA)
        await desk.press(ANNA, "Tell more")
        for _question in range(4):
            await desk.press(ANNA, "Skip")

        await desk.write(ANNA, "rund 5.000 Euro")
        await desk.press(ANNA, "Preview")

        assert any("Costs, effort and funding\nrund 5.000 Euro" in text for text in desk.said(ANNA))


class TestTopics:
    async def test_are_suggested_from_what_was_told_and_taken_with_one_tap(self, desk: Desk) -> None:
        async with unit_of_work(desk.database) as unit:
            await seed_topics(unit.session)
        await desk.make_member(ANNA)
        await desk.tell_needed(ANNA)
        await desk.press(ANNA, "Tell more")
        for _question in range(8):
            said = await desk.press(ANNA, "Skip")
        assert "Suggested: Building permits" in said
        said = await desk.press(ANNA, "Take what is suggested")
        assert "Topics\nBuilding permits" in said

        await desk.write(ANNA, "Topics")
        await desk.write(ANNA, "Portale")
        await desk.press(ANNA, "Send")
        assert (await desk.contribution()).fields["topics"] == ["Portale"]


class TestGoingOn:
    async def test_tomorrow_where_it_was_left(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.write(ANNA, "/erfahrung")
        await desk.write(ANNA, NEEDED[0])

        assert "!experience goes on with it" in await desk.press(ANNA, "Go on later")
        assert "What did you do?" in await desk.write(ANNA, "/erfahrung")

    async def test_the_preview_shows_what_there_is_and_asks_again(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.write(ANNA, "/erfahrung")
        await desk.write(ANNA, NEEDED[0])

        said = await desk.press(ANNA, "Preview")

        assert said.startswith(NEEDED[0])
        assert "What did you do?" in said

    async def test_with_something_else_both_are_kept(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.write(ANNA, "/erfahrung Das erste")
        asked = await desk.write(ANNA, "/erfahrung Das zweite")
        assert "Das erste" in asked

        said = await desk.press(ANNA, "The new one")

        assert "What did you do?" in said
        kept = await desk.contribution()
        assert (kept.title, kept.state) == ("Das erste", ContributionState.DRAFT)


class TestChanging:
    async def test_a_field_by_its_number(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.tell_needed(ANNA)
        await desk.press(ANNA, "Change something")

        assert "What is it about?" in await desk.write(ANNA, "1")
        shown = await desk.write(ANNA, "Bauanträge ohne Papier")

        assert shown.splitlines()[2] == "Bauanträge ohne Papier"

    async def test_a_choice_is_emptied_again(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.tell_needed(ANNA)
        await desk.write(ANNA, "Status")
        assert "Status\nFailed" in await desk.write(ANNA, "Failed")

        await desk.write(ANNA, "Status")
        assert "Failed" not in await desk.press(ANNA, "Leave it empty")

    async def test_who_sees_it_and_in_whose_name(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.tell_needed(ANNA)

        await desk.press(ANNA, "Who sees it")
        assert "Seen by: our own house" in await desk.press(ANNA, "Our own house")
        said = await desk.press(ANNA, "Whose name")
        assert "cannot be anonymised" in said
        await desk.press(ANNA, "Name my organisation")
        await desk.press(ANNA, "Send")

        assert (await desk.contribution()).visibility is Visibility.HOUSE

    async def test_circles_by_their_names(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.add_circle("Kreis Grün")
        await desk.tell_needed(ANNA)
        await desk.press(ANNA, "Who sees it")
        await desk.press(ANNA, "Certain circles")

        assert "do not know one of these circles" in await desk.write(ANNA, "Kreis Blau")
        assert "these circles: Kreis Grün" in await desk.write(ANNA, "kreis grün")
        await desk.press(ANNA, "Send")

        assert len((await desk.contribution()).circles) == 1


class TestNonsense:
    async def test_ten_times_helps_more_and_loses_nothing(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.write(ANNA, "/erfahrung")
        await desk.write(ANNA, NEEDED[0])

        said = [
            await desk.write(ANNA, text) for text in ("???", "🤷", "!!!", "…", "---", "?", "!", "🤷🤷", "/ /", "***")
        ]

        assert all("no word" in text for text in said)
        assert ["Nothing that you entered" in text for text in said] == [False, False, *([True] * 8)]
        await desk.write(ANNA, NEEDED[1])
        assert NEEDED[0] in await desk.write(ANNA, NEEDED[2])

    async def test_where_only_choices_count(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.tell_needed(ANNA)

        said = [await desk.write(ANNA, f"Unsinn {number}") for number in range(10)]

        assert all("Please choose below" in text for text in said)
        assert "Thank you" in await desk.press(ANNA, "Send")

    async def test_script_and_markup_are_text(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        title = "<script>alert(1)</script> *fett* [x](javascript:alert(1))"
        await desk.write(ANNA, "/erfahrung")
        await desk.write(ANNA, title)
        await desk.write(ANNA, NEEDED[1])

        assert title in await desk.write(ANNA, NEEDED[2])
        await desk.press(ANNA, "Send")
        assert (await desk.contribution()).title == title

    async def test_too_long_is_refused_with_the_numbers(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.write(ANNA, "/erfahrung")
        await desk.write(ANNA, NEEDED[0])

        assert "6000 characters; these are 6001" in await desk.write(ANNA, "x" * 6001)

    async def test_a_flood_is_refused_and_the_draft_stays(self, desk: Desk) -> None:
        member = await desk.make_member(ANNA)
        async with unit_of_work(desk.database) as unit:
            unit.session.add_all(_sent(member) for _number in range(20))

        await desk.write(ANNA, "/erfahrung Nummer 20\nGetan haben wir einiges.\nErgebnis: 20 Stück.")
        said = await desk.press(ANNA, "Send")

        assert "20 contributions within a day" in said
        assert len(await desk.rows(Contribution)) == 20
        assert "Nummer 20" in await desk.write(ANNA, "/erfahrung")


def _sent(member: UUID) -> Contribution:
    kind, state = ContributionKind.EXPERIENCE, ContributionState.WAITING
    return Contribution(id=new_id(), kind=kind, state=state, member_id=member, submitted_at=now())
