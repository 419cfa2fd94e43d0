"""Tells what is played so that a person can follow: who did what, which clause set which deadline, and why."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from api.demo.cast import Cast
from api.demo.code_flow import authorization_query
from api.demo.hiring import CALLBACK, Clerk
from api.demo.player import Performed
from core.deadlines.explanation import Explanation
from core.deadlines.wording import render
from core.law.instrument import Text
from core.story import Scene

_SUCCESS, _REFUSAL = 200, 400
_STATES = {
    "zh": {
        "open": "进行中",
        "paused": "中止",
        "met": "按期完成",
        "met-late": "逾期完成",
        "lapsed": "终止",
        "replaced": "被替代",
    }
}

_SIGNING_IN = Text("用网页登录：授权码与 PKCE", "Signing in on the tenant's pages: authorization code with PKCE")
_ALLOWING = Text(
    "凭邀请码设定密码，登录，允许工作台代为办理；此后以令牌办理",
    "sets a password by the invitation, signs in, and allows the front-end to act; works by its token from here on",
)
_RENEWING = Text(
    "令牌换新：刷新令牌只能用一次，换来新的一对", "Another token: the refresh token is good once, and another comes with it"
)


class Teller:
    """Words in one language."""

    def __init__(self, cast: Cast, language: str) -> None:
        self._cast, self._language = cast, language
        self._people = {person.key: person for person in cast.city.story.people}
        self._unit_names = {str(cast.units[unit.key]): unit.name for unit in cast.city.story.units}

    def open_city(self) -> Iterator[str]:
        """The city's heading."""
        manifest = self._cast.city.manifest
        yield ""
        yield f"━━ {manifest.title.zh} · {manifest.title.en} ({manifest.division_code}) " + "━" * 24

    def tell_sign_in(self, clerk: Clerk, person: dict[str, Any]) -> Iterator[str]:
        """How the clerk got a password, signed in and allowed the front-end to work for them."""
        yield ""
        yield f"● {self._say(_SIGNING_IN)}"
        yield f"  {person['name']}（{person['preferred_username']}）: {self._say(_ALLOWING)}"
        yield f"      → client_id {clerk.client_id}  sub {person['sub']}"

    def tell_renewal(self, person: dict[str, Any]) -> Iterator[str]:
        """That the front-end goes on with another token."""
        yield ""
        yield f"● {self._say(_RENEWING)}"
        yield f"      → {person['name']}（{person['preferred_username']}）"

    def open_scene(self, scene: Scene) -> Iterator[str]:
        """The matter's heading."""
        yield ""
        yield f"● {self._say(scene.title)}"

    def tell(self, done: Performed) -> Iterator[str]:
        """One act: when, who, what and why; then what came of it."""
        person = self._people[done.act.who]
        unit = next(item.name for item in self._cast.city.story.units if item.key == person.unit)
        yield f"  {done.at:%Y-%m-%d %H:%M}  {person.name}（{unit}）: {self._step_title(done)}"
        yield f"      {self._say(done.act.why)}"
        yield from self._tell_refusal(done) if done.status >= _REFUSAL else self._tell_case(done)
        for shortfall in done.shortfalls:
            yield f"      ✗ {shortfall}"

    def _tell_refusal(self, done: Performed) -> Iterator[str]:
        yield f"      → {done.status} {done.answer.get('detail', '')}  [{done.answer.get('clause', '–')}]"

    def _tell_case(self, done: Performed) -> Iterator[str]:
        case = done.answer
        yield f"      → {case['number']}  {self._state_title(case['kind'], case['state'])}"
        for item in case["deadlines"]:
            yield f"        {self._deadline(item)}"
            why = done.explanations.get(item["id"])
            if why is not None:
                lines = render(msgspec.convert(why, Explanation), self._language)
                yield from (f"          {line}" for line in lines)

    def _deadline(self, item: dict[str, str]) -> str:
        holder = self._unit_names.get(item["holder_unit_id"], item["holder"])
        state = _STATES.get(self._language, {}).get(item["state"], item["state"])
        late = " ⚠" if item["overdue"] or item["state"] == "met-late" else ""
        return f"{item['due_on']}  {holder}  {item['clause']}  {state}{late}"

    def _step_title(self, done: Performed) -> str:
        kinds = self._cast.city.kinds.values()
        wanted = done.act.kind or done.answer.get("kind")
        for kind in kinds:
            step = kind.step(done.act.does)
            if step is not None and wanted in {None, kind.key}:
                return self._say(step.title)
        return done.act.does

    def _state_title(self, kind_key: str, state_key: str) -> str:
        kind = self._cast.city.kind(kind_key)
        return next((self._say(state.title) for state in kind.states if state.key == state_key), state_key)

    def _say(self, text: Text) -> str:
        return text.zh if self._language == "zh" else text.en


def tell_addresses(address: str, clerks: Iterable[Clerk]) -> Iterator[str]:
    """Where to try it, and as whom."""
    clerks = list(clerks)
    yield ""
    yield f"━━ {address} " + "━" * 40
    for clerk in clerks:
        yield from _tell_tenant(f"{address}/t/{clerk.cast.tenant.slug}", clerk)
    yield from _try_machine(f"{address}/t/{clerks[0].cast.tenant.slug}", clerks[0].cast)
    yield from _try_front_end(f"{address}/t/{clerks[0].cast.tenant.slug}", clerks[0])


def _tell_tenant(tenant: str, clerk: Clerk) -> Iterator[str]:
    city, clients = clerk.cast.city, clerk.cast.clients
    yield f"  {city.manifest.title.en} {city.manifest.title.zh}"
    yield f"    API       {tenant}/v1"
    yield f"    OpenAPI   {tenant}/v1/openapi.json"
    yield f"    token     {tenant}/oauth/token"
    yield f"    account   {tenant}/oauth/account"
    yield f"    login     {clerk.login}   password  {clerk.password}   {clerk.person.name}"
    for person in city.story.people:
        credentials, roles = clients[person.key], ", ".join(person.roles)
        yield f"    {credentials.client_id} : {credentials.client_secret}   {person.name} ({roles})"


def _try_machine(tenant: str, cast: Cast) -> Iterator[str]:
    credentials = cast.clients[cast.city.story.people[0].key]
    pick_out = "python3 -c 'import json, sys; print(json.load(sys.stdin)[\"access_token\"])'"
    yield ""
    yield f"  TOKEN=$(curl -s -u {credentials.client_id}:{credentials.client_secret} \\"
    yield f"    -d grant_type=client_credentials {tenant}/oauth/token | {pick_out})"
    yield f'  curl -s -H "Authorization: Bearer $TOKEN" {tenant}/v1/cases'


def _try_front_end(tenant: str, clerk: Clerk) -> Iterator[str]:
    """Signing in by a browser: what the front-end opens, and what it sends with the code that it is given."""
    verifier = secrets.token_urlsafe(48)
    yield ""
    yield f"  在浏览器中打开并登录；一分钟内用地址栏中的 code 换取令牌 / open it, sign in as {clerk.login},"
    yield "  and within a minute exchange the code that stands in the browser's address then:"
    yield f"  {tenant}/oauth/authorize?{authorization_query(clerk.client_id, verifier, 'demo')}"
    yield f"  curl -s -d grant_type=authorization_code -d client_id={clerk.client_id} -d code_verifier={verifier} \\"
    yield f"    -d redirect_uri={CALLBACK} -d code=$CODE {tenant}/oauth/token"
