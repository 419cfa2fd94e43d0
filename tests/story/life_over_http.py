"""A case's life driven at random through the served API, against the naive model that the pure stages answer to as well."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

import httpx
import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from api.demo.cast import Cast
from api.demo.client import TenantClient
from core.errors import WenzeError
from core.jurisdictions import Jurisdiction
from core.law.citation import Citation
from core.law.instrument import Term
from core.procedure import Role, Verb
from core.store.actor import OPERATOR
from core.tenants.category_commands import NewCategory
from core.tenants.commands import GrantableRole, NewGrant, NewUnit
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.categories import register_category
from core.tenants.service.clients import NewClient, register_client
from core.tenants.service.directory import NewTenant, create_tenant
from core.tenants.service.people import grant_role
from core.tenants.service.settings import record_setting
from core.tenants.service.units import register_unit
from core.tenants.snapshot import Snapshots
from tests.story.house import House, Place
from tests.story.stored import assert_stored_as_told
from tests.support.case_model import Actor, local_day
from tests.support.life_machine import CHILDREN, OBJECTS, OUTSIDERS, UNITS, LifeMachine

OFFICE = uuid4()
"""The model's name of the unit that fills every office."""
_SINCE = date(2005, 1, 1)
"""Before any receipt that a life tells of, so that no unit or role is missing on its day."""
_AHEAD = timedelta(minutes=10)
"""How far 'in the future' is: the service's clock runs on while the machine's stands still."""
_NOT_SEEN = {"cases.not-your-unit", "cases.role-missing"}
"""What the model says where the service answers that there is no such case, or refuses the role at the door."""


class Problem(WenzeError):
    """A problem that the service answered, with its text."""

    def __init__(self, answer: httpx.Response) -> None:
        body = answer.json()
        super().__init__(body["code"], field=body.get("field"), clause=body.get("clause"))
        self.status, self.detail = answer.status_code, body["detail"]


