"""„Schulungen verwalten" in the hub: lists, publishing, cancelling, copying, people, materials, results."""

import re
from datetime import timedelta
from io import BytesIO

from sqlalchemy import select

from hub.pages.training_manage import PER_PAGE
from knowledge.kit.clock import HOME, now, today
from knowledge.kit.settings import load_settings
from knowledge.library.uploading import Uploads
from knowledge.models.notice import Notice
from knowledge.models.training import Training, TrainingState
from knowledge.trainings.feedback import FeedbackService
from knowledge.trainings.materials import publish_due
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.schemas import QuestionDraft
from knowledge.trainings.service import TrainingService
from tests.hub.pages.library_world import take_in
from tests.hub.pages.training_world import (
    PLACE,
    TITLE,
    asking,
    date,
    drafted,
    let_pass,
    managed,
    published,
    publisher,
    registered,
)
from tests.hub.signed_in import Hub

MANAGE = "/schulungen/verwalten"


class TestList:
    async def test_each_training_stands_in_its_part_with_its_numbers(self, hub: Hub) -> None:
        await drafted(hub, title="Entwurf eins")
        coming = await published(hub, title="Kommt eins", capacity=1)
        over = await published(hub, title="War eins")
        gone = await published(hub, title="Fällt aus")
        for who in ("member", "neighbour"):
            await registered(hub, coming.id, who)
        await let_pass(hub, over.id)
        async with hub.writing() as unit:
            await TrainingService(unit).cancel(gone.id, publisher(hub), "Krank.")
        seen = {}
        async with hub.browser("publisher") as browser:
            for part in ("kommend", "entwuerfe", "vergangen", "abgesagt", "unsinn"):
                text = (await browser.get(f"{MANAGE}?stand={part}")).text
                titles = ("Entwurf eins", "Kommt eins", "War eins", "Fällt aus")
                seen[part] = [title for title in titles if f">{title}</a>" in text]
                if part == "kommend":
                    assert "1 of 1 places taken · 1 waiting" in text
        assert seen == {
            "kommend": ["Kommt eins"],
            "entwuerfe": ["Entwurf eins"],
            "vergangen": ["War eins"],
            "abgesagt": ["Fällt aus"],
            "unsinn": ["Kommt eins"],
        }

    async def test_many_come_page_by_page_and_all_are_counted(self, hub: Hub) -> None:
        first = await drafted(hub, title="Entwurf eins")
        async with hub.writing() as unit:
            for _number in range(PER_PAGE):
                await TrainingService(unit).copy(first.id, publisher(hub))
        async with hub.browser("publisher") as browser:
            seen = [(await browser.get(f"{MANAGE}?stand=entwuerfe&seite={page}")).text for page in ("1", "2", "99")]
        assert [text.count(">Entwurf eins</a>") for text in seen] == [PER_PAGE, 1, 1]
        assert "Page 2 of 2" in seen[1]
        assert all(f"Drafts {PER_PAGE + 1} " in " ".join(re.sub("<[^>]+>", " ", text).split()) for text in seen)

    async def test_an_administrator_runs_all_of_them(self, hub: Hub) -> None:
        await published(hub, "neighbour", title="Aus Grünau")
        for who, expected in (("publisher", False), ("administrator", True)):
            async with hub.browser(who) as browser:
                assert ("Aus Grünau" in (await browser.get(MANAGE)).text) is expected


class TestPublishing:
    async def test_a_draft_is_published_once_it_has_all(self, hub: Hub) -> None:
        entry = await drafted(hub, dates=())
        async with hub.browser("publisher") as browser:
            refused = await browser.post(f"{MANAGE}/{entry.id}/veroeffentlichen")
            assert refused.status_code == 422
            assert "Please enter at least one date" in refused.text
        entry = await drafted(hub)
        async with hub.browser("publisher") as browser:
            preview = (await browser.get(f"{MANAGE}/{entry.id}")).text
            assert "Below is what others will read." in preview
            assert PLACE in preview
            assert (await browser.post(f"{MANAGE}/{entry.id}/veroeffentlichen")).status_code == 303
        assert (await managed(hub, entry.id)).state is TrainingState.PUBLISHED

    async def test_a_draft_is_deleted_but_nothing_that_was_published(self, hub: Hub) -> None:
        unseen, seen = await drafted(hub), await published(hub)
        async with hub.browser("publisher") as browser:
            assert (await browser.post(f"{MANAGE}/{unseen.id}/verwerfen")).status_code == 303
            assert (await browser.get(f"{MANAGE}/{unseen.id}")).status_code == 404
            assert (await browser.post(f"{MANAGE}/{seen.id}/verwerfen")).status_code == 409

    async def test_a_copy_is_a_draft_with_its_dates_moved(self, hub: Hub) -> None:
        entry = await published(hub, dates=(date(10), date(17)), questions=(QuestionDraft("Woher?"),))
        first = today() + timedelta(days=100)
        async with hub.browser("publisher") as browser:
            wrong = await browser.post(f"{MANAGE}/{entry.id}/kopieren", data={"erster": "32.13.2027"})
            assert wrong.status_code == 422
            made = await browser.post(f"{MANAGE}/{entry.id}/kopieren", data={"erster": first.isoformat()})
        async with hub.writing() as unit:
            copy, _original = await TrainingService(unit).managed(publisher(hub))
        assert made.headers["location"] == f"{MANAGE}/{copy.id}/bearbeiten"
        days = [one.starts_at.astimezone(HOME).date() for one in copy.dates]
        assert (copy.state, days) == (TrainingState.DRAFT, [first, first + timedelta(days=7)])
        assert copy.questions[0].text == "Woher?"


