"""What a suspicious member could find out about others who ask and answer, and may not."""

from datetime import timedelta

import pytest

from knowledge.contributions.schemas import Author
from knowledge.kit.clock import now
from knowledge.models.question import OpenQuestion, ReleasedAs
from knowledge.peers.contacts import ContactService
from knowledge.peers.repository import PeerRepository, Seeker, TopicsWanted
from knowledge.questions.errors import QuestionInvalid
from knowledge.questions.reminding import WORKING_DAYS, remind
from knowledge.questions.schemas import ReleaseWishes, ReportedKind
from tests.knowledge.questions.network import NetworkOfTowns

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ANONYMOUS = ReleasedAs.ANONYMOUS


class TestBlockingTheAnonymous:
    async def test_does_not_tell_whose_house_it_is(self, net: NetworkOfTowns) -> None:
        birkenau = await net.town("120640002002", "Birkenau", 4_000)
        ben = await net.person("Ben Birke", birkenau)
        question = await net.release(wishes=ReleaseWishes(released_as=ANONYMOUS))
        answer = await net.answer(question, ben, answered_as=ANONYMOUS)
        async with net.questions() as questions:
            await questions.block_author(ben.reader, ReportedKind.QUESTION, question.id)
            await questions.block_author(net.kim.reader, ReportedKind.ANSWER, answer.id)
            contacts = ContactService(questions._unit)
            [of_ben], [of_kim] = await contacts.blocked(ben.id), await contacts.blocked(net.kim.id)
        told = repr((of_ben, of_kim))
        for secret in ("Musterau", "Birkenau", "Kim", "Ben", str(net.kim.id), str(ben.id)):
            assert secret not in told

    async def test_not_even_to_somebody_whose_card_one_has(self, net: NetworkOfTowns) -> None:
        birkenau = await net.town("120640002002", "Birkenau", 4_000)
        ben = await net.person("Ben Birke", birkenau)
        async with net.questions() as questions:
            contacts = ContactService(questions._unit)
            asked = await contacts.ask(Author(net.kim.id, net.musterau.id), ben.id, "Wir würden gern von Ihnen hören.")
            await contacts.accept(asked.id, ben.id)
        question = await net.release(wishes=ReleaseWishes(released_as=ANONYMOUS))
        async with net.questions() as questions:
            await questions.block_author(ben.reader, ReportedKind.QUESTION, question.id)
            [blocked] = await ContactService(questions._unit).blocked(ben.id)
        assert "Kim" not in repr(blocked)
        assert "Musterau" not in repr(blocked)

    async def test_nor_by_who_is_missing_among_peers(self, net: NetworkOfTowns) -> None:
        birkenau = await net.town("120640002002", "Birkenau", 4_000)
        ben = await net.person("Ben Birke", birkenau, "Ratsinformationssystem")
        answer = await net.answer(await net.release(), ben, answered_as=ANONYMOUS)
        async with net.questions() as questions:
            await questions.block_author(net.kim.reader, ReportedKind.ANSWER, answer.id)
        topic = net.topics["Ratsinformationssystem"]
        async with net.questions() as questions:
            repository = PeerRepository(questions._unit.session)
            wanted = TopicsWanted(topic, frozenset({topic}), frozenset({topic}))
            people = await repository.helpers(Seeker(net.kim.id, net.musterau), wanted, limit=5)
        assert [row.member.id for row in people] == [ben.id]


class TestAnonymousWords:
    @pytest.mark.parametrize("words", ["Wir in Musterau suchen Rat.", "Wer hilft den Musterauern?"])
    async def test_do_not_name_ones_own_house(self, net: NetworkOfTowns, words: str) -> None:
        with pytest.raises(QuestionInvalid) as refused:
            await net.release(words, wishes=ReleaseWishes(released_as=ANONYMOUS))
        assert "Musterau" in refused.value.message
        assert (await net.release(words)).asked_by == "Musterau"

    async def test_nor_do_answers(self, net: NetworkOfTowns) -> None:
        ben = await net.person("Ben Birke", await net.town("120640002002", "Birkenau", 4_000))
        question = await net.release("Wie machen das Orte wie Birkenau?", wishes=ReleaseWishes(released_as=ANONYMOUS))
        with pytest.raises(QuestionInvalid):
            await net.answer(question, ben, "Wir in Birkenau machen das so.", answered_as=ANONYMOUS)
        assert (await net.answer(question, ben, "Bei uns läuft es.", answered_as=ANONYMOUS)).answered_by != "Birkenau"


class TestMessagesOfTheBlocked:
    async def test_come_no_more_by_any_way(self, net: NetworkOfTowns) -> None:
        ben = await net.person("Ben Birke")
        question = await net.release()
        answer = await net.answer(question, ben, answered_as=ANONYMOUS)
        async with net.questions() as questions:
            first = await questions.write(answer.id, net.kim.author, "Was soll das?")
            await questions.block_author(ben.reader, ReportedKind.MESSAGE, first.id)
            # It seems to be passed on, so that nobody learns of the block.
            await questions.write(answer.id, net.kim.author, "Antworten Sie gefälligst!")
            [mine] = await questions.answers(question.id, ben.reader)
            [hers] = await questions.answers(question.id, net.kim.reader)
        assert [message.text for message in mine.messages] == []
        assert len(hers.messages) == 2


class TestAnswersOfTheBlocked:
    async def test_are_no_answers_for_the_asker(self, net: NetworkOfTowns) -> None:
        ben = await net.person("Ben Birke")
        first = await net.release("Wer kennt eine gute Software für den Bauhof?")
        answer = await net.answer(first, ben, answered_as=ANONYMOUS)
        async with net.questions() as questions:
            await questions.block_author(net.kim.reader, ReportedKind.ANSWER, answer.id)
        second = await net.release()
        await net.answer(second, ben, answered_as=ANONYMOUS)
        seen = await net.see(second)
        assert seen.status is not None
        assert (seen.answers, seen.status.answers, seen.status.stage.value) == (0, 0, "waiting")

    async def test_do_not_keep_a_question_from_being_reminded_of(self, net: NetworkOfTowns) -> None:
        ben = await net.person("Ben Birke")
        first = await net.release("Wer kennt eine gute Software für den Bauhof?")
        answer = await net.answer(first, ben, answered_as=ANONYMOUS)
        async with net.questions() as questions:
            await questions.block_author(net.kim.reader, ReportedKind.ANSWER, answer.id)
        second = await net.release()
        await net.answer(second, ben, answered_as=ANONYMOUS)
        await net.set(OpenQuestion, second.id, created_at=now() - timedelta(days=WORKING_DAYS + 9))
        assert (await remind(net.database, now())).reminded == 1