class LifeOverHttp(LifeMachine):
    """The machine over a running service: a tenant, people and tokens for each life."""

    house: ClassVar[House]
    city: ClassVar[str]

    def open_tenant(self, now: datetime, terms: Mapping[str, Term]) -> None:
        self.place, self.view, self.etag, self.last_code = self._open(terms), None, "", ""
        self.receipt: str | None = None
        self.last_sent: tuple[str, str, dict[str, Any], str | None, str] | None = None
        self.people: dict[Actor, str] = {}
        self.hired: Counter[str] = Counter()
        self.place.hire(self.place.administrator, Role.TENANT_ADMINISTRATOR)
        self.place.hire("observer", self.kind.registration.by[0])
        self.move_clock(now)

    def _open(self, terms: Mapping[str, Term]) -> Place:
        place = self.house.run(open_bare, self.house, self.city, self.offices, terms)
        names = {str(name): str(id_) for name, id_ in zip((*UNITS, OFFICE), place.cast.units.values(), strict=True)}
        self.outward, self.inward = names, {real: name for name, real in names.items()}
        return place

    def move_clock(self, now: datetime) -> None:
        self.place.move(now)

    def do_register(self, who: Actor, body: dict[str, Any]) -> None:
        answer = self._send(who, "/cases", {"received_at": self.now.isoformat()} | body, None)
        self.receipt = answer.json()["receipt"]

    def do_step(self, who: Actor, key: str, body: dict[str, Any]) -> None:
        said = {"occurred_at": self.now.isoformat()} | body
        if datetime.fromisoformat(said["occurred_at"]) > self.now:
            said["occurred_at"] = (self.now + _AHEAD).isoformat()
        self._send(who, self._path(key), said, self.etag)

    def _path(self, key: str) -> str:
        assert self.view is not None
        return f"/cases/{self.view['id']}/steps/{self.kind.key}/{key}"

    def _send(self, who: Actor, path: str, body: dict[str, Any], etag: str | None) -> httpx.Response:
        """Sends it under a new key; raises :class:`Problem`, else takes the answer for what the case is now."""
        self.last_code, said = "", translate(body, self.outward)
        sent = (self._person(who), path, said, etag, secrets.token_hex(8))
        answer = self.place.client.post(*sent[:4], key=sent[4])
        if not answer.is_success:
            problem = Problem(answer)
            self.last_code = problem.code
            raise problem
        self.view, self.etag, self.last_sent = answer.json(), answer.headers["etag"], sent
        self.view.pop("receipt", None)
        return answer

    def end_parts(self) -> None:
        step = next(item for item in self.kind.steps if item.verb is Verb.WITHDRAW)
        for part in self._parts():
            etag, who = f'"{part["version"]}"', Actor(frozenset({step.by[0]}))
            path, said = f"/cases/{part['id']}/steps/{self.kind.key}/{step.key}", {"reason": "撤回"}
            self.place.client.post(self._person(who), path, said, etag).raise_for_status()

    def _parts(self) -> list[dict[str, Any]]:
        """The cases into which it was split."""
        if self.view is None or not any(step.verb is Verb.SPLIT for step in self.kind.steps):
            return []
        listed = self.place.read("observer", f"/cases/{self.view['id']}/parts")["items"]
        return [self.place.read("observer", f"/cases/{item['id']}") for item in listed]

    def pending_ids(self) -> list[str]:
        assert self.view is not None
        return [item["id"] for item in self.view["requests"]]

    def deadline_ids(self) -> list[str]:
        assert self.view is not None
        return [item["id"] for item in self.view["deadlines"]]

    def city_objected(self) -> bool:
        return self.last_code == OBJECTS

    def state_of_things(self) -> object:
        return self._read(), {name: number - self.hired[name] for name, number in self.place.counts().items()}

    def _read(self) -> tuple[Any, str]:
        if self.view is None:
            return None, ""
        answer = self.place.get("observer", f"/cases/{self.view['id']}").raise_for_status()
        return answer.json(), answer.headers["etag"]

    def check_refusal(self, error: WenzeError, expected: set[str]) -> None:
        """As of the pure stages; who may not see the case, or has no role for the step, is turned away at the door."""
        assert isinstance(error, Problem)
        at_the_door = error.code in {"api.not-found", "tenants.role-missing"}
        assert error.code in expected or (at_the_door and expected & _NOT_SEEN), (
            f"{error} instead of {expected or 'nothing'}"
        )
        assert error.detail
        assert "{" not in error.detail
        if error.clause and "#" in error.clause:
            self.rulebook.passage(Citation.parse(error.clause), local_day(self.now))

    def _person(self, who: Actor) -> str:
        """A client with these roles: a unit officer's in these units, every other in the whole tenant."""
        if who not in self.people:
            key = self.people[who] = f"person-{len(self.people)}"
            units = [UUID(self.outward[str(item)]) for item in sorted(who.units)]
            before = self.place.counts()
            self.place.cast.clients[key] = self.house.run(hire, self.house, self.place, who.roles, units)
            self.hired += Counter(self.place.counts()) - Counter(before)
        return self.people[who]

    @precondition(lambda self: self.model.version > 1)
    @rule(behind=st.integers(1, 3))
    def decide_on_an_old_version(self, behind: int) -> None:
        """The last step once more, decided on a version of before: refused, whatever else may speak against it."""
        assert self.last_sent is not None
        before = self.state_of_things()
        who, path, body, _, _ = self.last_sent
        answer = self.place.client.post(who, path, body, f'"{max(self.model.version - behind, 0)}"')
        assert answer.status_code in {404, 412}
        assert answer.status_code == 412 or self.place.get(who, path.split("/steps")[0]).status_code == 404
        assert self.state_of_things() == before

    @precondition(lambda self: self.model.version > 0)
    @rule()
    def send_again(self) -> None:
        """The last change once more under its key: the same answer, and nothing done."""
        assert self.last_sent is not None
        before = self.state_of_things()
        who, path, body, etag, key = self.last_sent
        answer = self.place.client.post(who, path, body, etag, key)
        assert answer.is_success, answer.text
        assert answer.headers["idempotency-replayed"] == "true"
        told = answer.json()
        told.pop("receipt", None)
        assert (told, answer.headers["etag"]) == (self.view, self.etag)
        assert self.state_of_things() == before

    @invariant()
    def is_as_the_model_says(self) -> None:
        model = self.model
        if self.view is None:
            assert model.state is None
            return
        read, etag = self._read()
        case = translate(read, self.inward)
        assert (case["state"], case["track"], case["version"], etag) == (
            model.state, model.track, model.version, f'"{model.version}"'
        )  # fmt: skip
        assert moment(case["closed_at"]) == model.closed_at
        assert case["facts"] == {name: in_utc(value) for name, value in model.facts.items()}
        assert {UUID(item["unit_id"]): item["part"] for item in case["units"]} == model.units
        assert {UUID(item["unit_id"]) for item in case["units"] if item["signed_at"]} == model.signed
        chains = {UUID(item["unit_id"]): tuple(map(UUID, item["via"])) for item in case["units"] if item["via"]}
        assert chains == {unit: chain for unit, chain in model.via.items() if chain}
        assert [(item["id"], item["kind"]) for item in read["requests"]] == [(item.id, item.key) for item in model.pending]
        assert case["returns"] == model.returns
        assert [deadline_row(item) for item in case["deadlines"]] == [item.row() for item in model.deadlines]
        assert moment(case["due_at"]) == min((item.due_at for item in model.open()), default=None)

    @invariant()
    def keeps_its_promises(self) -> None:
        if self.view is None:
            return
        steps = self.place.read("observer", f"/cases/{self.view['id']}/steps")["items"]
        assert [item["seq"] for item in steps] == list(range(1, self.model.version + 1))
        assert (steps[-1]["to_state"], moment(steps[-1]["occurred_at"])) == (self.model.state, self.model.last)
        if self.receipt is not None:
            told = self.place.ask_status("observer", self.receipt).raise_for_status().json()
            assert (told["state"], told["answer"]) == (self.model.state, self.model.answer)
        parts = self._parts()
        assert sum(part["closed_at"] is None for part in parts) == self.model.open_parts
        assert_stored_as_told(self.place, [self.view, *parts])
        (listed,) = self.place.read("observer", "/cases", number=self.view["number"])["items"]
        assert (listed["state"], listed["version"]) == (self.model.state, self.model.version)


