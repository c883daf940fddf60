"""The pages about one's own e-mail: what they show, and what they refuse."""

import pytest

from knowledge.access.keys import load_key
from knowledge.kit.clock import now
from knowledge.kit.settings import load_settings
from knowledge.mailing.limits import CONFIRMATIONS_PER_MEMBER
from knowledge.mailing.repository import MailingRepository
from knowledge.mailing.schemas import MailEntry, Wishes
from knowledge.mailing.service import MailingService
from knowledge.mailing.tokens import Confirmation, MailTokens
from tests.bot.mail.post_office import ALL, ANNA, set_up_mail
from tests.hub.conftest import Furnished
from tests.hub.signed_in import Hub, open_hub

PATH = "/konto/post"


@pytest.fixture
def furnished(furnished: Furnished, monkeypatch: pytest.MonkeyPatch) -> Furnished:
    """Have mail set up before the hub reads its settings; no server is needed to ask for mail."""
    set_up_mail(monkeypatch, 25)
    return furnished


async def subscribe(hub: Hub, who: str = "member", address: str = ANNA) -> MailEntry:
    """Give and confirm an address."""
    member = hub.people[who].id
    async with hub.writing() as unit:
        mailing = MailingService(unit)
        await mailing.claim(member, address, Wishes(digests=False))
        waiting = await mailing.repository.by_address(address)
        assert waiting is not None
        return await mailing.confirm(Confirmation(waiting.identity_id, member, now()))


async def entry_of(hub: Hub, address: str = ANNA) -> MailEntry | None:
    async with hub.writing() as unit:
        return await MailingRepository(unit.session).by_address(address)


class TestOwnAddress:
    async def test_is_given_shown_changed_and_erased(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            assert 'name="address"' in (await browser.get(PATH)).text
            answer = await browser.post(PATH, data={"address": ANNA, "wish": ["answers"], "preferred": "1"})
            assert (answer.status_code, answer.headers["location"]) == (303, PATH)
            page = (await browser.get(PATH)).text
            assert f"A link is on its way to {ANNA}" in page
            waiting = await entry_of(hub)
            assert waiting is not None
            assert waiting.wishes == Wishes(reminders=False, digests=False, preferred=True)

            await subscribe(hub)
            page = (await browser.get(PATH)).text
            assert f"What comes to {ANNA}" in page
            assert 'value="answers" checked' in page
            assert 'value="digests" checked' not in page
            await browser.post(f"{PATH}/wuensche", data={"wish": ["digests"]})
            entry = await entry_of(hub)
            assert entry is not None
            assert entry.wishes == Wishes(answers=False, reminders=False, digests=True)
            await browser.post(f"{PATH}/wuensche")
            assert "You have unsubscribed" in (await browser.get(PATH)).text

            answer = await browser.post(f"{PATH}/{entry.identity_id}/entfernen")
            assert (answer.status_code, await entry_of(hub)) == (303, None)

    async def test_what_is_wrong_stands_at_the_field_and_is_kept(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            answer = await browser.post(PATH, data={"address": "anna@", **ALL})
            assert answer.status_code == 422
            assert 'value="anna@"' in answer.text
            assert "This is no mail address" in answer.text
            for number in range(CONFIRMATIONS_PER_MEMBER):
                assert (await browser.post(PATH, data={"address": f"a{number}@b.de"})).status_code == 303
            answer = await browser.post(PATH, data={"address": ANNA})
            assert answer.status_code == 422
            assert "too many mails for one day" in answer.text
        assert await entry_of(hub) is None

    async def test_nobody_touches_anothers(self, hub: Hub) -> None:
        entry = await subscribe(hub)
        async with hub.browser("neighbour") as browser:
            assert ANNA not in (await browser.get(PATH)).text
            assert (await browser.post(f"{PATH}/{entry.identity_id}/entfernen")).status_code == 404
            assert (await browser.post(f"{PATH}/wuensche", data=ALL)).status_code == 404
            assert (await browser.post(PATH, data={"address": ANNA})).status_code == 303
        assert await entry_of(hub) == entry

    async def test_mail_that_came_back_is_shown(self, hub: Hub) -> None:
        entry = await subscribe(hub)
        async with hub.browser("member") as browser:
            async with hub.writing() as unit:
                await MailingRepository(unit.session).change(entry.identity_id, bounces=1)
            assert "Lately an e-mail to you came back" in (await browser.get(PATH)).text
            async with hub.writing() as unit:
                await MailingRepository(unit.session).change(entry.identity_id, bounced_at=now())
            page = (await browser.get(PATH)).text
            assert "nothing is sent to" in page
            await browser.post(PATH, data={"address": ANNA, "wish": ["answers"]})
        kept = await entry_of(hub)
        assert kept is not None
        assert kept.bounced_at is not None  # until the link was followed


class TestWithoutMail:
    async def test_nothing_is_asked_for(self, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("ALLMENDE_SMTP_HOST")
        without = await open_hub(hub.database, hub.people)
        async with without.browser("member") as browser:
            page = (await browser.get(PATH)).text
            assert "No e-mail is set up here" in page
            assert 'name="address"' not in page
            await browser.post(PATH, data={"address": ANNA})
        async with without.browser() as browser:
            assert "/anmelden/post" not in (await browser.get("/anmelden")).text
            assert (await browser.post("/anmelden/post", data={"address": ANNA})).status_code == 303
        assert await entry_of(hub) is None


class TestLinks:
    async def test_a_confirmation_shows_a_button_first_and_says_what_is_wrong(self, hub: Hub) -> None:
        member = hub.people["member"].id
        async with hub.writing() as unit:
            await MailingService(unit).claim(member, ANNA, Wishes())
        entry = await entry_of(hub)
        assert entry is not None
        tokens = MailTokens(load_key(load_settings().hub_key_path))
        async with hub.browser() as browser:
            path = f"/post/bestaetigen/{tokens.confirmation(entry.identity_id, member, now())}"
            assert f'action="{path}" method="post"' in (await browser.get(path)).text
            for _time in range(2):  # pressed twice, it is confirmed once
                assert "is confirmed" in (await browser.post(path)).text
            wrong = await browser.get("/post/bestaetigen/erfunden")
            assert (wrong.status_code, "does not work" in wrong.text) == (422, True)

    @pytest.mark.parametrize("token", ["erfunden", "x" * 500, "%C3%A4", "A" * 44])
    async def test_an_unsubscribing_of_nobody_is_not_found(self, hub: Hub, token: str) -> None:
        async with hub.browser() as browser:
            assert (await browser.get(f"/abmelden/{token}")).status_code == 404
            one_click = await browser.post(f"/abmelden/{token}", data={"List-Unsubscribe": "One-Click"})
            assert one_click.status_code == 404
            assert (await browser.post(f"/abmelden/{token}/aendern", data={"what": "all"})).status_code == 404
