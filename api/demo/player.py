"""Plays a city's story over HTTP and holds every act to what the regulation says must come of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

import httpx
import msgspec

from api.demo.cast import Cast
from api.demo.client import TenantClient
from api.demo.code_flow import CodeFlow
from core.cases.bodies import make_registration_body, make_step_body
from core.law.zone import find_zone
from core.procedure import Role
from core.story import DEADLINE, Act, ExpectedDeadline


@dataclass(slots=True)
class Performed:
    """What came of an act: the answer, what the case's deadlines are explained by, and where it fell short."""

    act: Act
    at: datetime
    status: int
    answer: dict[str, Any]
    explanations: dict[str, dict[str, Any]] = field(default_factory=dict)
    shortfalls: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Matter:
    id: str
    kind: str
    etag: str
    known_deadlines: set[str] = field(default_factory=set)
    deadlines: dict[str, str] = field(default_factory=dict)
    """The id of its first deadline of each key."""


class Player:
    """One city's story on one running service; who is signed in acts by their front-end, everybody else by a client."""

    def __init__(self, cast: Cast, http: httpx.Client, signed_in: Mapping[str, CodeFlow] = MappingProxyType({})) -> None:
        self.cast = cast
        self._client = TenantClient(http, cast.tenant.slug, cast.clients, signed_in)
        self._matters: dict[str, _Matter] = {}
        self._zone = find_zone(cast.city.manifest.zone)
        self._now = cast.city.story.opens_at
        story = cast.city.story
        self._administrator = next(item.key for item in story.people if Role.TENANT_ADMINISTRATOR in item.roles)

    def play(self) -> Iterator[Performed]:
        """Every act, in order, as it is done."""
        self._client.move_clock(self._administrator, self.cast.city.story.opens_at)
        for scene in self.cast.city.story.scenes:
            for act in scene.acts:
                yield self._perform(act)

    def _perform(self, act: Act) -> Performed:
        if act.at is not None and act.at > self._now:
            self._client.move_clock(self._administrator, act.at)
            self._now = act.at
        if act.case not in self._matters and act.kind is None:
            missing = f"there is no case {act.case}: its registration was refused"
            return Performed(act, self._now.astimezone(self._zone), httpx.codes.NOT_FOUND, {}, shortfalls=[missing])
        answer = self._register(act) if act.case not in self._matters else self._step(act)
        done = Performed(act, self._now.astimezone(self._zone), answer.status_code, answer.json())
        if answer.is_success:
            self._remember(act, answer)
            done.explanations = self._new_explanations(act)
        done.shortfalls = self._shortfalls(act, done)
        return done

    def _register(self, act: Act) -> httpx.Response:
        kind = self.cast.city.kind(act.kind or "")
        body = self._typed(act.body | {"kind": kind.key}, make_registration_body(kind))
        return self._client.post(act.who, "/cases", body)

    def _step(self, act: Act) -> httpx.Response:
        matter = self._matters[act.case]
        kind = self.cast.city.kind(matter.kind)
        step = kind.step(act.does)
        body: Any = self._typed(act.body, make_step_body(kind, step), matter.deadlines) if step else {}
        return self._client.post(act.who, f"/cases/{matter.id}/steps/{kind.key}/{act.does}", body, matter.etag)

    def _typed(
        self, body: dict[str, Any], type_: type[msgspec.Struct], deadlines: Mapping[str, str] = MappingProxyType({})
    ) -> msgspec.Struct:
        """The body with ids for units and deadlines; a story's scalars are text and get their meaning from the type."""
        return msgspec.convert(self._with_ids(body, deadlines), type_, strict=False)

    def _with_ids(self, value: Any, deadlines: Mapping[str, str]) -> Any:
        if isinstance(value, dict):
            return {name: self._with_ids(item, deadlines) for name, item in value.items()}
        if isinstance(value, list):
            return [self._with_ids(item, deadlines) for item in value]
        if isinstance(value, str) and value.startswith(DEADLINE):
            return deadlines[value.removeprefix(DEADLINE)]
        if isinstance(value, str) and value.startswith("@"):
            return str(self.cast.units[value[1:]])
        return value

    def _remember(self, act: Act, answer: httpx.Response) -> None:
        case = answer.json()
        matter = self._matters.setdefault(act.case, _Matter(case["id"], case["kind"], ""))
        matter.etag = answer.headers["etag"]
        matter.deadlines = {item["key"]: item["id"] for item in reversed(case["deadlines"])}

    def _new_explanations(self, act: Act) -> dict[str, dict[str, Any]]:
        matter = self._matters[act.case]
        reader = next(item.key for item in self.cast.city.story.people if Role.UNIT_OFFICER not in item.roles)
        items = self._client.get(reader, f"/cases/{matter.id}/deadlines").raise_for_status().json()["items"]
        fresh = {item["id"]: item["explanation"] for item in items if item["id"] not in matter.known_deadlines}
        matter.known_deadlines |= fresh.keys()
        return fresh

    def _shortfalls(self, act: Act, done: Performed) -> list[str]:
        wanted = act.expect
        if wanted.refused_by:
            refused = done.answer.get("clause")
            told = f"expected a refusal under {wanted.refused_by}, got {done.status} {refused or ''}"
            return [] if done.status >= httpx.codes.BAD_REQUEST and refused == wanted.refused_by else [told]
        if done.status >= httpx.codes.BAD_REQUEST:
            return [f"refused: {done.answer.get('detail')}"]
        found = []
        if wanted.state not in {None, done.answer["state"]}:
            found.append(f"expected state {wanted.state}, got {done.answer['state']}")
        if wanted.overdue not in {None, done.answer["overdue"]}:
            found.append(f"expected overdue {wanted.overdue}, got {done.answer['overdue']}")
        return found + [self._miss(item) for item in wanted.deadlines if not self._stands(item, done.answer)]

    def _stands(self, wanted: ExpectedDeadline, case: dict[str, Any]) -> bool:
        unit = str(self.cast.units[wanted.unit]) if wanted.unit else None
        row = (wanted.key, wanted.clause, wanted.due_on.isoformat(), wanted.state)
        return any(
            (item["key"], item["clause"], item["due_on"], item["state"]) == row and unit in {None, item["holder_unit_id"]}
            for item in case["deadlines"]
        )

    def _miss(self, wanted: ExpectedDeadline) -> str:
        return f"expected deadline {wanted.key} by {wanted.clause}, due {wanted.due_on}, {wanted.state}"
