"""Sending everything that the description of the API allows, and what it does not, with everybody's token.

Cases are drawn by schemathesis from the description itself, so new operations are part of it by themselves. Where an
address names something, half of the cases name what is there: as the lists of the API tell it to an administrator.
"""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import requests
import schemathesis
from anyio.from_thread import BlockingPortal
from httpx import ASGITransport, AsyncClient, Response
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok

from hub.api.app import description
from hub.app import create_app
from hub.security.programs import API
from hub.services import HubServices
from knowledge.access.keys import load_key
from knowledge.access.passwords import Passwords
from knowledge.access.sessions import Sessions
from knowledge.kit.database import Database
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.owner import IndexOwner
from knowledge.operations.migrating import migrate
from knowledge.tokens.scopes import FOR_SERVICES, RIGHT_NEEDED, TokenScope
from knowledge.tokens.service import Tokens, TokenWish
from tests.hub.browser.stage import Stage

ADDRESS = "http://hub.test"
NOBODY, SERVICE = "nobody", "service"
ROLES = ("member", "moderator", "publisher", "administrator")
CALLERS = (NOBODY, *ROLES, SERVICE)
_PARAMETER = re.compile(r"{(\w+)}")
# What every answer has to hold, and what answers to wrong requests have to hold beside it.
ALWAYS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
WRONG = (*ALWAYS, "negative_data_rejection")


@dataclass(frozen=True, slots=True)
class Sweep:
    """How much is sent: cases of each operation that are as described, and that are not."""

    right: int = 3
    wrong: int = 2
    start: int = 20261122
    # Whether everybody sends each case; else the first right one of each operation, and of the others only some.
    by_all: bool = True


@dataclass(slots=True)
class Swept:
    """What was sent: how often each status came, by operation and caller."""

    statuses: dict[str, dict[str, set[int]]] = field(default_factory=dict)
    # What is wrong, once for each operation and kind of failure.
    failures: dict[str, str] = field(default_factory=dict)
    requests: int = 0

    def note(self, operation: str, caller: str, status: int) -> None:
        """Count an answer."""
        self.requests += 1
        self.statuses.setdefault(operation, {}).setdefault(caller, set()).add(status)


class Target:
    """A hub with something of everything in it, in a loop of its own; made in it.

    Args:
        client: asks it.
        tokens: everybody's, by name; empty for nobody.
        owner: its indexes.
        database: its database.
    """

    def __init__(self, client: AsyncClient, tokens: dict[str, str], owner: IndexOwner, database: Database) -> None:
        self._client = client
        self._tokens = tokens
        self._owner = owner
        self._database = database

    @classmethod
    async def open(cls, settings: Settings) -> "Target":
        """Fill a migrated database and put the hub before it."""
        quiet = replace(
            settings,
            embedding=settings.embedding.model_copy(update={"embedding_model": "none"}),
            hub=settings.hub.model_copy(update={"hub_api_rate": 1_000_000, "hub_api_open_rate": 1_000_000}),
        )
        database, stage = Database(settings.database_url), Stage(key_path=quiet.hub_key_path)
        load_key(quiet.hub_key_path)
        await migrate(database)
        await stage.build(database)
        owner = await IndexOwner.open(quiet, database, lambda _said: None)
        await owner.follow_words()
        services = HubServices(
            database, quiet, AnswerService(database, owner, quiet.answers), Passwords(memory_kib=8, rounds=1)
        )
        client = AsyncClient(transport=ASGITransport(create_app(services)), base_url=ADDRESS)
        return cls(client, await _tokens(database, stage), owner, database)

    async def close(self) -> None:
        """End it."""
        await self._client.aclose()
        await self._owner.close()
        await self._database.close()

    async def ask(self, method: str, url: str, caller: str, **sent: Any) -> Response:
        """Send a request with somebody's token."""
        headers = dict(sent.pop("headers", {}))
        headers.pop("Authorization", None)
        if caller != NOBODY:
            headers["Authorization"] = f"Bearer {self._tokens[caller]}"
        return await self._client.request(method, url, headers=headers, **sent)


async def _tokens(database: Database, stage: Stage) -> dict[str, str]:
    made = {}
    async with unit_of_work(database) as unit:
        tokens, sessions = Tokens(unit.session), Sessions(unit.session)
        for role in ROLES:
            opened = await sessions.open(stage.members[role], second_factor=True)
            presence = await sessions.find(opened.token)
            assert presence is not None
            assert presence.visitor is not None
            person = presence.visitor
            scopes = [scope for scope in TokenScope if scope not in RIGHT_NEEDED or person.may(RIGHT_NEEDED[scope])]
            made[role] = (await tokens.make_own(TokenWish(name="Sweep", scopes=scopes), by=person)).secret
        wish = TokenWish(name="Sweep", scopes=FOR_SERVICES, organisation="kleinow")
        made[SERVICE] = (await tokens.make_for_service(wish, by=None)).secret
    return made


