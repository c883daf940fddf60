"""The stand-in is as strict as Telegram: wrong calls are refused in Telegram's words."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.bot.pictures import PIXELS
from tests.telegram_server.server import TelegramServer
from tests.telegram_server.world import Chat

Answer = dict[str, Any]


class Client:
    """Calls methods as a program without any library would."""

    def __init__(self, server: TelegramServer, http: httpx.AsyncClient) -> None:
        self.server = server
        self.http = http

    async def call(self, method: str, *, token: str | None = None, **given: Any) -> Answer:
        address = f"{self.server.url}/bot{token or self.server.token}/{method}"
        values = {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
        answer = await self.http.post(address, data=values)
        content: Answer = answer.json()
        assert content["ok"] is (answer.status_code == 200)
        return content

    async def refusal(self, method: str, **given: Any) -> str:
        answer = await self.call(method, **given)
        return f"{answer.get('error_code')} {answer.get('description')}"


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    with TelegramServer() as server:
        async with httpx.AsyncClient() as http:
            yield Client(server, http)


@pytest.fixture
def chat(client: Client) -> Chat:
    anna = client.server.person("Anna")
    anna.starts()
    return anna.direct


BOLD = {"type": "bold", "offset": 0, "length": 2}
WRONG_MESSAGES: list[tuple[Answer, str]] = [
    ({"text": ""}, "message text is empty"),
    ({"text": " \n "}, "message text is empty"),
    ({"text": "x" * 4097}, "message is too long"),
    ({"text": "😀" * 2049}, "message is too long"),
    ({"text": "x", "entities": [BOLD]}, "can't parse entities: entity ends at 2 behind the text"),
    ({"text": "😀x", "entities": [BOLD | {"offset": 1}]}, "inside of a character"),
    ({"text": "😀x", "entities": [BOLD | {"length": 1}]}, "inside of a character"),
    ({"text": "abc", "entities": [BOLD | {"type": "huge"}]}, "unsupported type"),
    ({"text": "abc", "entities": [BOLD | {"length": 0}]}, "wrong offset or length"),
    ({"text": "abc", "entities": [BOLD, BOLD | {"offset": 1, "type": "italic"}]}, "overlap"),
    ({"text": "abc", "entities": [BOLD, BOLD | {"type": "code"}]}, "can't be nested"),
    ({"text": "abc", "entities": [BOLD | {"type": "text_link", "url": "javascript:x"}]}, "needs a URL"),
    ({"text": "abc", "entities": "["}, "can't parse entities JSON object"),
    ({"text": "abc", "parse_mode": "HTML"}, "takes entities, not markup"),
    ({"text": "abc", "colour": "red"}, "has no parameter colour"),
    ({"text": "abc", "message_thread_id": 5}, "message thread not found"),
    ({"text": "abc", "reply_parameters": {"message_id": 9}}, "message to be replied not found"),
    ({"text": "abc", "reply_markup": {"inline_keyboard": [[{"text": "x"}]]}}, "text buttons are unallowed"),
    (
        {"text": "abc", "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "k" * 65}]]}},
        "BUTTON_DATA_INVALID",
    ),
    (
        {"text": "abc", "reply_markup": {"inline_keyboard": [[{"text": "x", "url": "nowhere"}]]}},
        "Wrong HTTP URL",
    ),
    ({"text": "abc", "chat_id": 1}, "chat not found"),
]


class TestMessages:
    @pytest.mark.parametrize(("given", "reason"), WRONG_MESSAGES, ids=lambda value: str(value)[:40])
    async def test_wrong_ones_are_refused(self, client: Client, chat: Chat, given: Answer, reason: str) -> None:
        refusal = await client.refusal("sendMessage", **({"chat_id": chat.id} | given))
        assert refusal.startswith("400 Bad Request: ")
        assert reason in refusal
        assert chat.said() == []

    async def test_right_one_is_shown(self, client: Client, chat: Chat) -> None:
        entities = [BOLD, BOLD | {"type": "italic"}]
        answer = await client.call("sendMessage", chat_id=chat.id, text="😀" * 2048, entities=entities)
        assert answer["result"]["message_id"] == chat.shown()[0].number
        assert chat.shown()[0].styled("bold") == ["😀"]

    async def test_topics(self, client: Client) -> None:
        forum = client.server.supergroup("Netzwerk", client.server.person("Anna"), forum=True)
        topic = forum.topic("Klima")
        where: Answer = {"chat_id": forum.id, "text": "x"}
        answer = await client.call("sendMessage", **where, message_thread_id=topic)
        assert answer["result"]["is_topic_message"]
        assert "thread not found" in await client.refusal("sendMessage", **where, message_thread_id=1)
        assert (await client.call("sendChatAction", chat_id=forum.id, action="typing", message_thread_id=1))["ok"]

    async def test_group_limit(self, client: Client) -> None:
        client.server.methods.group_limit = 1
        rat = client.server.group("Rat", client.server.person("Anna"))
        assert (await client.call("sendMessage", chat_id=rat.id, text="x"))["ok"]
        answer = await client.call("sendMessage", chat_id=rat.id, text="x")
        assert answer["error_code"] == 429
        assert 55 < answer["parameters"]["retry_after"] <= 60

    async def test_moved_group(self, client: Client) -> None:
        rat = client.server.group("Rat", client.server.person("Anna"))
        new = rat.migrates()
        answer = await client.call("sendMessage", chat_id=rat.id, text="x")
        assert answer["parameters"] == {"migrate_to_chat_id": new.id}


class TestPhotos:
    async def test_a_picture_alone_is_taken_as_one(self, client: Client, chat: Chat) -> None:
        address = f"{client.server.url}/bot{client.server.token}/sendPhoto"
        taken = []
        for content in (PIXELS, b"{}", b""):
            files = {"photo": ("tree.png", content)}
            answer = await client.http.post(address, data={"chat_id": str(chat.id), "caption": "Ein Baum"}, files=files)
            taken.append(str(answer.json().get("description", "taken")))
        assert taken == ["taken", "Bad Request: IMAGE_PROCESS_FAILED", "Bad Request: file must be non-empty"]
        assert await client.refusal("sendPhoto", chat_id=chat.id) == "400 Bad Request: there is no photo in the request"
        assert [message.json()["caption"] for message in chat.shown()] == ["Ein Baum"]


class TestAccess:
    async def test_unknown_method_and_tokens(self, client: Client) -> None:
        assert await client.refusal("flyToTheMoon") == "404 Not Found"
        assert await client.refusal("getMe", token="4200:other") == "401 Unauthorized"
        assert await client.refusal("getMe", token="nonsense") == "404 Not Found"
        assert (await client.call("getme"))["result"]["username"] == "allmende_bot"


class TestUpdates:
    async def test_offset_acknowledges(self, client: Client, chat: Chat) -> None:
        first = (await client.call("getUpdates"))["result"]
        again = (await client.call("getUpdates"))["result"]
        assert len(first) == 1
        assert again == first
        assert (await client.call("getUpdates", offset=first[0]["update_id"] + 1))["result"] == []

    async def test_long_poll_ends_with_news(self, client: Client, chat: Chat) -> None:
        number = (await client.call("getUpdates"))["result"][0]["update_id"]
        waiting = asyncio.create_task(client.call("getUpdates", offset=number + 1, timeout=50))
        await client.server.until(lambda: client.server.world.queue.acknowledged)
        client.server.world.people[chat.id].writes(None, "Und jetzt?")
        assert (await asyncio.wait_for(waiting, 30))["result"][0]["message"]["text"] == "Und jetzt?"

    async def test_second_poller_ends_the_first(self, client: Client) -> None:
        waiting = asyncio.create_task(client.refusal("getUpdates", timeout=50))
        await client.server.until(lambda: client.server.world.queue._poll == 1)
        await client.call("getUpdates")
        assert (await asyncio.wait_for(waiting, 30)).startswith("409 Conflict: terminated by other getUpdates")

    async def test_no_polling_beside_a_webhook(self, client: Client) -> None:
        await client.call("setWebhook", url="http://127.0.0.1:9/x")
        assert "webhook is active" in await client.refusal("getUpdates")

    async def test_kinds_that_are_not_wanted_are_not_told(self, client: Client, chat: Chat) -> None:
        await client.call("getUpdates", offset=2**31, allowed_updates=["callback_query"])
        client.server.world.people[chat.id].writes(None, "Hört mich wer?")
        assert (await client.call("getUpdates"))["result"] == []


class TestProcess:
    async def test_other_processes_move_people_too(self) -> None:
        command = (sys.executable, "-m", "tests.telegram_server")
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        try:
            line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
            url, token = (part.partition("=")[2] for part in line.split())
            async with httpx.AsyncClient() as http:
                anna = (await http.post(f"{url}/control/people", json={"name": "Anna"})).json()["person"]
                await http.post(f"{url}/control/writes", json={"person": anna, "text": "Was kostet das?"})
                updates = (await http.post(f"{url}/bot{token}/getUpdates")).json()["result"]
                await http.post(f"{url}/bot{token}/sendMessage", data={"chat_id": anna, "text": "Nichts."})
                sent = (await http.get(f"{url}/control/sent")).json()
        finally:
            process.kill()
            await process.wait()
        assert updates[0]["message"]["text"] == "Was kostet das?"
        assert [message["text"] for message in sent] == ["Nichts."]