def translate(value: Any, names: Mapping[str, str]) -> Any:
    """The value with each unit by its other name."""
    text = json.dumps(value, ensure_ascii=False)
    for name, other in names.items():
        text = text.replace(name, other)
    return json.loads(text)


def moment(text: str | None) -> datetime | None:
    """An instant of an answer, if it has one."""
    return datetime.fromisoformat(text) if text else None


def in_utc(value: Any) -> Any:
    """A fact in the form that is kept: an instant ends in Z."""
    return value.replace("+00:00", "Z") if isinstance(value, str) else value


def deadline_row(item: dict[str, Any]) -> tuple[Any, ...]:
    """What the model compares of a deadline."""
    unit = UUID(item["holder_unit_id"]) if item["holder_unit_id"] else None
    day = date.fromisoformat(item["due_on"])
    row = item["key"], item["clause"], item["holder"], unit, day, moment(item["due_at"]), item["state"]
    return *row, item["justified"] is not None


def find_permissions(rules: Jurisdiction) -> list[str]:
    """All that a tenant may permit by the city's data."""
    return sorted({step.permitted_by for kind in rules.kinds.values() for step in kind.steps if step.permitted_by})


async def open_bare(house: House, city: str, offices: Mapping[str, UUID], terms: Mapping[str, Term]) -> Place:
    """A sandbox with a unit for each of the model's, one that fills every office, and these figures."""
    owner, rules = house.owner, house.jurisdictions.get(city)
    slug = f"{city}-{secrets.token_hex(4)}"
    tenant = await create_tenant(owner, house.jurisdictions, NewTenant(slug, city, rules.manifest.title, sandbox=True))
    place = Place(house, Cast(rules, tenant), TenantClient(house.http, slug, {}))
    place.client = TenantClient(house.http, slug, place.cast.clients)
    filled = {f"unit-{index}": () for index in range(len(UNITS))} | {"office": tuple(offices)}
    above = {below: unit for unit, under in CHILDREN.items() for below in under}
    for index, (code, filling) in enumerate(filled.items()):
        parent = above.get(UNITS[index]) if index < len(UNITS) else None
        parent_id = place.cast.units[f"unit-{UNITS.index(parent)}"] if parent else None
        said = NewUnit(code=code, name=code, valid_from=_SINCE, basis="试验", offices=filling, parent_id=parent_id)
        new = msgspec.structs.replace(said, member=index >= len(UNITS) or UNITS[index] not in OUTSIDERS)
        async with owner.tenant(tenant.id, actor=OPERATOR) as session:
            place.cast.units[code] = (await register_unit(Administration(session, Snapshots(house.jurisdictions)), new)).id
    for category in rules.story.categories:
        said = NewCategory(code=category.key, title_zh="分类", parent=category.parent, valid_from=_SINCE, basis="试验")
        async with owner.tenant(tenant.id, actor=OPERATOR) as session:
            await register_category(Administration(session, Snapshots(house.jurisdictions)), said)
    told: dict[str, Any] = {key: {"unit": term.unit.value, "length": term.length} for key, term in terms.items()}
    for key, value in (told | (dict.fromkeys(find_permissions(rules), True) if terms else {})).items():
        async with owner.tenant(tenant.id, actor=OPERATOR) as session:
            admin = Administration(session, Snapshots(house.jurisdictions))
            await record_setting(admin, key, value, _SINCE, "试验", "试验", strict=False)
    return place


async def hire(house: House, place: Place, roles: frozenset[Role], units: list[UUID]) -> Any:
    """A client whose person has the roles that a tenant can give."""
    given = tuple(role for role in sorted(roles & {Role(item) for item in GrantableRole}) if role is not Role.UNIT_OFFICER)
    owner, tenant = house.owner, place.cast.tenant.id
    async with owner.tenant(tenant, actor=OPERATOR) as session:
        admin = Administration(session, Snapshots(house.jurisdictions))
        made = await register_client(admin, NewClient("somebody", given, frozenset(Scope), _SINCE))
    for told, unit in enumerate(units if Role.UNIT_OFFICER in roles else (), start=len(given)):
        async with owner.tenant(tenant, actor=OPERATOR) as session:
            new = NewGrant(role=GrantableRole.UNIT_OFFICER, unit_id=unit, valid_from=_SINCE)
            await grant_role(Administration(session, Snapshots(house.jurisdictions)), made.client.person_id, new, told)
    return made.credentials
