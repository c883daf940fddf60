"""``/nachweise``: certificates in the chat, made out to whom one likes."""

import io
from datetime import timedelta

import pikepdf
import pytest
from sqlalchemy import update

from bot.core.messages import Person
from knowledge.access.visibility import NETWORK
from knowledge.kit.clock import now
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.certificate import Certificate
from knowledge.models.document import Visibility
from knowledge.models.training import Training
from knowledge.trainings.settling import settle_trainings
from tests.bot.handlers.contributing_world import ANNA, BEN, ROOM, TINA, Desk
from tests.bot.handlers.training_world import TITLE, move_back, open_training, register

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def attended(desk: Desk, person: Person, visibility: Visibility = Visibility.PUBLIC) -> None:
    """Let somebody have taken part in a training."""
    entry = await open_training(desk, visibility=visibility)
    await register(desk, entry, await desk.make_member(person, name="Anna Ahorn"))
    await move_back(desk, entry, timedelta(days=41), attended=True)


def pdf_in(desk: Desk, person: Person) -> pikepdf.Pdf:
    """Return the document that was sent last."""
    sent = desk.networks[person.network].sent[-1]
    assert sent.attachment is not None
    assert (sent.attachment.media_type, sent.attachment.name[-4:]) == ("application/pdf", ".pdf")
    return pikepdf.open(io.BytesIO(sent.attachment.content))


class TestMaking:
    async def test_with_ones_own_name(self, desk: Desk) -> None:
        await attended(desk, ANNA)
        said = await desk.write(ANNA, "/nachweise")
        assert "These you can have certified" in said
        assert f"1. {TITLE}" in said
        assert "to be had until" in said
        assert "Which name shall stand on it?" in await desk.press(ANNA, "1. ")
        said = await desk.press(ANNA, "Anna Ahorn")
        assert f"Here is your certificate: {TITLE}" in said
        with pdf_in(desk, ANNA) as document:
            assert TITLE in str(document.docinfo["/Title"])
        [row] = await desk.rows(Certificate)
        assert row.name == "Anna Ahorn"

    async def test_another_name_and_once_more_from_the_list(self, desk: Desk) -> None:
        await attended(desk, ANNA)
        await desk.write(ANNA, "/certificates")
        await desk.press(ANNA, "1. ")
        assert "I see no word" in await desk.write(ANNA, "…")
        await desk.write(ANNA, "Dr. Anna Ahorn")
        assert "Your certificates" in await desk.write(ANNA, "/certificates")
        await desk.press(ANNA, "1. ")
        with pdf_in(desk, ANNA):
            pass
        [row] = await desk.rows(Certificate)
        assert row.name == "Dr. Anna Ahorn"

    async def test_revoking_asks_once(self, desk: Desk) -> None:
        await attended(desk, ANNA)
        await desk.write(ANNA, "/nachweise")
        await desk.press(ANNA, "1. ")
        await desk.press(ANNA, "Anna Ahorn")
        assert "counts no more" in await desk.press(ANNA, "Revoke it")
        assert "Revoked" in await desk.press(ANNA, "Yes, revoke it")
        [row] = await desk.rows(Certificate)
        assert row.revoked_at is not None


class TestWho:
    async def test_abroad_it_says_so(self, desk: Desk) -> None:
        await attended(desk, TINA)
        assert "Telegram is a foreign house" in await desk.write(TINA, "/nachweise")

    async def test_abroad_what_is_not_public_is_neither_named_nor_sent(self, desk: Desk) -> None:
        await attended(desk, TINA, Visibility.NETWORK)
        said = await desk.write(TINA, "/nachweise")
        assert "All of them stand in the hub" in said
        assert TITLE not in said
        await settle_trainings(desk.database, now())
        await desk.tell()
        asked = await desk.press(TINA, "Get the certificate")
        assert "may not be shown on Telegram" in asked
        assert TITLE not in asked

    async def test_one_that_was_public_is_not_sent_any_more(self, desk: Desk) -> None:
        await attended(desk, TINA)
        await desk.write(TINA, "/nachweise")
        await desk.press(TINA, "1. ")
        assert TITLE in await desk.press(TINA, "Anna Ahorn")
        assert TITLE in await desk.write(TINA, "/nachweise")
        async with unit_of_work(desk.database) as unit:
            await unit.session.execute(update(Training).values(access=NETWORK))
        for label in ("1. ", "Revoke it"):
            said = await desk.press(TINA, label)
            assert "stand in the hub" in said
            assert TITLE not in said
        assert desk.networks[TINA.network].sent[-2].attachment is None

    async def test_is_for_members_alone(self, desk: Desk) -> None:
        assert "belong to the network" in await desk.write(BEN, "/nachweise")
        assert "direct chat" in await desk.write(BEN, "/nachweise", ROOM)
        await desk.make_member(ANNA)
        assert "nothing to certify yet" in await desk.write(ANNA, "/nachweise")
