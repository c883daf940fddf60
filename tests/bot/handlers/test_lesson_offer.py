"""„In 5 Minuten lernen: …" below answers: where the library itself finds a lesson, and nowhere else."""

from knowledge.lessons.shelving import shelve_missing
from knowledge.models.lesson import LessonRun
from tests.bot.handlers.asking_world import ANNA, BEN, FORUM, ROOM, TINA, World, direct, labels, plain, rows

LEVELS, TITLE = "Welche Risikoklassen kennt die KI-Verordnung?", "Vier Risikostufen und Ihre Pflichten"
LAMPS = "Wie viel Strom sparen LED-Leuchten?"
LEARN = "Learn it now"


class TestOffer:
    async def test_it_stands_below_an_answer_and_is_learned_from_there(self, world: World) -> None:
        await shelve_missing(world.database)
        await world.indexes.settle()
        said = await world.ask(TINA, LEVELS)
        assert plain(said).splitlines()[-1] == f"Learn it in 4 minutes: {TITLE}"
        [voted] = await world.choose(TINA, said, "Helped")
        assert [LEARN in labels(message) for message in (said, voted)] == [True, True]
        [opening] = await world.choose(TINA, said, LEARN)
        assert plain(opening).startswith(TITLE)
        lamps = await world.ask(ANNA, LAMPS)
        assert ("LED" in plain(lamps), LEARN in labels(lamps)) == (True, False)
        # In a group it begins alone; where the bot cannot write first, by a link in the text.
        group = await world.ask(BEN, f"!frage {LEVELS}", ROOM)
        [begun] = await world.choose(BEN, group, LEARN)
        assert begun.place.chat == direct(BEN).chat
        assert len(await rows(world, LessonRun)) == 2
        forum = await world.ask(TINA, f"/frage {LEVELS}", FORUM)
        links = [span.link for block in forum.text.blocks for span in block.spans] if forum.text else []
        assert any(address and "start=lernen-b" in address for address in links)
        assert LEARN not in labels(forum)
