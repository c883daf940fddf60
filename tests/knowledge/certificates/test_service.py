"""Certificates: for what was done alone, once, verified by their code, revoked by their holder."""

import asyncio
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from knowledge.access.throttle import FREE_BY_ADDRESS, Throttle, TooManyAttempts
from knowledge.certificates.codes import digest_of
from knowledge.certificates.errors import NameInvalid, NotAttended, PathNotDone, UnknownCertificate
from knowledge.certificates.names import clean_name
from knowledge.certificates.service import LONGEST_LEARNED, MOST_LINES, shortened
from knowledge.kit.clock import use_clock
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.certificate import Certificate, CertificateKind
from knowledge.models.lesson import LessonPath, LessonState
from knowledge.models.member import Member
from knowledge.models.training import Training, TrainingState
from knowledge.privacy.trainings import forget_learning
from tests.knowledge.certificates.learners import KEY, LAST_DAY, Learners, gather_learners

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def learners(database: Database) -> Learners:
    use_clock(lambda: LAST_DAY + timedelta(days=20))
    return await gather_learners(database)


class TestTraining:
    async def test_says_what_was_learned_and_for_how_long(self, learners: Learners) -> None:
        await learners.attend(learners.anna)
        async with learners.certificates() as certificates:
            made = await certificates.for_training(learners.anna, learners.training, "Anna  Wald")
        assert (made.kind, made.name, made.title) == (CertificateKind.TRAINING, "Anna Wald", "Anfragen an eine KI")
        assert made.learned == "gute Anfragen stellen\npersonenbezogene Daten heraushalten"
        # Two dates of 150 minutes; the one that was taken out does not count.
        assert (made.minutes, made.completed_on, made.publisher) == (300, date(2026, 3, 10), "Lernwerkstatt Nord")
        assert made.language == "de"

    @ON_SQLITE
    @pytest.mark.parametrize("attended", [None, False])
    async def test_only_for_whom_the_publisher_noted(self, learners: Learners, attended: bool | None) -> None:
        await learners.attend(learners.anna, attended=attended)
        async with learners.certificates() as certificates:
            assert await certificates.possible(learners.anna) == []
            with pytest.raises(NotAttended):
                await certificates.for_training(learners.anna, learners.training, "Anna Wald")

    @ON_SQLITE
    async def test_not_before_its_end(self, learners: Learners) -> None:
        await learners.attend(learners.anna)
        use_clock(lambda: LAST_DAY - timedelta(seconds=1))
        async with learners.certificates() as certificates:
            with pytest.raises(NotAttended):
                await certificates.for_training(learners.anna, learners.training, "Anna Wald")
        use_clock(lambda: LAST_DAY)
        async with learners.certificates() as certificates:
            assert await certificates.for_training(learners.anna, learners.training, "Anna Wald")

    @ON_SQLITE
    async def test_none_for_a_training_that_was_cancelled(self, learners: Learners) -> None:
        await learners.attend(learners.anna)
        await learners.change(Training, learners.training, state=TrainingState.CANCELLED)
        async with learners.certificates() as certificates:
            with pytest.raises(NotAttended):
                await certificates.for_training(learners.anna, learners.training, "Anna Wald")


class TestPublic:
    async def test_what_everybody_may_know_of(self, learners: Learners) -> None:
        subjects = [learners.training, learners.path, uuid4(), None]
        async with unit_of_work(learners.database) as unit:
            (await unit.session.get_one(Training, learners.training)).access = "public"
            (await unit.session.get_one(LessonPath, learners.path)).access = "network"
        async with learners.certificates() as certificates:
            assert await certificates.public(subjects) == {learners.training}
            assert await certificates.public([None]) == set()


