"""What protects the ways in: one-time links, the throttle, the key, the codes, forms that act once."""

import asyncio
import stat
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import pyotp
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.forms import LONGEST_KEPT, MOST_KEPT, Forms, used_key
from knowledge.access.keys import AccessKey, KeyUnusable, load_key
from knowledge.access.links import AccessLinks, LinkRefused
from knowledge.access.passwords import MEMORY_KIB, ROUNDS, Passwords, PasswordUnfit, check_password
from knowledge.access.repository import CredentialRepository
from knowledge.access.second_factor import matching_step
from knowledge.access.throttle import (
    FREE_BY_ADDRESS,
    FREE_BY_NAME,
    LONGEST_WAIT,
    Throttle,
    TooManyAttempts,
    waiting_time,
)
from knowledge.kit.clock import use_clock
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.service import MemberService
from knowledge.models.access import Credential, LinkPurpose

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
KEY = AccessKey(b"k" * 32)


class TestOnce:
    async def test_of_many_at_once_one_link_lets_one_in(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            member = await MemberService(unit.session).add("Mo")
            path = (await AccessLinks(unit.session).recovery_link(member.id)).path

        async def use() -> LinkPurpose | None:
            try:
                async with unit_of_work(database) as unit:
                    return (await AccessLinks(unit.session).use(path.rpartition("/")[2])).purpose
            except LinkRefused:
                return None

        used = await asyncio.gather(*(use() for _ in range(5)))
        assert sorted(used, key=str) == [None, None, None, None, LinkPurpose.RECOVERY]

    async def test_of_many_at_once_one_form_acts(self, database: Database) -> None:
        acted = []

        async def send(number: int) -> str | None:
            async with unit_of_work(database) as unit:
                forms = Forms(unit.session)
                location = await forms.take("key", "/pruefung")
                if location is None:
                    acted.append(number)
                    await forms.led_to("key", f"/pruefung/{number}")
                return location

        led = await asyncio.gather(*(send(number) for number in range(5)))
        assert len(acted) == 1
        assert sorted(map(str, led)) == ["/pruefung/" + str(acted[0])] * 4 + ["None"]

    async def test_a_code_works_once_and_no_earlier_one_after_it(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            member = await MemberService(unit.session).add("Mo")
            repository = CredentialRepository(unit.session)
            await repository.add(Credential(member_id=member.id, login="mo", password_hash=""))
            steps = [await repository.spend_step(member.id, step) for step in (100, 100, 99, 101)]
        assert steps == [True, False, False, True]


@sqlite
class TestForms:
    async def test_a_form_that_failed_or_led_nowhere_may_be_sent_again(self, session: AsyncSession) -> None:
        forms = Forms(session)
        assert await forms.take("key", "/x") is None
        await forms.led_to("key", None)
        assert await forms.take("key", "/x") is None
        assert await forms.take("key", "/x") == "/x"

    async def test_what_was_typed_is_had_again_by_its_author_for_an_hour(self, session: AsyncSession) -> None:
        use_clock(lambda: START)
        members, forms = MemberService(session), Forms(session)
        mo, jo = await members.add("Mo"), await members.add("Jo")
        fields = [("title", "<b>Über"), ("topic", "a"), ("topic", "b"), ("password", "geheim"), ("form_key", "k")]
        token = await forms.keep(mo.id, "/pruefung/1", fields, had_files=True)
        assert token is not None
        kept = await forms.kept(token, mo.id)
        assert kept is not None
        assert kept.fields == (("title", "<b>Über"), ("topic", "a"), ("topic", "b"))
        assert (kept.path, kept.had_files) == ("/pruefung/1", True)
        assert await forms.kept(token, jo.id) is None
        assert await forms.kept("erfunden", mo.id) is None
        use_clock(lambda: START + timedelta(hours=1))
        assert await forms.kept(token, mo.id) is None

    async def test_not_everything_is_kept(self, session: AsyncSession) -> None:
        mo, forms = await MemberService(session).add("Mo"), Forms(session)
        assert await forms.keep(mo.id, "/", [("password", "geheim")]) is None
        assert await forms.keep(mo.id, "/", [("text", "x" * LONGEST_KEPT)]) is None
        kept = [await forms.keep(mo.id, "/", [("text", "x")]) for _ in range(MOST_KEPT + 1)]
        assert kept.count(None) == 1


@sqlite
class TestThrottle:
    async def test_waiting_doubles_is_bounded_and_forgotten(self, session: AsyncSession) -> None:
        moment, throttle = START, Throttle(session, KEY)
        waits = []
        for _try in range(FREE_BY_NAME + 10):
            use_clock(partial(datetime.fromtimestamp, moment.timestamp(), UTC))
            await throttle.take(address="192.0.2.1", name="mo")
            with_wait = await _wait(throttle)
            waits.append(with_wait)
            moment += timedelta(seconds=with_wait)
        assert waits[: FREE_BY_NAME + 3] == [0] * (FREE_BY_NAME - 1) + [11, 21, 41, 81]
        assert waits[-1] == LONGEST_WAIT.total_seconds() + 1

        await throttle.succeeded(address="192.0.2.1", name="mo")
        assert await _wait(throttle) == 0

    async def test_a_day_later_it_begins_anew(self, session: AsyncSession) -> None:
        use_clock(lambda: START)
        throttle = Throttle(session, KEY)
        for _try in range(FREE_BY_NAME):
            await throttle.take(address="192.0.2.1", name="mo")
        assert await _wait(throttle) == 11
        use_clock(lambda: START + timedelta(days=1))
        await throttle.take(address="192.0.2.1", name="mo")
        assert await _wait(throttle) == 0

    async def test_one_address_guesses_at_many_names_no_longer(self, session: AsyncSession) -> None:
        use_clock(lambda: START)
        throttle = Throttle(session, KEY)
        for number in range(FREE_BY_ADDRESS):
            await throttle.take(address=f"2001:db8::{number:x}", name=f"name {number}")
        with pytest.raises(TooManyAttempts):
            await throttle.take(address="2001:db8::ffff", name="one more")
        await throttle.take(address="2001:db8:1::1", name="another")


async def _wait(throttle: Throttle) -> int:
    """Return how long a try would have to wait; where it would not, it is not counted."""
    try:
        async with throttle._repository._session.begin_nested() as inside:
            await throttle.take(address="192.0.2.1", name="mo")
            await inside.rollback()
    except TooManyAttempts as error:
        return error.retry_after
    return 0


class TestNumbers:
    def test_a_key_means_something_else_to_others_and_elsewhere(self) -> None:
        one = uuid4()
        assert len({used_key(one, "/a", "k"), used_key(one, "/b", "k"), used_key(uuid4(), "/a", "k")}) == 3

    def test_no_number_of_tries_makes_it_endless(self) -> None:
        assert waiting_time(10**9, FREE_BY_NAME) == LONGEST_WAIT


class TestKey:
    def test_it_is_made_once_and_for_its_owner_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "data" / "hub.key"
        sealed = load_key(path).seal("geheim", about="mo")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert load_key(path).open(sealed, about="mo") == "geheim"
        assert [entry.name for entry in path.parent.iterdir()] == ["hub.key"]

    def test_it_opens_only_what_it_sealed_where_it_belongs(self) -> None:
        sealed = KEY.seal("geheim", about="mo")
        assert "geheim" not in sealed
        assert sealed != KEY.seal("geheim", about="mo")
        assert KEY.open(sealed, about="jo") is None
        assert AccessKey(b"x" * 32).open(sealed, about="mo") is None
        for broken in ("", "ü", sealed[:-4] + "AAA=", sealed[:10]):
            assert KEY.open(broken, about="mo") is None

    def test_a_damaged_one_is_not_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "hub.key").write_bytes(b"short")
        for path in (tmp_path / "hub.key", tmp_path):
            with pytest.raises(KeyUnusable):
                load_key(path)
        assert (tmp_path / "hub.key").read_bytes() == b"short"


class TestPasswords:
    async def test_the_parameters_are_not_weaker_than_recommended(self) -> None:
        kept = await Passwords().hash("vier Wörter sind besser")
        assert MEMORY_KIB >= 19_456
        assert ROUNDS >= 2
        assert kept.startswith(f"$argon2id$v=19$m={MEMORY_KIB},t={ROUNDS},p=1$")

    async def test_umlauts_count_however_they_are_typed(self) -> None:
        light = Passwords(memory_kib=8, rounds=1)
        kept = await light.hash("vier Wo\u0308rter sind besser")
        assert await light.matches("vier W\u00f6rter sind besser", kept)
        assert not await light.matches("vier Worter sind besser", kept)
        assert not await light.matches("x", None)
        assert not await light.matches("x" * 1_000_000, kept)
        assert Passwords().is_dated(kept)

    @pytest.mark.parametrize(
        "unfit", ["elf Zeichen", "x" * 129, "aaaaaaaaaaaaaa", "Mo Derator Mo Derator", "Lindenau Mo"]
    )
    def test_what_is_easy_to_guess_is_refused(self, unfit: str) -> None:
        with pytest.raises(PasswordUnfit):
            check_password(unfit, "mo derator", "Lindenau Mo")
        assert check_password("a mo derator walks in", "mo derator")


class TestCodes:
    def test_the_steps_beside_count_and_no_others(self) -> None:
        secret = pyotp.random_base32()
        app, step = pyotp.TOTP(secret), int(START.timestamp()) // 30
        for offset, good in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
            code = app.generate_otp(step + offset)
            assert (matching_step(secret, f"{code[:3]} {code[3:]}", START) == step + offset) is good
        assert matching_step(secret, "", START) is None
        assert matching_step(secret, "\N{ARABIC-INDIC DIGIT ONE}" * 6, START) is None
