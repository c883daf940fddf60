"""``/korrektur``: what is wrong in a source goes to the moderators, and nobody in a group reads it."""

from knowledge.models.contribution import Contribution, ContributionKind, ContributionState
from tests.bot.handlers.asking_world import ANNA, BEN, FORUM, TINA, World, direct, make_member, plain, rows

QUESTION = "Was kostet eine Straßenzustandserfassung mit KI pro Kilometer?"


class TestCorrecting:
    async def test_the_last_answer_in_a_direct_chat(self, world: World) -> None:
        await world.ask(ANNA, QUESTION)
        await make_member(world, ANNA)

        asked = plain(await world.happen(ANNA, direct(ANNA), "/korrektur"))
        if "In which source" in asked:
            asked = plain(await world.happen(ANNA, direct(ANNA), "1"))
        assert "What is wrong" in asked
        for nonsense in ("?", "…", "!!"):
            said = plain(await world.happen(ANNA, direct(ANNA), nonsense))
        assert "Nothing that you entered" in said
        found = plain(await world.happen(ANNA, direct(ANNA), "Frau Müller sagt, es sind 81 Euro."))
        assert "personal data" in found
        shown = await world.happen(ANNA, direct(ANNA), "Redact")
        assert "81 Euro" in plain(shown)
        assert "Thank you" in plain(await world.choose(ANNA, shown[-1], "Send"))

        [correction] = await rows(world, Contribution)
        assert (correction.kind, correction.state) == (ContributionKind.CORRECTION, ContributionState.WAITING)
        assert "Müller" not in correction.fields["suggestion"]
        assert correction.fields["quote"]

    async def test_from_a_group_by_a_link_where_the_bot_cannot_write_first(self, world: World) -> None:
        answer = await world.ask(TINA, f"/frage {QUESTION}", FORUM)
        await make_member(world, TINA)

        [said] = await world.happen(TINA, FORUM, "/korrektur", reply_to=world.event_of(answer))

        assert "What is wrong" not in plain(said)
        word = (said.choices[0].address or "").partition("start=")[2]
        continued = plain(await world.happen(TINA, direct(TINA), f"/start {word}"))
        assert "What is wrong" in continued or "In which source" in continued

    async def test_only_members_and_only_about_an_answer(self, world: World) -> None:
        assert "belong to the network" in plain(await world.happen(BEN, direct(BEN), "/korrektur"))
        await make_member(world, BEN)
        assert "reply with !correct" in plain(await world.happen(BEN, direct(BEN), "/korrektur"))
        assert await rows(world, Contribution) == []
