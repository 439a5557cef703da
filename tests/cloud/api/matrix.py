"""The isolation matrix: every operation as it is declared, asked for by everybody who must not get what it gives.

Nothing here names an operation. A request follows from its declaration: path, example, whether it takes a branch. A
parameter of a path that `GIVEN` does not know fails, so that a new one is thought about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.testing import AsyncTestClient

from cloud.app import API_PATH
from cloud.edge.operation import Area, Operation, Reach, Who, operation_of
from shared.kernel.permissions import Role
from shared.staff.rules import rights_in
from tests.cloud.api.conftest import World

Headers = Mapping[str, str]
TIMES = 4
NOT_SIGNED_IN = (401, "NOT_SIGNED_IN")
_PARAMETER = re.compile(r"\{(\w+):(\w+)\}")
_ID = re.compile(r"[0-9a-f-]{36}")
_NEW_EACH_TIME = re.compile(r'"(expires_at|number)":"[^"]*"')


@dataclass(frozen=True)
class Call:
    """A request of an operation."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Asked:
    """An operation with the handler that carries it out."""

    operation: Operation
    handler: HTTPRouteHandler

    @property
    def takes_branch(self) -> bool:
        """Whether its address may name a branch."""
        return "branch" in self.handler.parsed_fn_signature.parameters

    @property
    def names_something(self) -> bool:
        """Whether it is about one thing, which may be somebody else's."""
        body = self.operation.example.body or {}
        return "{" in self.operation.path or self.takes_branch or "branch_id" in body

    def call(self, ids: Callable[[str], UUID]) -> Call:
        """The request about what some ids name.

        Args:
            ids: the id that stands for a parameter.
        """
        path = _PARAMETER.sub(lambda found: str(ids(found[1])) if found[2] == "uuid" else "barra", self.operation.path)
        query = {name: str(value) for name, value in self.operation.example.query.items()}
        if self.takes_branch:
            query["branch"] = str(ids("branch_id"))
        body = None if self.operation.example.body is None else dict(self.operation.example.body)
        if body is not None and "branch_id" in body:
            body["branch_id"] = str(ids("branch_id"))
        return Call(self.operation.method, API_PATH + path, query, body)


