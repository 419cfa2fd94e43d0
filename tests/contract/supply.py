"""Gives a request what it needs of a real tenant: cases in the state of a step, units, people, and fresh entity tags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import msgspec

from api.routes import all_operations
from core.cases.bodies import make_registration_body, make_step_body
from core.jurisdictions import Jurisdiction
from tests.contract.ways import Body, Way, find_ways

_SINGLE = frozenset({"/calendar", "/sandbox/clock"})
"""Of which a tenant has one; every change of the configuration gives it another entity tag."""
_SINCE, _BASIS = "2026-01-01", "合同测试"


@dataclass(frozen=True)
class Target:
    """What a path points to: the ids in it and the entity tag that a change must name."""

    ids: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""


class Supply:
    """Makes things through the API itself, as a client that may everything. A thing is used until a request changes it."""

    def __init__(self, client: httpx.Client, city: Jurisdiction, units: Mapping[str, str], own: str) -> None:
        self._client, self._city, self._units, self._own = client, city, units, own
        self._ways = find_ways(city, own)
        self._registration = next(iter(self._ways.values())).registration
        self._kept: dict[str, list[Target]] = defaultdict(list)
        self._settings = _examples_of("recordSetting", city)
        self.receipt = ""

    def target(self, path: str) -> Target:
        """What the documented path is to point to."""
        if path in _SINGLE:
            return Target(etag=self._client.get(path).headers["etag"])
        if not self._kept[path]:
            self._kept[path].append(self._make(path))
        return self._kept[path][-1]

    def spend(self, path: str) -> None:
        """The target of that path was changed; the next request gets another."""
        self._kept[path].clear()

    def settle(self, setting: Body) -> None:
        """Puts a figure that stops the city's work (office hours, where there are none) back to the one of the document."""
        usual = next((body for body in self._settings.values() if body["key"] == setting["key"]), None)
        if usual is not None:
            self._post("/settings", usual | {"effective_from": setting["effective_from"]})

    def way_of(self, path: str) -> Way | None:
        """The way to the step that a path takes; ``None`` for other paths."""
        parts = path.split("/")
        return self._ways.get((parts[4], parts[5])) if "/steps/" in path and len(parts) == 6 else None

    def body_of(self, way: Way) -> Body:
        """The body by which the step was taken on paper, with the tenant's own units."""
        return self._typed(way.body, self._step_type(way.kind, way.step))

    def unit(self) -> str:
        """A unit of the tenant that is never changed: the client's own."""
        return self._units[self._own]

    def legal_now(self) -> str:
        """The tenant's legal time."""
        now: str = self._client.get("/sandbox/clock").json()["now"]
        return now

    def _make(self, path: str) -> Target:
        way = self.way_of(path)
        if way is not None:
            return self._follow(way)
        if path.startswith("/cases/{case_id}"):
            return self._register(self._registration)
        if path.startswith("/units/{unit_id}"):
            return self._new_unit()
        if path.startswith("/people/{person_id}"):
            return self._new_person()
        return Target()

    def _follow(self, way: Way) -> Target:
        case = self._register(way.registration)
        for step, body in way.steps:
            typed = self._typed(body, self._step_type(way.kind, step))
            answer = self._post(f"/cases/{case.ids['case_id']}/steps/{way.kind}/{step}", typed, case.etag)
            case = Target(case.ids, answer.headers["etag"])
        return case

    def _register(self, body: Body) -> Target:
        answer = self._post("/cases", self._typed(body, make_registration_body(self._city.kind(body["kind"]))))
        self.receipt = answer.json()["receipt"] or self.receipt
        return Target({"case_id": answer.json()["id"]}, answer.headers["etag"])

    def _new_unit(self) -> Target:
        code = f"contract-{uuid4().hex[:12]}"
        answer = self._post("/units", {"code": code, "name": code, "valid_from": _SINCE, "basis": _BASIS})
        return Target({"unit_id": answer.json()["id"]}, answer.headers["etag"])

    def _new_person(self) -> Target:
        post = {"unit_id": self.unit(), "title": "科员", "valid_from": _SINCE}
        role = {"role": "auditor", "valid_from": _SINCE}
        answer = self._post("/people", {"name": "合同", "kind": "human", "posts": [post], "roles": [role]})
        person = answer.json()
        ids = {"person_id": person["id"], "post_id": person["posts"][0]["id"], "grant_id": person["roles"][0]["id"]}
        return Target(ids, answer.headers["etag"])

    def _post(self, path: str, body: Any, etag: str | None = None) -> httpx.Response:
        headers = {"idempotency-key": str(uuid4()), **({"if-match": etag} if etag else {})}
        answer = self._client.post(path, json=body, headers=headers)
        if not answer.is_success:
            raise AssertionError(f"POST {path}: {answer.status_code} {answer.text}")
        return answer

    def _step_type(self, kind: str, key: str) -> Any:
        step = self._city.kind(kind).step(key)
        assert step is not None, f"{kind} has no step {key}"
        return make_step_body(self._city.kind(kind), step)

    def _typed(self, body: Body, type_: Any) -> Body:
        """A body of a story, whose scalars are text, as JSON of its type."""
        typed = msgspec.convert(self._with_units(body), type_, strict=False)
        plain: Body = msgspec.json.decode(msgspec.json.encode(typed))
        return plain

    def _with_units(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._with_units(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._with_units(item) for item in value]
        return self._units[value[1:]] if isinstance(value, str) and value.startswith("@") else value


def _examples_of(id_: str, city: Jurisdiction) -> Mapping[str, Any]:
    operation = next(operation for operation in all_operations() if operation.id == id_)
    return operation.examples(city) if operation.examples else {}
