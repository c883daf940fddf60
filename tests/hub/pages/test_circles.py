"""Circles in the hub: settings, what their groups find, codes, and who looks after which."""

import re
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from knowledge.circles.administration import circle_revision, what_it_finds
from knowledge.circles.schemas import CircleStatus
from knowledge.circles.service import CircleService
from knowledge.kit.clock import now
from knowledge.kit.language import choose_language
from knowledge.models.audit import AuditEntry
from knowledge.models.chat import Chat, ChatKind, Network
from knowledge.models.contribution import Audience, AudienceCircle
from knowledge.models.document import Document, Kind, Rights, Status, Visibility
from knowledge.models.invitation import Invitation
from knowledge.topics.seeding import seed_topics
from tests.hub.signed_in import Hub

# Alone, as parts of identifiers may look like one.
CODE = re.compile(r"(?<![\w-])[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}(?![\w-])")


async def circle(hub: Hub, name: str = "Wärme", topics: str = "Energie", *, linked: bool = False) -> UUID:
    async with hub.writing() as unit:
        service = CircleService(unit.session)
        made = await service.add(name)
        await service.set_topics(made.id, topics)
        if linked:
            chat = Chat(id=uuid4(), network=Network.MATRIX, address=f"!{name}", kind=ChatKind.GROUP)
            unit.session.add(chat)
            await unit.session.flush()
            await service.repository.change(made.id, chat_id=chat.id)
    return made.id


async def status(hub: Hub, key: UUID) -> CircleStatus:
    async with hub.writing() as unit:
        found = await CircleService(unit.session).by_id(key)
    assert found is not None
    return found


async def document(hub: Hub, title: str, key: UUID, *, shared: bool = False) -> None:
    """Publish something for a circle, alone or with others."""
    async with hub.writing() as unit:
        audience = uuid4() if shared else None
        if audience is not None:
            unit.session.add(Audience(id=audience))
            await unit.session.flush()
            unit.session.add(AudienceCircle(audience_id=audience, circle_id=key))
        values = {"kind": Kind.OTHER, "rights": Rights.FULL, "added_by": "test", "status": Status.PUBLISHED}
        unit.session.add(
            Document(
                source=uuid4().hex,
                title=title,
                visibility=Visibility.CIRCLE,
                circle_id=None if shared else key,
                audience_id=audience,
                access=f"circle:{key.hex}",
                created_at=now(),
                updated_at=now(),
                **values,
            )
        )


