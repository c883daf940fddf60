"""Personal data in what is told: shown one after the other, redacted or left, and nothing asked of a clean text."""

import pytest

from tests.bot.handlers.contributing_world import ANNA, Desk

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PERSONAL = "Herr Schmidt hat geholfen, erreichbar unter klaus.schmidt@lindenau.example, Telefon 0331 5554433."


async def told(desk: Desk) -> str:
    """Tell something with three places of personal data; returns what the bot asks then."""
    await desk.make_member(ANNA)
    await desk.write(ANNA, "/erfahrung")
    for answer in ("Bauanträge digital", PERSONAL):
        await desk.write(ANNA, answer)
    return await desk.write(ANNA, "Es geht schneller.")


class TestFindings:
    async def test_each_is_shown_and_decided_on_its_own(self, desk: Desk) -> None:
        asked = await told(desk)
        assert "There are 3 places" in asked
        assert "name: " in asked

        assert "klaus.schmidt@" in await desk.press(ANNA, "Redact")
        assert "0331 5554433" in await desk.press(ANNA, "Leave it")
        whole = await desk.press(ANNA, "Redact")

        assert "klaus.schmidt@lindenau.example, Telefon [phone number]" in whole
        assert "Schmidt hat" not in whole
        await desk.press(ANNA, "Send")
        assert "klaus.schmidt@" in (await desk.contribution()).fields["done"]

    async def test_all_at_once(self, desk: Desk) -> None:
        await told(desk)

        whole = await desk.press(ANNA, "Redact all")

        assert "[mail address]" in whole
        assert "schmidt" not in whole.casefold().replace("mitglied", "")

    async def test_nonsense_decides_nothing(self, desk: Desk) -> None:
        await told(desk)

        said = [await desk.write(ANNA, "vielleicht") for _time in range(3)]

        assert all("Please choose" in text for text in said)
        assert "Nothing that you entered" in said[-1]
        assert "Put aside" in await desk.press(ANNA, "Go on later")
        assert "personal data" in await desk.write(ANNA, "/erfahrung")
