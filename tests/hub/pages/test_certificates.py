"""„Nachweise" in the hub: made, downloaded, verified by strangers, revoked."""

import re

import pytest

from knowledge.access.throttle import FREE_BY_ADDRESS
from tests.hub.signed_in import Hub
from tests.knowledge.certificates.learners import Learners, gather_learners

CODE = re.compile(r"/bescheinigung/([0-9A-Z-]{23})\"")
VALID, INVALID = "This certificate is valid.", "This certificate is not valid."
FORM_KEY = re.compile(r'(name="form_key" value=")[^"]+')


@pytest.fixture
async def learners(hub: Hub) -> Learners:
    return await gather_learners(hub.database, (hub.people["member"].id, hub.people["neighbour"].id))


class TestOwn:
    async def test_says_so_where_there_is_none(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            page = (await browser.get("/nachweise")).text
        assert "You have no certificate yet" in page

    async def test_from_attending_to_a_file_that_verifies_until_it_is_revoked(
        self, hub: Hub, learners: Learners
    ) -> None:
        await learners.attend(learners.anna)
        async with hub.browser("member") as browser, hub.browser() as stranger:
            offered = (await browser.get("/nachweise")).text
            assert "You can have it made until" in offered
            action = f"/nachweise/schulung/{learners.training}"
            assert action in offered
            made = await browser.post(action, data={"name": "Anna Wald", "language": "de"})
            assert made.headers["location"] == "/nachweise"
            own = (await browser.get("/nachweise")).text
            assert "Made out to Anna Wald" in own
            assert action not in own
            found = CODE.search(own)
            assert found is not None

            download = re.search(r"/nachweise/[0-9a-f-]{36}/pdf", own)
            assert download is not None
            pdf = await browser.get(download[0])
            assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
            assert "teilnahmebescheinigung-2026-03-10.pdf" in pdf.headers["content-disposition"]

            verified = (await stranger.get(f"/bescheinigung/{found[1]}")).text
            assert VALID in verified
            assert "Anna" not in verified
            assert "Anfragen an eine KI" not in verified
            assert VALID in (await stranger.get("/bescheinigung", params={"code": found[1].lower()})).text

            await browser.post(download[0].replace("/pdf", "/widerrufen"))
            assert INVALID in (await stranger.get(f"/bescheinigung/{found[1]}")).text
            assert (await browser.get(download[0])).status_code == 404

    async def test_a_path_gives_one_too(self, hub: Hub, learners: Learners) -> None:
        for lesson in (0, 1):
            await learners.learn(learners.anna, lesson)
        async with hub.browser("member") as browser:
            await browser.post(f"/nachweise/lernpfad/{learners.path}", data={"name": "Anna", "language": "en"})
            page = (await browser.get("/nachweise")).text
        assert "Certificate of learning" in page

    async def test_a_name_that_cannot_be_printed_comes_back_with_the_reason(self, hub: Hub, learners: Learners) -> None:
        await learners.attend(learners.anna)
        async with hub.browser("member") as browser:
            answer = await browser.post(f"/nachweise/schulung/{learners.training}", data={"name": "漢字 <b>"})
        assert answer.status_code == 422
        assert "These characters cannot be printed: 漢 字" in answer.text
        assert 'value="漢字 &lt;b&gt;"' in answer.text

    async def test_what_was_not_earned_is_not_made(self, hub: Hub, learners: Learners) -> None:
        async with hub.browser("member") as browser:
            answer = await browser.post(f"/nachweise/schulung/{learners.training}", data={"name": "Anna"})
            assert answer.status_code == 409
            assert "You have no certificate yet" in (await browser.get("/nachweise")).text

    async def test_others_reach_none_of_it(self, hub: Hub, learners: Learners) -> None:
        await learners.attend(learners.anna)
        async with learners.certificates() as certificates:
            made = await certificates.for_training(learners.anna, learners.training, "Anna Wald")
        async with hub.browser("neighbour") as browser:
            assert "Anna Wald" not in (await browser.get("/nachweise")).text
            assert (await browser.get(f"/nachweise/{made.id}/pdf")).status_code == 404
            assert (await browser.post(f"/nachweise/{made.id}/widerrufen")).status_code == 404


class TestVerifying:
    async def test_wrong_unknown_and_revoked_look_the_same(self, hub: Hub, learners: Learners) -> None:
        await learners.attend(learners.anna)
        async with hub.browser("member") as browser, hub.browser() as stranger:
            await browser.post(f"/nachweise/schulung/{learners.training}", data={"name": "Anna"})
            page = (await browser.get("/nachweise")).text
            revoked = CODE.search(page)
            key = re.search(r"/nachweise/([0-9a-f-]{36})/widerrufen", page)
            assert revoked is not None
            assert key is not None
            await browser.post(f"/nachweise/{key[1]}/widerrufen")
            seen = set()
            for code in (revoked[1], "AAAAA-BBBBB-CCCCC-DDDDD", "x", "%00", "ä" * 90, "y" * 3000):
                answer = await stranger.get("/bescheinigung", params={"code": code})
                seen.add((answer.status_code, re.sub(r"[?&]code=[^\"&]*", "", answer.text)))
        assert len(seen) == 1
        assert INVALID in seen.pop()[1]

    async def test_a_thousand_guesses_are_not_looked_at(self, hub: Hub) -> None:
        async with hub.browser() as stranger:
            answers = [await stranger.get(f"/bescheinigung/{number:020}") for number in range(FREE_BY_ADDRESS + 3)]
            statuses = [answer.status_code for answer in answers]
            assert statuses == [200] * FREE_BY_ADDRESS + [429] * 3
            assert int(answers[-1].headers["retry-after"]) > 0
            # The form alone can be opened, and whoever guessed is not locked out of anything else.
            assert (await stranger.get("/bescheinigung")).status_code == 200
            assert (await stranger.post("/anmelden", data={"login": "x", "password": "y"})).status_code == 422