class TestPath:
    @ON_SQLITE
    async def test_needs_all_lessons(self, learners: Learners) -> None:
        await learners.learn(learners.anna, 0)
        await learners.learn(learners.anna, 1, done_at=None)
        async with learners.certificates() as certificates:
            with pytest.raises(PathNotDone):
                await certificates.for_path(learners.anna, learners.path, "Anna Wald")

    async def test_says_when_the_last_one_was_done_at_home(self, learners: Learners) -> None:
        await learners.learn(learners.anna, 0)
        await learners.learn(learners.anna, 1)
        async with learners.certificates() as certificates:
            made = await certificates.for_path(learners.anna, learners.path, "Anna Wald", language="en")
        # Half past ten in the evening in UTC; three and four minutes.
        assert (made.completed_on, made.minutes, made.language) == (date(2026, 3, 20), 7, "en")
        assert (made.kind, made.learned) == (CertificateKind.PATH, "KI erklären\nDaten schützen")

    @ON_SQLITE
    async def test_a_withdrawn_lesson_is_asked_of_nobody(self, learners: Learners) -> None:
        await learners.learn(learners.anna, 0)
        await learners.withdraw(1)
        async with learners.certificates() as certificates:
            assert (await certificates.for_path(learners.anna, learners.path, "Anna Wald")).minutes == 3

    @ON_SQLITE
    @pytest.mark.parametrize("hidden", [{"state": LessonState.DRAFT}, {"access": f"house:{uuid4().hex}"}])
    async def test_what_one_may_not_find_cannot_be_certified(
        self, learners: Learners, hidden: dict[str, object]
    ) -> None:
        for lesson in (0, 1):
            await learners.learn(learners.anna, lesson)
        await learners.change(LessonPath, learners.path, **hidden)
        async with learners.certificates() as certificates:
            assert await certificates.possible(learners.anna) == []
            with pytest.raises(PathNotDone):
                await certificates.for_path(learners.anna, learners.path, "Anna Wald")


class TestOnce:
    async def test_two_wishes_at_a_time_make_one(self, learners: Learners) -> None:
        await learners.attend(learners.anna)

        async def wish(name: str) -> str:
            async with learners.certificates() as certificates:
                return (await certificates.for_training(learners.anna, learners.training, name)).code

        codes = await asyncio.gather(*(wish(f"Anna Wald {letter}") for letter in "abcd"))
        assert len(set(codes)) == 1
        async with learners.certificates() as certificates:
            assert [one.code for one in await certificates.of_member(learners.anna)] == codes[:1]
            assert await certificates.possible(learners.anna) == []

    @ON_SQLITE
    async def test_stays_when_the_registration_is_cleared(self, learners: Learners) -> None:
        await learners.attend(learners.anna)
        async with learners.certificates() as certificates:
            made = await certificates.for_training(learners.anna, learners.training, "Anna Wald")
        async with unit_of_work(learners.database) as unit:
            await unit.session.execute(text("UPDATE registrations SET member_id = NULL"))
        async with learners.certificates() as certificates:
            assert await certificates.for_training(learners.anna, learners.training, "Anna Wald") == made

    @ON_SQLITE
    async def test_belongs_to_its_learner_alone(self, learners: Learners) -> None:
        await learners.attend(learners.anna)
        async with learners.certificates() as certificates:
            made = await certificates.for_training(learners.anna, learners.training, "Anna Wald")
            assert await certificates.of_member(learners.ben) == []
            with pytest.raises(UnknownCertificate):
                await certificates.get(made.id, learners.ben)
            with pytest.raises(UnknownCertificate):
                await certificates.revoke(made.id, learners.ben)
            assert await certificates.verify(made.code)


class TestCode:
    async def test_holds_until_it_is_revoked_and_never_again(self, learners: Learners) -> None:
        await learners.attend(learners.anna)
        async with learners.certificates() as certificates:
            first = await certificates.for_training(learners.anna, learners.training, "Anna Wlad")
            assert await certificates.verify(first.code)
            await certificates.revoke(first.id, learners.anna)
            assert not await certificates.verify(first.code)
            assert await certificates.of_member(learners.anna) == []
        async with learners.certificates() as certificates:
            again = await certificates.for_training(learners.anna, learners.training, "Anna Wald")
            assert (again.name, await certificates.verify(again.code)) == ("Anna Wald", True)
            assert not await certificates.verify(first.code)

    @ON_SQLITE
    async def test_is_known_however_it_was_typed(self, learners: Learners) -> None:
        await learners.attend(learners.anna)
        async with learners.certificates() as certificates:
            code = (await certificates.for_training(learners.anna, learners.training, "Anna Wald")).code
            typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
            assert await certificates.verify(f"  {typed}\n")
            for wrong in ("", code[:-1], code + "A", "ä" * 5000, "\x00", code[::-1]):
                assert not await certificates.verify(wrong)

    @ON_SQLITE
    async def test_is_not_kept(self, learners: Learners) -> None:
        await learners.attend(learners.anna)
        async with learners.certificates() as certificates:
            made = await certificates.for_training(learners.anna, learners.training, "Anna Wald")
        async with unit_of_work(learners.database) as unit:
            row = await unit.session.get(Certificate, made.id)
        assert row is not None
        kept = [str(getattr(row, column.key)) for column in Certificate.__table__.columns]
        assert digest_of(made.code) in kept
        assert not [value for value in kept if made.code in value or made.code.replace("-", "") in value]

    @ON_SQLITE
    async def test_guessing_a_thousand_times_is_slowed_down(self, learners: Learners) -> None:
        looked = 0
        for number in range(1000):
            async with unit_of_work(learners.database) as unit:
                throttle = Throttle(unit.session, KEY, purpose="certificate ")
                try:
                    await throttle.take(address="192.0.2.7")
                except TooManyAttempts:
                    break
            looked = number + 1
        assert looked == FREE_BY_ADDRESS
        async with learners.certificates() as certificates:
            with pytest.raises(TooManyAttempts):
                await certificates.verify_from("AAAAA", address="192.0.2.7")
            # Others may ask meanwhile, and whoever guessed may still sign in.
            assert not await certificates.verify_from("AAAAA", address="192.0.2.8")
        async with unit_of_work(learners.database) as unit:
            await Throttle(unit.session, KEY).take(address="192.0.2.7")

    @ON_SQLITE
    async def test_valid_ones_do_not_use_up_tries(self, learners: Learners) -> None:
        await learners.attend(learners.anna)
        async with learners.certificates() as certificates:
            code = (await certificates.for_training(learners.anna, learners.training, "Anna Wald")).code
        async with learners.certificates() as certificates:
            for _time in range(FREE_BY_ADDRESS + 5):
                assert await certificates.verify_from(code, address="192.0.2.7")


