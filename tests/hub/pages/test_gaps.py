"""„Lücken" in the hub: who sees which, without who asked, and what is done about them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from knowledge.gaps.jobs import GAP_JOB
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.models.answer import Answer, Question
from knowledge.models.audit import AuditEntry
from knowledge.models.contribution import Contribution
from knowledge.models.document import Visibility
from knowledge.models.gap import Gap, GapQuestion, GapState, GapTopic
from knowledge.models.job import Job
from knowledge.models.question import OpenQuestion, ReleasedAs
from knowledge.models.topic import Topic, TopicKind
from knowledge.topics.words import fold_topic
from tests.hub.pages.library_world import change, take_in
from tests.hub.signed_in import Hub

SALT = ("Welches Streusalz darf auf Brücken?", "Streusalz Brücken erlaubt")
DOGS = ("Wie hoch ist die Hundesteuer?",)


async def topic(hub: Hub, name: str) -> UUID:
    """Keep a topic."""
    async with hub.writing() as unit:
        known = await unit.session.scalar(select(Topic).where(Topic.name_de == name))
        row = known or Topic(id=new_id(), key=fold_topic(name), kind=TopicKind.FIELD, name_de=name, name_en=name)
        unit.session.add(row)
    return row.id


async def gap(
    hub: Hub, texts: Sequence[str] = SALT, *, about: str = "", near: Sequence[UUID] = (), **values: Any
) -> UUID:
    """Keep a gap of these questions; open, of four people, where nothing else is said."""
    about_id = await topic(hub, about) if about else None
    async with hub.writing() as unit:
        said = {"state": GapState.OPEN, "askers": 4, "opened_at": now(), "looked_at": now()} | values
        row = Gap(id=new_id(), **said)
        unit.session.add(row)
        await unit.session.flush()
        for text in texts:
            question = Question(id=new_id(), text=text, language="de", created_at=now())
            unit.session.add(question)
            await unit.session.flush()
            trace = {"shown": [{"document": str(key)} for key in near]}
            unit.session.add(
                Answer(
                    id=new_id(),
                    question_id=question.id,
                    answered=False,
                    confidence=0.1,
                    trace=trace,
                    created_at=now(),
                )
            )
            unit.session.add(GapQuestion(id=new_id(), gap_id=row.id, question_id=question.id))
        if about_id:
            unit.session.add(GapTopic(gap_id=row.id, topic_id=about_id))
    return row.id


async def waiting(hub: Hub, key: UUID, text: str, *, overdue: bool) -> UUID:
    """Let a gap hold a released question."""
    async with hub.writing() as unit:
        row = OpenQuestion(id=new_id(), text=text, released_as=ReleasedAs.ANONYMOUS)
        row.member_id = hub.people["neighbour"].id
        row.overdue_at = now() - timedelta(days=1) if overdue else None
        unit.session.add(row)
        await unit.session.flush()
        unit.session.add(GapQuestion(id=new_id(), gap_id=key, open_question_id=row.id))
    return row.id


async def stored(hub: Hub, key: UUID) -> Gap:
    async with hub.writing() as unit:
        return await unit.session.get_one(Gap, key)


async def seen(hub: Hub, who: str, address: str = "/luecken") -> str:
    async with hub.browser(who) as browser:
        page = await browser.get(address)
    assert page.status_code == 200
    return page.text


class TestListing:
    async def test_overdue_first_then_what_most_asked(self, hub: Hub) -> None:
        await gap(hub, DOGS, askers=4)
        await gap(hub, ["Wer pflegt die Bäume?"], askers=12)
        late = await gap(hub, [], askers=1)
        await waiting(hub, late, "Wer streut im Winter?", overdue=True)
        text = await seen(hub, "moderator")
        order = [text.index(words) for words in ("Wer streut im Winter?", "Wer pflegt die Bäume?", DOGS[0])]
        assert order == sorted(order)
        assert "nobody answered for two weeks" in text

    async def test_numbers_of_people_come_in_steps_and_small_ones_not_at_all(self, hub: Hub) -> None:
        await gap(hub, DOGS, askers=4)
        released = await gap(hub, [], askers=2)
        await waiting(hub, released, "Wer streut im Winter?", overdue=False)
        text = await seen(hub, "moderator")
        assert "3 or more people" in text
        assert "2 or more people" not in text
        assert text.count("or more people") == 1

    @pytest.mark.parametrize("values", [{"state": GapState.FORMING, "opened_at": None, "askers": 2}])
    async def test_what_too_few_asked_does_not_exist(self, hub: Hub, values: dict[str, Any]) -> None:
        key = await gap(hub, DOGS, **values)
        assert DOGS[0] not in await seen(hub, "administrator")
        async with hub.browser("administrator") as browser:
            assert (await browser.get(f"/luecken/{key}")).status_code == 404

    async def test_a_gap_that_closed_before_enough_had_asked_is_not_shown(self, hub: Hub) -> None:
        await gap(hub, DOGS, state=GapState.CLOSED, opened_at=None, askers=1)
        assert "0 gaps" in await seen(hub, "moderator", "/luecken?stand=closed")

    async def test_moderators_see_what_their_topics_cover(self, hub: Hub) -> None:
        await gap(hub, SALT, about="Straßen")
        await gap(hub, DOGS, about="Steuern")
        mine = await seen(hub, "scoped_moderator")
        assert SALT[0] in mine
        assert DOGS[0] not in mine
        assert DOGS[0] in await seen(hub, "publisher")

    async def test_by_topic(self, hub: Hub) -> None:
        await gap(hub, SALT, about="Straßen")
        await gap(hub, DOGS, about="Steuern")
        text = await seen(hub, "moderator", f"/luecken?thema={await topic(hub, 'Steuern')}")
        assert DOGS[0] in text
        assert SALT[0] not in text


class TestOne:
    async def test_it_shows_wordings_without_personal_data(self, hub: Hub) -> None:
        key = await gap(hub, ["Darf Herr Krause im Rosenweg 5 Streusalz nehmen?", *SALT])
        text = await seen(hub, "moderator", f"/luecken/{key}")
        assert SALT[0] in text
        assert "[name]" in text
        assert "Krause" not in text
        assert "Rosenweg" not in text

    async def test_it_shows_what_came_near_as_far_as_the_reader_finds_it(self, hub: Hub) -> None:
        near = await take_in(hub, "winterdienst.md", title="Winterdienst")
        secret = await take_in(
            hub, "geheim.md", "Nur im Haus.", title="Hausintern", visibility=Visibility.HOUSE, organisation="gruenau"
        )
        key = await gap(hub, near=[near, secret])
        text = await seen(hub, "moderator", f"/luecken/{key}")
        assert "Winterdienst" in text
        assert "Hausintern" not in text

    async def test_of_a_closed_one_no_words_are_shown(self, hub: Hub) -> None:
        answer = await take_in(hub, "streusalz.md", title="Streusalz auf Brücken und Stegen")
        key = await gap(hub, state=GapState.CLOSED, document_id=answer, closed_at=now())
        text = await seen(hub, "moderator", f"/luecken/{key}")
        assert "Streusalz auf Brücken und Stegen" in text
        assert SALT[0] not in text

    async def test_outside_of_ones_topics_there_is_none(self, hub: Hub) -> None:
        key = await gap(hub, DOGS, about="Steuern")
        async with hub.browser("scoped_moderator") as browser:
            assert (await browser.get(f"/luecken/{key}")).status_code == 404
            assert (await browser.post(f"/luecken/{key}/verwerfen", data={"form_key": "a" * 22})).status_code == 404


class TestActing:
    async def test_setting_aside_and_taking_it_back(self, hub: Hub) -> None:
        key = await gap(hub)
        async with hub.browser("moderator") as browser:
            await change(browser, f"/luecken/{key}", f"/luecken/{key}/verwerfen")
            assert (await stored(hub, key)).state is GapState.DISMISSED
            assert SALT[0] not in (await browser.get("/luecken")).text
            await change(browser, f"/luecken/{key}", f"/luecken/{key}/oeffnen")
        # Two questions are left of which nobody knows any more who asked: too few to be shown.
        assert (await stored(hub, key)).state is GapState.FORMING
        async with hub.writing() as unit:
            acts = (await unit.session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
        assert [(act.action, act.object_id) for act in acts] == [
            ("gaps:dismiss", str(key)),
            ("gaps:restore", str(key)),
        ]

    async def test_what_is_not_open_any_more_cannot_be_set_aside(self, hub: Hub) -> None:
        key = await gap(hub, state=GapState.DISMISSED)
        async with hub.browser("moderator") as browser:
            answer = await browser.post(f"/luecken/{key}/verwerfen", data={"form_key": "b" * 22})
        assert answer.status_code == 409

    async def test_writing_begins_with_the_words_and_topics(self, hub: Hub) -> None:
        key = await gap(hub, about="Straßen")
        async with hub.browser("moderator") as browser:
            answer = await change(browser, f"/luecken/{key}", f"/luecken/{key}/schreiben")
            form = await browser.get(answer.headers["location"])
        assert form.status_code == 200
        async with hub.writing() as unit:
            (draft,) = (await unit.session.scalars(select(Contribution))).all()
        assert draft.fields["title"] in SALT
        assert draft.fields["topics"] == ["Straßen"]

    async def test_uploading_begins_with_the_topics(self, hub: Hub) -> None:
        key = await gap(hub, about="Straßen")
        assert 'value="Straßen"' in await seen(hub, "publisher", f"/bibliothek/hochladen?luecke={key}")

    async def test_asking_the_network_as_ones_organisation(self, hub: Hub) -> None:
        key = await gap(hub)
        async with hub.browser("publisher") as browser:
            answer = await change(
                browser, f"/luecken/{key}", f"/luecken/{key}/fragen", text="Womit streut ihr auf Brücken?"
            )
        assert answer.status_code == 303, answer.text
        async with hub.writing() as unit:
            (question,) = (await unit.session.scalars(select(OpenQuestion))).all()
            held = await unit.session.scalar(
                select(GapQuestion.gap_id).where(GapQuestion.open_question_id.is_not(None))
            )
        assert question.released_as is ReleasedAs.ORGANISATION
        assert question.organisation_id == hub.people["publisher"].organisation_id
        assert held == key
        text = await seen(hub, "moderator", f"/luecken/{key}")
        assert "open question in the network" in text
        assert "Publisher" not in text

    async def test_personal_data_in_the_question_is_asked_about(self, hub: Hub) -> None:
        key = await gap(hub)
        async with hub.browser("publisher") as browser:
            answer = await change(
                browser, f"/luecken/{key}", f"/luecken/{key}/fragen", text="Darf Herr Krause im Rosenweg 5 streuen?"
            )
        assert answer.status_code == 422
        assert "Rosenweg" in answer.text
        assert "may stay" in answer.text

    async def test_looking_now(self, hub: Hub) -> None:
        async with hub.browser("moderator") as browser:
            await change(browser, "/luecken", "/luecken/aktualisieren")
        async with hub.writing() as unit:
            assert (await unit.session.scalars(select(Job.kind))).all() == [GAP_JOB]
