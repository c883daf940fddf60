"""Releasing, joining, reading and taking back open questions."""

import pytest

from knowledge.access.visibility import anybody
from knowledge.kit.clock import now, today
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.contribution import Contribution, ContributionState
from knowledge.models.document import Visibility
from knowledge.models.gap import Gap, GapQuestion
from knowledge.models.notice import Notice
from knowledge.models.organisation import Organisation
from knowledge.models.question import OpenAnswer, OpenQuestion, OpenQuestionState, ReleasedAs
from knowledge.questions import limits
from knowledge.questions.errors import (
    FindingsUndecided,
    OrganisationNeeded,
    OwnQuestion,
    QuestionInvalid,
    QuestionMovedOn,
    TakesNoAnswers,
    TooManyQuestions,
    UnknownOpenAnswer,
    UnknownOpenQuestion,
)
from knowledge.questions.schemas import Reader, ReleaseWishes, ReportedKind
from tests.knowledge.contributions.world import add_neighbours
from tests.knowledge.questions.network import ANSWER, NetworkOfTowns

RIS = "Ratsinformationssystem"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class TestReleasing:
    @pytest.mark.parametrize(
        ("released_as", "asked_by"),
        [
            (ReleasedAs.NAME, "Kim Kiefer, Musterau"),
            (ReleasedAs.ORGANISATION, "Musterau"),
            (ReleasedAs.ANONYMOUS, None),
        ],
    )
    async def test_others_see_whose_it_is_as_released_and_no_more(
        self, net: NetworkOfTowns, released_as: ReleasedAs, asked_by: str | None
    ) -> None:
        other = await net.person("Olga", await net.town("120640001002"))
        released = await net.release(wishes=ReleaseWishes(released_as=released_as))
        seen = await net.see(released, other)
        assert (seen.asked_by, seen.mine, seen.status) == (asked_by, False, None)

    async def test_where_five_alike_are_known_an_anonymous_one_is_described(self, net: NetworkOfTowns) -> None:
        async with unit_of_work(net.database) as unit:
            await add_neighbours(unit.session, 5)
        await net.set(Organisation, net.musterau.id, register_date=today(), population=3_000)
        released = await net.release(wishes=ReleaseWishes(released_as=ReleasedAs.ANONYMOUS))
        assert released.asked_by is not None
        assert "Brandenburg" in released.asked_by
        assert "Musterau" not in released.asked_by

    async def test_what_looks_like_personal_data_needs_an_explicit_yes(self, net: NetworkOfTowns) -> None:
        text = "Frau Erika Musterfrau, erika@beispiel.de, fragt nach dem Wohngeld. Was tun?"
        with pytest.raises(FindingsUndecided) as refused:
            await net.release(text)
        assert "erika@beispiel.de" in {finding.text for finding in refused.value.findings}
        released = await net.release(text, wishes=ReleaseWishes(knows_findings=True))
        assert released.text == text

    async def test_the_same_words_twice_are_one(self, net: NetworkOfTowns) -> None:
        first, second = await net.release("Wer weiß es?"), await net.release(" Wer weiß es? ")
        assert first.id == second.id

    async def test_a_flood_is_refused_with_the_words_kept(self, net: NetworkOfTowns) -> None:
        for number in range(limits.MOST_A_WEEK):
            await net.release(f"Frage {number}?")
        with pytest.raises(TooManyQuestions) as refused:
            await net.release("Noch eine?")
        assert refused.value.text == "Noch eine?"
        assert str(limits.MOST_A_WEEK) in refused.value.message
        assert len(await net.rows(OpenQuestion)) == limits.MOST_A_WEEK

    async def test_a_house_has_a_limit_too(self, net: NetworkOfTowns, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "MOST_BY_HOUSE", 1)
        await net.release("Frage?")
        with pytest.raises(TooManyQuestions):
            await net.release("Noch eine?", by=await net.person("Kollegin", net.musterau))

    @pytest.mark.parametrize("text", ["", " \n ", "x" * 2001])
    async def test_nothing_and_far_too_much_are_refused(self, net: NetworkOfTowns, text: str) -> None:
        with pytest.raises(QuestionInvalid):
            await net.release(text)

    async def test_who_belongs_nowhere_cannot_ask_for_an_organisation(self, net: NetworkOfTowns) -> None:
        free = await net.person("Frei")
        with pytest.raises(OrganisationNeeded):
            await net.release("Wer weiß es?", by=free)
        released = await net.release("Wer weiß es?", by=free, wishes=ReleaseWishes(released_as=ReleasedAs.NAME))
        assert released.asked_by == "Frei"


class TestReading:
    async def test_abroad_only_what_is_public_is_there(self, net: NetworkOfTowns) -> None:
        other = await net.person("Olga", await net.town("120640001002"))
        await net.release("Nur im Netzwerk?")
        public = await net.release("Für alle?", wishes=ReleaseWishes(visibility=Visibility.PUBLIC))
        abroad = Reader(other.id, anybody())
        async with net.questions() as questions:
            assert [entry.id for entry in await questions.open_for(abroad)] == [public.id]
            assert len(await questions.open_for(other.reader)) == 2
            assert [entry.id for entry in await questions.of_member(net.kim.id, viewer=anybody())] == [public.id]

    async def test_by_topic_with_what_lies_below_and_in_pages(self, net: NetworkOfTowns) -> None:
        other = await net.person("Olga", await net.town("120640001002"))
        first = await net.release("Nach der Akte?", "E-Akte")
        second = await net.release("Nach dem Rat?", RIS)
        await net.release("Nach dem Klima?", "Klima")
        async with net.questions() as questions:
            found = await questions.open_for(other.reader, [net.topics["Digitalisierung"]])
            assert [entry.id for entry in found] == [second.id, first.id]
            page = await questions.open_for(other.reader, limit=1, before=second.created_at)
            assert [entry.id for entry in page] == [first.id]

    async def test_who_was_blocked_is_not_listed(self, net: NetworkOfTowns) -> None:
        other = await net.person("Olga", await net.town("120640001002"))
        released = await net.release("Wer weiß es?")
        async with net.questions() as questions:
            await questions.block_author(other.reader, ReportedKind.QUESTION, released.id)
            await questions.block_author(other.reader, ReportedKind.QUESTION, released.id)
            assert await questions.open_for(other.reader) == []