async def acts(hub: Hub) -> list[str]:
    async with hub.writing() as unit:
        return list(await unit.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


class TestAdding:
    async def test_the_code_for_the_group_is_shown_once(self, hub: Hub) -> None:
        async with hub.browser("moderator") as browser:
            page = await browser.post("/kreise", data={"name": "Kita <b>", "topics": "Kita"})
            listed = await browser.get("/kreise")
        found = CODE.search(page.text)
        assert found is not None
        assert f"/verbinden {found[0]}" in page.text
        assert "Kita &lt;b&gt;" in listed.text
        assert found[0] not in listed.text
        assert await acts(hub) == ["circles:add"]

    async def test_a_name_that_is_taken_keeps_what_was_typed(self, hub: Hub) -> None:
        await circle(hub)
        async with hub.browser("moderator") as browser:
            page = await browser.post("/kreise", data={"name": "WÄRME", "topics": "Heizung"})
        assert page.status_code == 409
        assert 'value="Heizung"' in page.text
        assert await acts(hub) == []

    async def test_a_new_code_replaces_the_one_before(self, hub: Hub) -> None:
        key = await circle(hub)
        async with hub.browser("administrator") as browser:
            first = await browser.post(f"/kreise/{key}/code")
            second = await browser.post(f"/kreise/{key}/code")
        assert CODE.findall(first.text)[0] != CODE.findall(second.text)[0]
        async with hub.writing() as unit:
            assert len((await unit.session.scalars(select(Invitation))).all()) == 1


class TestScope:
    async def test_a_moderator_of_some_topics_has_to_do_with_their_circles(self, hub: Hub) -> None:
        theirs, other = await circle(hub, "Straßen", "straßen, Brücken"), await circle(hub, "Wärme", "Energie")
        async with hub.browser("scoped_moderator") as browser:
            listed = await browser.get("/kreise")
            assert (await browser.get(f"/kreise/{theirs}")).status_code == 200
            assert (await browser.get(f"/kreise/{other}")).status_code == 404
            for rest in ("", "/code", "/buergen", "/nicht-buergen"):
                assert (await browser.post(f"/kreise/{other}{rest}", data={"topics": "straßen"})).status_code == 404
            refused = await browser.post("/kreise", data={"name": "Neu", "topics": "Energie"})
        assert ("Straßen" in listed.text, "Wärme" in listed.text) == (True, False)
        assert refused.status_code == 422
        assert await acts(hub) == []

    @pytest.mark.parametrize("who", ["member", "publisher", "weak_moderator", None])
    async def test_circles_are_for_moderators(self, who: str | None, hub: Hub) -> None:
        key = await circle(hub, "Geheimer Kreis")
        async with hub.browser(who) as browser:
            for answer in (await browser.get("/kreise"), await browser.get(f"/kreise/{key}")):
                assert answer.status_code in {303, 401, 403}
                assert "Geheimer Kreis" not in answer.text

    async def test_documents_are_named_to_whom_they_concern(self, hub: Hub) -> None:
        key = await circle(hub, "Straßen", "Straßen")
        await document(hub, "Nur für uns", key)
        await document(hub, "Für uns und andere", key, shared=True)
        async with hub.browser("moderator") as browser:
            page = await browser.get(f"/kreise/{key}")
        async with hub.browser("scoped_moderator") as browser:
            scoped = await browser.get(f"/kreise/{key}")
        assert ("Nur für uns" in page.text, "Für uns und andere" in page.text) == (True, True)
        assert ("Nur für uns" in scoped.text, scoped.status_code) == (False, 200)


class TestSettings:
    async def test_they_are_changed(self, hub: Hub) -> None:
        key = await circle(hub, linked=True)
        values = {"language": "en", "topics": "Wärme, Kälte", "recognises": "1", "paused": "1"}
        async with hub.browser("moderator") as browser:
            page = await browser.post(
                f"/kreise/{key}", data={**values, "revision": circle_revision(await status(hub, key))}
            )
        after = await status(hub, key)
        assert page.status_code == 303
        assert (after.language, after.topics, after.paused) == ("en", ("Wärme", "Kälte"), True)
        assert after.recognises_since is not None

    async def test_the_digest_has_its_day_and_hour_or_does_not_come(self, hub: Hub) -> None:
        key = await circle(hub, topics="Energie, Unsinn")
        async with hub.writing() as unit:
            await seed_topics(unit.session)
        set_to = []
        async with hub.browser("moderator") as browser:
            shown = await browser.get(f"/kreise/{key}")
            for values in ({"digest_day": "3", "digest_hour": "14"}, {"digest_day": ""}, {"digest_day": "7"}):
                revision = circle_revision(await status(hub, key))
                page = await browser.post(f"/kreise/{key}", data={"topics": "Energie", **values, "revision": revision})
                after = await status(hub, key)
                set_to.append((page.status_code, after.digest_day, after.digest_hour))
        assert '<option value="0" selected>Monday</option>' in shown.text
        assert "knows no such topic, so nothing is brought to the circle by it: Unsinn" in shown.text
        assert set_to == [(303, 3, 14), (303, None, 8), (422, None, 8)]

    async def test_a_form_that_grew_stale_keeps_what_was_typed(self, hub: Hub) -> None:
        key = await circle(hub)
        old = {"topics": "Fernwärme", "revision": circle_revision(await status(hub, key))}
        async with hub.browser("moderator") as browser:
            assert (await browser.post(f"/kreise/{key}", data={**old, "topics": "Gas"})).status_code == 303
            stale = await browser.post(f"/kreise/{key}", data=old)
        assert (stale.status_code, 'value="Fernwärme"' in stale.text) == (409, True)
        assert (await status(hub, key)).topics == ("Gas",)

    async def test_vouching_needs_a_group(self, hub: Hub) -> None:
        alone, linked = await circle(hub, "Allein"), await circle(hub, "Mit Gruppe", linked=True)
        async with hub.browser("moderator") as browser:
            assert (await browser.post(f"/kreise/{alone}/buergen")).status_code == 409
            assert (await browser.post(f"/kreise/{linked}/buergen")).status_code == 303
            assert (await status(hub, linked)).vouched_at is not None
            assert (await browser.post(f"/kreise/{linked}/nicht-buergen")).status_code == 303
        assert (await status(hub, linked)).vouched_at is None
        assert await acts(hub) == ["circles:vouch", "circles:unvouch"]


class TestWhatItFinds:
    @pytest.mark.parametrize(
        ("network", "vouched", "visibility", "says", "says_not"),
        [
            (None, False, "public", "nobody finds anything", "for this circle"),
            (Network.MATRIX, False, "public", "nobody vouches", "because a moderator vouches"),
            (Network.MATRIX, True, "public", "because a moderator vouches", "nobody vouches"),
            (Network.TELEGRAM, True, "public", "on Telegram, only what is public", "for this circle"),
            (Network.TELEGRAM, True, "network", "because a moderator vouches", "only what is public"),
        ],
    )
    def test_in_words(self, network: Network | None, vouched: bool, visibility: str, says: str, says_not: str) -> None:
        choose_language("en")
        since = now() if vouched else None
        about = CircleStatus(uuid4(), "Kreis", network, None, (), since, None, False, 0, now())
        words = " ".join(what_it_finds(about, visibility))
        assert (says in words, says_not in words) == (True, False)