class TestCancelling:
    async def test_the_page_says_how_many_are_told_and_wants_a_reason(self, hub: Hub) -> None:
        entry = await published(hub, capacity=1)
        for who in ("member", "neighbour"):
            await registered(hub, entry.id, who)
        address = f"{MANAGE}/{entry.id}/absagen"
        async with hub.browser("publisher") as browser:
            assert "2 people are told, with your reason." in (await browser.get(address)).text
            assert (await browser.post(address, data={"grund": " "})).status_code == 422
            assert (await browser.post(address, data={"grund": "Der Saal ist gesperrt."})).status_code == 303
            assert "Der Saal ist gesperrt." in (await browser.get(f"{MANAGE}/{entry.id}")).text
            assert (await browser.get(address)).status_code == 303
        async with hub.writing() as unit:
            kinds = list(await unit.session.scalars(select(Notice.kind)))
        assert kinds.count("training.cancelled") == 2

    async def test_what_is_over_cannot_be_cancelled(self, hub: Hub) -> None:
        entry = await published(hub)
        await let_pass(hub, entry.id)
        async with hub.browser("publisher") as browser:
            answer = await browser.post(f"{MANAGE}/{entry.id}/absagen", data={"grund": "Zu spät."})
        assert answer.status_code == 409
        assert (await managed(hub, entry.id)).state is TrainingState.PUBLISHED


class TestPeople:
    async def test_names_answers_and_the_waiting_list_in_its_order(self, hub: Hub) -> None:
        entry = await asking(hub)
        question = str(entry.questions[0].id)
        for who in ("member", "neighbour", "moderator", "releaser"):
            await registered(hub, entry.id, who, {question: f"=Antwort von {who}"})
        async with hub.browser("publisher") as browser:
            text = (await browser.get(f"{MANAGE}/{entry.id}/teilnehmende")).text
            table = await browser.get(f"{MANAGE}/{entry.id}/teilnehmende/tabelle")
            early = await browser.post(f"{MANAGE}/{entry.id}/teilnehmende", data={})
        taking, waiting = text.split("Waiting list (2)")
        assert "=Antwort von neighbour" in taking
        assert waiting.index("Moderator") < waiting.index("Releaser")
        assert "War da" not in text
        lines = table.text.splitlines()
        assert "Please delete this list" in lines[0]
        assert lines[2].startswith("Member;Lindenau;registered;")
        assert lines[2].endswith(";'=Antwort von member")
        assert table.headers["cache-control"] == "private, no-store"
        assert early.status_code == 409

    async def test_two_questions_of_the_same_words_keep_their_own_answers(self, hub: Hub) -> None:
        entry = await published(hub, questions=(QuestionDraft("Ihr Wunsch?"), QuestionDraft("Ihr Wunsch?")))
        first, second = (str(question.id) for question in entry.questions)
        await registered(hub, entry.id, answers={first: "Obst", second: "Brot"})
        async with hub.browser("publisher") as browser:
            text = (await browser.get(f"{MANAGE}/{entry.id}/teilnehmende")).text
        assert "<td>Obst</td><td>Brot</td>" in text

    async def test_who_was_there_is_noted_once_it_began(self, hub: Hub) -> None:
        entry = await published(hub)
        mine, other = [await registered(hub, entry.id, who) for who in ("member", "neighbour")]
        await let_pass(hub, entry.id)
        fields = {"gezeigt": [str(mine.id), str(other.id)], "war_da": [str(mine.id), "unsinn"]}
        async with hub.browser("publisher") as browser:
            saved = await browser.post(f"{MANAGE}/{entry.id}/teilnehmende", data=fields)
            text = (await browser.get(f"{MANAGE}/{entry.id}/teilnehmende")).text
        assert saved.status_code == 303
        async with hub.writing() as unit:
            people = await RegistrationService(unit).participants(entry.id, publisher(hub))
        assert {one.registration_id: one.attended for one in people} == {mine.id: True, other.id: False}
        assert f'value="{mine.id}" aria-label="Member" checked' in text
        assert text.count(" checked") == 1

    async def test_names_are_gone_after_thirty_days(self, hub: Hub) -> None:
        entry = await published(hub)
        await registered(hub, entry.id)
        await let_pass(hub, entry.id, days=31)
        async with hub.writing() as unit:
            (await unit.session.get_one(Training, entry.id)).cleared_at = now()
        async with hub.browser("publisher") as browser:
            text = (await browser.get(f"{MANAGE}/{entry.id}/teilnehmende")).text
            table = (await browser.get(f"{MANAGE}/{entry.id}/teilnehmende/tabelle")).text
        assert "all names and answers are deleted" in text
        assert ("Member" in text, "Member" in table) == (False, False)