class TestJoining:
    async def test_twice_is_once_and_few_are_not_counted(self, net: NetworkOfTowns) -> None:
        released = await net.release("Wer weiß es?")
        people = [
            await net.person(f"Auch {number}", await net.town(f"1206400010{number:02}")) for number in range(2, 5)
        ]
        async with net.questions() as questions:
            for person in people[:2] * 2:
                joined = await questions.join(released.id, person.author)
            assert (joined.joined, joined.followers) == (True, None)
            assert (await questions.join(released.id, people[2].author)).followers == 3
            assert await questions.leave(released.id, people[2].id)
            assert not await questions.leave(released.id, people[2].id)
            listed = await questions.of_member(people[0].id)
        assert [(entry.id, entry.mine, entry.status is not None) for entry in listed] == [(released.id, False, True)]

    async def test_ones_own_and_what_is_over_cannot_be_joined(self, net: NetworkOfTowns) -> None:
        other = await net.person("Olga", await net.town("120640001002"))
        released = await net.release("Wer weiß es?")
        async with net.questions() as questions:
            with pytest.raises(OwnQuestion):
                await questions.join(released.id, net.kim.author)
            with pytest.raises(UnknownOpenQuestion):
                await questions.join(released.id, other.author, viewer=anybody())
            with pytest.raises(UnknownOpenQuestion):
                await questions.join(new_id(), other.author)
            await questions.withdraw(released.id, net.kim.author)
            with pytest.raises(QuestionMovedOn):
                await questions.join(released.id, other.author)


class TestTakingBack:
    async def test_the_words_are_gone_and_who_had_got_it_is_told(self, net: NetworkOfTowns) -> None:
        house = await net.town("120640001002")
        helper, joiner = await net.person("Hilf", house, RIS), await net.person("Auch", house)
        circle = await net.circle(RIS)
        released = await net.release("Wer weiß es?", RIS)
        async with unit_of_work(net.database) as unit:
            gap = Gap(id=new_id())
            unit.session.add(gap)
            await unit.session.flush()
            unit.session.add(GapQuestion(id=new_id(), gap_id=gap.id, open_question_id=released.id))
        async with net.questions() as questions:
            await questions.join(released.id, joiner.author)
        for notice in await net.rows(Notice):
            await net.set(Notice, notice.id, told_at=now())
        async with net.questions() as questions:
            entry = await questions.withdraw(released.id, net.kim.author)
            assert (await questions.withdraw(released.id, net.kim.author)).state is OpenQuestionState.WITHDRAWN
        assert (entry.text, entry.state) == ("", OpenQuestionState.WITHDRAWN)
        told = {who for _kind, who in await net.told("question.withdrawn")}
        assert told == {helper.id, joiner.id, circle}
        assert await net.rows(GapQuestion) == []
        async with net.questions() as questions:
            assert await questions.open_for(helper.reader) == []
            with pytest.raises(UnknownOpenQuestion):
                await questions.get(released.id, helper.reader)

    async def test_who_was_not_told_of_it_yet_hears_nothing_at_all(self, net: NetworkOfTowns) -> None:
        await net.person("Hilf", await net.town("120640001002"), RIS)
        await net.circle(RIS)
        released = await net.release("Wer weiß es?", RIS)
        async with net.questions() as questions:
            await questions.withdraw(released.id, net.kim.author)
        assert await net.told("question.withdrawn") == []

    async def test_who_answered_keeps_the_answer_as_a_draft(self, net: NetworkOfTowns) -> None:
        helper = await net.person("Hilf", await net.town("120640001002"))
        released = await net.release("Wer weiß es?")
        answer = await net.answer(released, helper)
        async with net.questions() as questions:
            await questions.withdraw(released.id, net.kim.author)
            with pytest.raises(UnknownOpenAnswer):
                await questions.find_answer(answer.id, net.kim.reader)
        drafts = await net.rows(Contribution, Contribution.member_id == helper.id)
        assert [(draft.state, draft.fields["done"]) for draft in drafts] == [(ContributionState.DRAFT, ANSWER)]
        assert [row.text for row in await net.rows(OpenAnswer)] == [""]
        assert await net.told("question.withdrawn") == [("question.withdrawn", helper.id)]

    async def test_an_answer_that_comes_too_late_is_given_back(self, net: NetworkOfTowns) -> None:
        helper = await net.person("Hilf", await net.town("120640001002"))
        released = await net.release("Wer weiß es?")
        async with net.questions() as questions:
            await questions.withdraw(released.id, net.kim.author)
        with pytest.raises(TakesNoAnswers) as refused:
            await net.answer(released, helper)
        assert (refused.value.text, refused.value.withdrawn) == (ANSWER, True)

    async def test_nobody_else_takes_it_back(self, net: NetworkOfTowns) -> None:
        other = await net.person("Olga", net.musterau)
        released = await net.release("Wer weiß es?")
        async with net.questions() as questions:
            with pytest.raises(UnknownOpenQuestion):
                await questions.withdraw(released.id, other.author)
        assert (await net.row(released)).state is OpenQuestionState.OPEN
