"""A whole text or a file instead of answers: sorted into fields, shown for correction; bad files are explained."""

from pathlib import Path

import pytest

from bot.core.messages import FileNote
from knowledge.models.contribution import ContributionState
from knowledge.models.conversation import Dialogue
from tests.bot.handlers.contributing_world import ANNA, ROOM, TINA, ZOE, Desk

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TEXT = """Bauanträge digital

Ausgangslage: Alles lag auf Papier.
Was wir getan haben: Wir haben ein Portal eingeführt.
Ergebnis: Die Anträge sind schneller fertig.
Kosten: 12.000 Euro
"""


class TestPastedText:
    async def test_is_sorted_and_shown_whole(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.write(ANNA, "/erfahrung")

        whole = await desk.write(ANNA, TEXT)
        await desk.press(ANNA, "Send")

        assert "Costs, effort and funding\n12.000 Euro" in whole
        fields = (await desk.contribution()).fields
        assert set(fields) == {"title", "situation", "done", "outcome", "costs"}
        assert desk.counted[ANNA.address] == 3

    async def test_may_come_with_the_command_and_lack_something(self, desk: Desk) -> None:
        await desk.make_member(ANNA)

        said = await desk.write(ANNA, f"/erfahrung {TEXT.replace('Ergebnis: Die Anträge sind schneller fertig.', '')}")

        assert "What came of it?" in said
        assert "shall I send it" in await desk.write(ANNA, "Die Anträge sind schneller fertig.")


class TestFile:
    async def test_a_members_file_is_offered_as_an_experience(self, desk: Desk) -> None:
        await desk.make_member(TINA)

        offered = await desk.send_file(TINA, "bericht.md", TEXT.replace("\n", "\n\n").encode())
        assert "I have read “bericht.md”" in offered
        assert "Wir haben ein Portal eingeführt." in offered
        whole = await desk.press(TINA, "Yes, go on")
        await desk.press(TINA, "Send")

        assert "This is how others will read it" in whole
        entry = await desk.contribution()
        assert (entry.title, entry.state) == ("Bauanträge digital", ContributionState.WAITING)

    async def test_what_is_written_below_it_is_no_question(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        desk.networks[ANNA.network].files["bericht.txt"] = TEXT.encode()
        note = FileNote("bericht.txt", "text/plain", None, "bericht.txt")

        [offered] = await desk.happen(ANNA, text="Das ist unser Bericht", files=(note,))

        assert offered.text is not None
        assert "I have read" in offered.text.plain

    async def test_a_no_forgets_it(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.send_file(ANNA, "bericht.txt", TEXT.encode())

        assert await desk.press(ANNA, "No, forget it") == "Forgotten."
        assert await desk.rows(Dialogue) == []

    async def test_strangers_are_told_how_to_belong_and_nothing_is_fetched(self, desk: Desk) -> None:
        said = await desk.send_file(ZOE, "bericht.txt", TEXT.encode())

        assert "belong to the network" in said
        assert await desk.rows(Dialogue) == []

    async def test_groups_and_pictures_get_no_offer(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        network = desk.networks[ANNA.network]
        network.files["bericht.txt"] = TEXT.encode()

        picture = FileNote("bild.jpg", "image/jpeg", 12, "bild.jpg")
        [said] = await desk.happen(ANNA, files=(picture,))
        assert said.text is not None
        assert "cannot read files here" in said.text.plain
        assert "bericht" not in await desk.send_file(ANNA, "bericht.txt", TEXT.encode(), ROOM)

    async def test_bad_ones_are_explained_and_good_ones_still_work(self, desk: Desk, tmp_path: Path) -> None:
        await desk.make_member(ANNA)
        empty = await desk.send_file(ANNA, "leer.txt", b"")
        wrong = await desk.send_file(ANNA, "bild.png", b"\x89PNG\r\n\x1a\n" + bytes(2000))
        large = await desk.send_file(ANNA, "gross.txt", b"x" * (20 * 2**20 + 1))
        gone = await desk.send_file(ANNA, "weg.txt", None)
        endless = await desk.send_file(ANNA, "buch.txt", b"Ein Satz mit Worten.\n\n" * 3000)

        assert all("I read Word, PDF" in said for said in (empty, wrong, large, gone, endless))
        assert "too large" in large
        assert "too long" in endless
        assert "I have read" in await desk.send_file(ANNA, "gut.txt", TEXT.encode())