class TestHouse:
    async def test_sees_sums_from_three_people_on(self, learners: Learners) -> None:
        house = await learners.house()
        people = [learners.anna, learners.ben, await learners.colleague("Cem"), await learners.colleague("Dana")]
        for member in people:
            await learners.change(Member, member, organisation_id=house)
            for lesson in (0, 1):
                await learners.learn(member, lesson)
        for member in people[:2]:
            async with learners.certificates() as certificates:
                await certificates.for_path(member, learners.path, "N. N.")
                assert await certificates.of_house(house) == []
        async with learners.certificates() as certificates:
            third = await certificates.for_path(people[2], learners.path, "N. N.")
            assert await certificates.of_house(house) == [("KI in der Kommune", 3)]
            assert await certificates.of_house(None) == []
        async with learners.certificates() as certificates:
            await certificates.revoke(third.id, people[2])
            assert await certificates.of_house(house) == []


class TestErasing:
    @ON_SQLITE
    async def test_the_paper_stays_valid_when_its_holder_is_erased(self, learners: Learners) -> None:
        await learners.attend(learners.anna)
        async with learners.certificates() as certificates:
            made = await certificates.for_training(learners.anna, learners.training, "Anna Wald")
        async with unit_of_work(learners.database) as unit:
            await forget_learning(unit.session, learners.anna)
            row = await unit.session.get_one(Certificate, made.id)
            assert row.name == ""
        async with learners.certificates() as certificates:
            assert await certificates.verify(made.code)


class TestNames:
    @ON_SQLITE
    async def test_with_a_name_that_cannot_be_printed_nothing_is_made(self, learners: Learners) -> None:
        await learners.attend(learners.anna)
        async with learners.certificates() as certificates:
            with pytest.raises(NameInvalid):
                await certificates.for_training(learners.anna, learners.training, "漢字")
            assert await certificates.of_member(learners.anna) == []

    @pytest.mark.parametrize("name", ["", " \u200b ", "12345", "漢字", "Anna 😀", "x" * 121])
    def test_what_cannot_be_printed_is_refused(self, name: str) -> None:
        with pytest.raises(NameInvalid):
            clean_name(name)

    @pytest.mark.parametrize("name", ["Đorđe Škoda-Ñandú", "محمد علي", "Жанна Ωμέγα", "#strong[Eva] $x$ *y*", "O’Neil"])
    def test_names_from_everywhere_are_kept_as_they_are(self, name: str) -> None:
        assert clean_name(f"\u202e{name}\n") == name


class TestLearned:
    def test_is_cut_to_what_a_page_holds(self) -> None:
        assert shortened("- eins\n\n* zwei\r\n  • drei") == "eins\nzwei\ndrei"
        assert shortened("\n".join("abcdefghijklmn")).count("\n") == MOST_LINES - 1
        long = shortened("Wort " * 1000)
        assert len(long) <= LONGEST_LEARNED + 2
        assert long.endswith("Wort …")