class TestResults:
    async def test_below_three_people_nothing_is_said(self, hub: Hub) -> None:
        entry = await published(hub, capacity=9)
        people = ("member", "neighbour", "moderator")
        made = {who: (await registered(hub, entry.id, who)).id for who in people}
        await let_pass(hub, entry.id)
        seen = []
        for who in people:
            async with hub.writing() as unit:
                feedback = FeedbackService(unit)
                await feedback.give(made[who], hub.people[who].id, helped=who != "member", comment=f"Sagt {who}")
            async with hub.browser("publisher") as browser:
                seen.append((await browser.get(f"{MANAGE}/{entry.id}/ergebnisse")).text)
        assert ["Sagt member" in text for text in seen] == [False, False, True]
        assert ["said how it was" in text for text in seen] == [False, False, True]
        # It helped two of them: that would tell of two, and of the third.
        assert "say that it helped them" not in seen[-1]


class TestMaterials:
    async def test_a_file_comes_into_the_library_on_its_day(self, hub: Hub) -> None:
        entry = await published(hub)
        address, content = f"{MANAGE}/{entry.id}/material", b"# Folien\n\nEine KI raet, sie weiss nichts.\n"
        day = (today() + timedelta(days=3)).isoformat()
        fields = {"titel": "Folien zum Tag", "sichtbarkeit": "public", "ab": day}
        async with hub.browser("publisher") as browser:
            sent = await browser.post(address, data=fields, files={"datei": ("folien.md", BytesIO(content))})
            assert sent.status_code == 303, sent.text
            before = (await browser.get(address)).text
            async with Uploads.opened(load_settings().imports, None) as uploads:
                assert await publish_due(hub.database, uploads, now()) == 0
                assert await publish_due(hub.database, uploads, now() + timedelta(days=4)) == 1
            after = (await browser.get(address)).text
        assert "comes on" in before
        assert 'href="/dokument/' in after.partition("Folien zum Tag")[0].rpartition("<h2>")[2]
        async with hub.browser("neighbour") as browser:
            assert "Folien zum Tag" in (await browser.get(f"/schulungen/{entry.id}")).text

    async def test_what_cannot_be_read_or_is_missing_comes_back(self, hub: Hub) -> None:
        entry = await published(hub)
        address = f"{MANAGE}/{entry.id}/material"
        files = {"datei": ("bild.exe", BytesIO(b"MZ"))}
        async with hub.browser("publisher") as browser:
            for given in (files, None):
                answer = await browser.post(address, data={"titel": "Bleibt"}, files=given)
                assert answer.status_code == 422
                assert 'id="datei-error"' in answer.text
                assert 'value="Bleibt"' in answer.text
            wrong = await browser.post(address, data={"ab": "morgen"}, files=files)
            assert 'id="ab-error"' in wrong.text

    async def test_a_document_of_the_library_is_added_and_taken_away(self, hub: Hub) -> None:
        entry, key = await published(hub), await take_in(hub, "brunnen.md", title="Der Brunnenbericht")
        address = f"{MANAGE}/{entry.id}/material"
        async with hub.browser("publisher") as browser:
            found = (await browser.get(f"{address}?q=brunnen")).text
            assert f'name="dokument" value="{key}"' in found
            assert (await browser.post(f"{address}/dokument", data={"dokument": str(key)})).status_code == 303
            assert (await browser.post(f"{address}/dokument", data={"dokument": "x"})).status_code == 404
            listed = (await browser.get(address)).text
            material = listed.partition(f'action="{address}/')[2].partition("/entfernen")[0]
            removed = await browser.post(f"{address}/{material}/entfernen")
            assert removed.headers["location"] == address
            assert "Der Brunnenbericht" not in (await browser.get(address)).text
        assert "Der Brunnenbericht" in listed
        assert TITLE in listed
