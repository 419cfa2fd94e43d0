"""One tenant of the fifth city: set up at the command line, then used over HTTP alone."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.fifth_city.machine import Machine

UNITS = """code,name,parent,offices,valid_from
road-office,市道路办,,,2025-01-01
duty-room,值班室,road-office,duty-room,2025-01-01
crew-one,抢险一队,road-office,,2025-01-01
crew-two,抢险二队,road-office,,2025-01-01
"""
CASES = "cases:read,cases:write"
ADMINISTRATION = (
    "settings:read,settings:write,calendar:read,calendar:write,organisation:read,rulebook:read,calculations:read"
)
CLIENTS = {
    "admin": (
        "--roles=tenant-administrator",
        f"--scopes={ADMINISTRATION}",
    ),
    "desk": ("--roles=intake-clerk,dispatcher", f"--scopes={CASES}"),
    "crew-one": ("--roles=unit-officer", f"--scopes={CASES}", "--unit=crew-one"),
    "crew-two": ("--roles=unit-officer", f"--scopes={CASES}", "--unit=crew-two"),
}


@dataclass
class Tenancy:
    """The tenant's clients with their credentials, and a connection to the service."""

    slug: str
    credentials: dict[str, tuple[str, str]]
    http: httpx.Client
    tokens: dict[str, str] = field(default_factory=dict)

    @classmethod
    def create(cls, machine: Machine, slug: str, http: httpx.Client, clients: tuple[str, ...]) -> Tenancy:
        """The tenant with its units and some of the clients, as an operator makes them."""
        machine.run("wenze", "tenant", "create", slug, "--jurisdiction=yunqi", "--name-zh=云栖市", f"--name-en={slug}")
        units: Path = machine.folder / "units.csv"
        units.write_text(UNITS, encoding="utf-8")
        machine.run("wenze", "unit", "import", slug, units)
        made = {
            name: json.loads(machine.run("wenze", "client", "create", slug, name, *CLIENTS[name], "--json"))
            for name in clients
        }
        return cls(slug, {name: (told["client_id"], told["client_secret"]) for name, told in made.items()}, http)

    @property
    def unit_ids(self) -> dict[str, str]:
        """The units' ids by their codes."""
        return {unit["code"]: unit["id"] for unit in self.get("admin", "/units").json()["items"]}

    def token(self, who: str) -> str:
        """An access token of a client, asked for once."""
        if who not in self.tokens:
            form = {"grant_type": "client_credentials"}
            answer = self.http.post(f"/t/{self.slug}/oauth/token", data=form, auth=self.credentials[who])
            self.tokens[who] = answer.raise_for_status().json()["access_token"]
        return self.tokens[who]

    def get(self, who: str, path: str) -> httpx.Response:
        """Reads as one of the clients."""
        return self.http.get(f"/t/{self.slug}/v1{path}", headers=self._headers(who))

    def post(self, who: str, path: str, body: Any, **headers: str) -> httpx.Response:
        """Asks for something as one of the clients."""
        told = self._headers(who) | {"Idempotency-Key": str(uuid4())} | headers
        return self.http.post(f"/t/{self.slug}/v1{path}", json=body, headers=told)

    def put(self, who: str, path: str, body: Any) -> httpx.Response:
        """Changes what stands there now, as one of the clients."""
        tag = self.get(who, path).headers["etag"]
        return self.http.put(f"/t/{self.slug}/v1{path}", json=body, headers=self._headers(who) | {"If-Match": tag})

    def register(self, received_at: str, **facts: Any) -> Hazard:
        """A hazard, registered."""
        words = {"kind": "hazard", "channel": "patrol", "title": "险情", "narrative": "路面出现险情。"}
        answer = self.post("desk", "/cases", words | {"received_at": received_at, "received_reason": "补登"} | facts)
        assert answer.status_code == 201, answer.text
        return Hazard(self, answer)

    def _headers(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(who)}", "Accept-Language": "en"}


class Hazard:
    """One case, as its last answer told it."""

    def __init__(self, tenancy: Tenancy, answer: httpx.Response) -> None:
        self.tenancy = tenancy
        self._learn(answer)

    def _learn(self, answer: httpx.Response) -> None:
        self.case: dict[str, Any] = answer.json()
        self.tag = answer.headers["etag"]

    def ask(self, who: str, step: str, at: str, **body: Any) -> httpx.Response:
        """Asks for a step; what comes of it is not looked at."""
        path = f"/cases/{self.case['id']}/steps/hazard/{step}"
        return self.tenancy.post(who, path, {"occurred_at": at} | body, **{"If-Match": self.tag})

    def take(self, who: str, step: str, at: str, **body: Any) -> Hazard:
        """Takes a step, which must succeed."""
        answer = self.ask(who, step, at, **body)
        assert answer.is_success, answer.text
        self._learn(answer)
        return self

    def deadlines(self, key: str) -> list[dict[str, Any]]:
        """The case's deadlines of one key."""
        return [item for item in self.case["deadlines"] if item["key"] == key]

    def due(self, key: str) -> tuple[str, str, str]:
        """The last day, the first instant that is too late, and the state of the one deadline of that key."""
        (found,) = self.deadlines(key)
        return found["due_on"], found["due_at"], found["state"]