@dataclass(frozen=True)
class Matrix:
    """Whom to ask, and who asks.

    Attributes:
        callers: foreign ones of other houses and branches, who may do all that they like in their own.
        strangers: who are nobody to the API, with what they are told.
        device: of the house.
        roles: people of the house, by role.
        keys: API keys of the house, by the one area that each reads.
    """

    client: AsyncTestClient[Litestar]
    counting: Callable[[], AbstractContextManager[Any]]
    world: World
    callers: Mapping[str, Headers]
    strangers: Mapping[str, Headers]
    device: Headers
    roles: Mapping[Role, Headers]
    keys: Mapping[Area, Headers]

    async def leaks(self, app: Litestar) -> list[str]:
        """Everything that somebody learns who must not, one sentence each."""
        found: list[str] = []
        for asked in all_asked(app):
            if asked.operation.who is Who.ANYONE:
                continue
            found += await self._of_strangers(asked)
            if asked.operation.who is Who.PERSON:
                found += await self._of_own_house(asked)
                found += [each for name in self.callers for each in await self._of_foreigners(asked, name)]
        return found

    async def _of_strangers(self, asked: Asked) -> list[str]:
        """Nobody, and whose token ended: they are told the same of everything."""
        call = asked.call(self._mine)
        found = []
        for name, headers in self.strangers.items():
            told = await self._told(call, headers)
            if told != NOT_SIGNED_IN:
                found.append(f"{asked.operation.name}: {name} is told {told}")
        return found

    async def _of_own_house(self, asked: Asked) -> list[str]:
        """A device, a key for something else, and people whose role lacks a right."""
        operation, call, found = asked.operation, asked.call(self._mine), []
        if (told := await self._told(call, self.device)) != (403, "PEOPLE_ONLY"):
            found.append(f"{operation.name}: a device is told {told}")
        key = next(headers for area, headers in self.keys.items() if area is not operation.area)
        if (told := await self._told(call, key)) != (403, "KEY_LACKS_SCOPE"):
            found.append(f"{operation.name}: a key of another scope is told {told}")
        for role, headers in self.roles.items():
            lacks = operation.rights - rights_in(role).permissions
            if lacks and (told := await self._told(call, headers)) != (403, "NOT_PERMITTED"):
                found.append(f"{operation.name}: {role} without {sorted(lacks)} is told {told}")
        return found

    async def _of_foreigners(self, asked: Asked, name: str) -> list[str]:
        """Somebody of another house or branch: what is not theirs is as if it were not there."""
        headers, operation = self.callers[name], asked.operation
        is_same_house = name == "other branch"
        if is_same_house and operation.reach is not Reach.BRANCH:
            return []
        found = []
        if asked.names_something:
            found += await self._compared(asked, name)
        if "{" not in operation.path and operation.method == "GET":
            answer = await self._send(Call("GET", API_PATH + operation.path, {}, None), headers)
            words = self.world.words[:1] if is_same_house else self.world.words[:2]
            found += [f"{operation.name}: {name}: {word} in the list" for word in words if f'"{word}"' in answer.text]
            ids = {str(key) for key in self.world.ids.values()}
            found += [f"{operation.name}: {name}: {key} in the list" for key in ids if key in answer.text]
        return found

    async def _compared(self, asked: Asked, name: str) -> list[str]:
        """In what what is foreign differs from what does not exist.

        What is kept in memory for less than a second may be read again between two requests, so a difference counts
        only if it is there each time.
        """
        found: list[str] = []
        for _time in range(TIMES):
            missing: dict[str, UUID] = {}
            mine = await self._seen(asked.call(self._mine), self.callers[name])
            call = asked.call(lambda key, missing=missing: missing.setdefault(key, uuid4()))  # type: ignore[misc]
            nothing = await self._seen(call, self.callers[name])
            found = [
                f"{asked.operation.name}: {name}: {what} of what is foreign: {one!r}, of nothing: {other!r}"
                for what, one, other in zip(("status", "body", "statements"), mine, nothing, strict=True)
                if one != other
            ]
            if not found:
                break
        return found

    async def _seen(self, call: Call, headers: Headers) -> tuple[int, str, list[str]]:
        """Status, body and statements of a request, without the ids that it names itself."""
        await self._send(call, headers)  # what is looked up for seconds is at hand afterwards
        with self.counting() as statements:
            answer = await self._send(call, headers)
        assert answer.status_code < 500, (call, answer.text)
        said = (call.path, *call.query.values(), (call.body or {}).get("branch_id", ""))
        text = answer.text
        for each in {key for part in said for key in _ID.findall(part)}:
            text = text.replace(each, "NAMED")
        return answer.status_code, _NEW_EACH_TIME.sub("", text), statements.seen

    async def _told(self, call: Call, headers: Headers) -> tuple[int, str]:
        answer = await self._send(call, headers)
        kind = answer.headers.get("content-type", "")
        return answer.status_code, answer.json().get("code", "") if kind.startswith("application/problem") else ""

    async def _send(self, call: Call, headers: Headers) -> Any:
        # Of one that each time is another: what is asked for again must not be answered from the first time.
        once = {} if call.body is None else {"idempotency-key": uuid4().hex}
        return await self.client.request(
            call.method, call.path, params=dict(call.query), json=call.body, headers={**headers, **once}
        )

    def _mine(self, parameter: str) -> UUID:
        """What stands for a parameter in the first branch of the house."""
        return self.world.given[parameter]


def all_asked(app: Litestar) -> Iterator[Asked]:
    """Every operation that an app has."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if (declared := operation_of(handler)) is not None:
                yield Asked(declared, handler)