def sweep(portal: BlockingPortal, target: Target, wanted: Sweep) -> Swept:
    """Send what is wanted, and return what came of it."""
    schema = schemathesis.openapi.from_dict(_without_tokens(description()))
    swept = Swept()
    for operation in _in_order(schema):
        known = _known_things(portal, target, operation.path)
        for mode, checks, count in (
            (GenerationMode.POSITIVE, ALWAYS, wanted.right),
            (GenerationMode.NEGATIVE, WRONG, wanted.wrong),
        ):
            _send_cases(operation, mode, count, _Sender(portal, target, swept, known, checks, wanted))
    return swept


def _in_order(schema: Any) -> list[Any]:
    """Return all operations, those first that leave things as they are, and those last that take things away."""
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    found.sort(key=lambda operation: operation.path, reverse=True)
    rank = {"get": 0, "delete": 2}
    return sorted(found, key=lambda one: 2 if "suspension" in one.path else rank.get(one.method, 1))


def _without_tokens(described: dict[str, Any]) -> dict[str, Any]:
    """Return a description that says nothing of tokens: those are everybody's here, whatever is drawn."""
    copied = copy.deepcopy(described)
    for operations in copied["paths"].values():
        for operation in operations.values():
            operation.pop("security")
    return copied


@dataclass(frozen=True, slots=True)
class _Sender:
    portal: BlockingPortal
    target: Target
    swept: Swept
    known: list[dict[str, str]]
    checks: tuple[str, ...]
    wanted: Sweep

    def _callers(self, label: str) -> Sequence[str]:
        if self.wanted.by_all or label not in self.swept.statuses:
            return CALLERS
        return NOBODY, CALLERS[1 + self.swept.requests % (len(CALLERS) - 1)]

    def send(self, case: Any) -> None:
        """Send a case by everybody, and check each answer."""
        prepared = requests.Request(**case.as_transport_kwargs(base_url=ADDRESS + API)).prepare()
        assert prepared.method is not None
        assert prepared.url is not None
        headers = {name: value for name, value in prepared.headers.items() if name.lower() != "content-length"}
        for caller in self._callers(case.operation.label):
            response = self.portal.call(
                partial(self._ask, prepared.method, prepared.url, caller, prepared.body, headers)
            )
            self.swept.note(case.operation.label, caller, response.status_code)
            try:
                case.validate_response(response, checks=list(CHECKS.get_by_names(self.checks)))
            except FailureGroup as group:
                for failure in group.exceptions:
                    key = f"{case.operation.label}, {response.status_code}: {failure.title}"
                    self.swept.failures.setdefault(key, f"{caller}: {group}")

    async def _ask(self, method: str, url: str, caller: str, body: Any, headers: Mapping[str, Any]) -> Response:
        return await self.target.ask(method, url, caller, content=body, headers=headers)


def _send_cases(operation: Any, mode: GenerationMode, count: int, sender: _Sender) -> None:
    """Draw cases of one operation and send them; nothing where nothing about it can be wrong."""
    try:
        cases = operation.as_strategy(generation_mode=mode)
        if mode is GenerationMode.POSITIVE and sender.known:
            # So that changes of what is there come about, too.
            any_state = {"If-Match": "*"} if "If-Match" in _headers_of(operation) else None
            there = st.sampled_from(sender.known).flatmap(
                lambda named: operation.as_strategy(generation_mode=mode, path_parameters=named, headers=any_state)
            )
            cases = st.one_of(there, there, cases)
    except schemathesis.errors.SchemathesisError:
        return

    @seed(sender.wanted.start)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def send(case: Any) -> None:
        sender.send(case)

    send()


def _headers_of(operation: Any) -> set[str]:
    return {
        parameter["name"] for parameter in operation.definition.raw.get("parameters", ()) if parameter["in"] == "header"
    }


def _known_things(portal: BlockingPortal, target: Target, path: str) -> list[dict[str, str]]:
    """Return values for the parameters of a path that name what is there."""
    names = _PARAMETER.findall(path)
    if not names:
        return []
    before = path.partition(f"/{{{names[0]}}}")[0]
    found: dict[str, None] = {}
    for caller in ("administrator", "member"):
        listed = portal.call(_ask_list, target, f"{ADDRESS}{API}{before}", caller)
        found |= dict.fromkeys(_identifiers(listed, names[0]))
    rest = dict.fromkeys(names[1:], "1")
    return [{names[0]: value, **rest} for value in list(found)[:12]]


async def _ask_list(target: Target, url: str, caller: str) -> Response:
    return await target.ask("GET", url, caller, params={"limit": "12"})


def _identifiers(listed: Response, name: str) -> Iterator[str]:
    if listed.status_code != 200:
        return
    body = listed.json()
    for item in body.get("items", ()) if isinstance(body, dict) else ():
        value = item.get(name) or item.get("id")
        if isinstance(value, str):
            yield value


def hub_settings(settings: Settings, folder: Path) -> Settings:
    """Return settings with a data folder of their own."""
    storage = settings.storage.model_copy(update={"data_dir": folder})
    return replace(settings, storage=storage)
