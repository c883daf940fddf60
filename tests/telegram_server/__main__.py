"""The stand-in as a process of its own: ``python -m tests.telegram_server --port 8081``.

What tests do by its Python objects, other processes do by these addresses (JSON in, JSON out):

- ``POST /control/people`` ``{"name", "language", "username"}`` → ``{"person"}``
- ``POST /control/chats`` ``{"kind": "group" | "supergroup", "title", "members": [person, …], "forum"}`` → ``{"chat"}``
- ``POST /control/writes`` ``{"person", "chat" (none: the direct chat), "text", "topic", "reply_to"}`` → ``{"event"}``
- ``POST /control/presses`` ``{"person", "chat", "message", "label"}``
- ``POST /control/network`` ``{"cut": true | false}``
- ``GET /control/sent?from=N`` → what the bot sent from the N-th message on, as the Bot API shows it
"""

import argparse
import threading
from typing import Any

from aiohttp import web

from tests.telegram_server.server import TelegramServer


class Control:
    """The addresses by which other processes move people and look at what was sent."""

    def __init__(self, server: TelegramServer) -> None:
        self.server = server
        self.world = server.world

    @property
    def routes(self) -> list[web.RouteDef]:
        """All of the addresses."""
        posts = {"people": self.people, "chats": self.chats, "writes": self.writes}
        posts |= {"presses": self.presses, "network": self.network}
        return [web.post(f"/control/{name}", deed) for name, deed in posts.items()] + [
            web.get("/control/sent", self.sent)
        ]

    async def people(self, request: web.Request) -> web.Response:
        wishes: dict[str, Any] = await request.json()
        return web.json_response({"person": self.world.person(wishes.pop("name"), **wishes).id})

    async def chats(self, request: web.Request) -> web.Response:
        wishes: dict[str, Any] = await request.json()
        members = [self.world.people[number] for number in wishes.get("members", [])]
        if wishes["kind"] == "group":
            return web.json_response({"chat": self.world.group(wishes["title"], *members).id})
        chat = self.world.supergroup(wishes["title"], *members, forum=bool(wishes.get("forum")))
        return web.json_response({"chat": chat.id})

    async def writes(self, request: web.Request) -> web.Response:
        wishes: dict[str, Any] = await request.json()
        chat = self.world.chats[wishes["chat"]] if wishes.get("chat") else None
        replied = chat.messages.get(wishes["reply_to"]) if chat is not None and wishes.get("reply_to") else None
        person = self.world.people[wishes["person"]]
        message = person.writes(chat, wishes["text"], topic=wishes.get("topic"), reply_to=replied)
        return web.json_response({"event": message.event})

    async def presses(self, request: web.Request) -> web.Response:
        wishes: dict[str, Any] = await request.json()
        message = self.world.chats[wishes["chat"]].messages[wishes["message"]]
        return web.json_response({"press": self.world.people[wishes["person"]].presses(message, wishes["label"])})

    async def network(self, request: web.Request) -> web.Response:
        wishes: dict[str, Any] = await request.json()
        (self.server.cut_network if wishes["cut"] else self.server.mend_network)()
        return web.json_response({})

    async def sent(self, request: web.Request) -> web.Response:
        first = int(request.query.get("from", 0))
        return web.json_response([message.json() for message in self.world.sent[first:]])


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.telegram_server")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--hears-all", action="store_true", help="privacy mode off")
    wishes = parser.parse_args()
    server = TelegramServer(port=wishes.port, privacy_mode=not wishes.hears_all)
    server.extra_routes = Control(server).routes
    with server:
        print(f"ALLMENDE_TELEGRAM_API_URL={server.url} ALLMENDE_TELEGRAM_TOKEN={server.token}", flush=True)  # noqa: T201
        threading.Event().wait()


if __name__ == "__main__":
    main()
