"""Tells what is played so that a person can follow: who did what, which clause set which deadline, and why."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from api.demo.cast import Cast
from api.demo.player import Performed
from core.deadlines.explanation import Explanation
from core.deadlines.wording import render
from core.law.instrument import Text
from core.story import Scene

_SUCCESS, _REFUSAL = 200, 400
_STATES = {"zh": {"open": "进行中", "met": "按期完成", "met-late": "逾期完成", "lapsed": "终止", "replaced": "被替代"}}


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


def tell_addresses(address: str, casts: list[Cast]) -> Iterator[str]:
    """Where to try it, and as whom."""
    yield ""
    yield f"━━ {address} " + "━" * 40
    for cast in casts:
        slug = cast.tenant.slug
        yield f"  {cast.city.manifest.title.en} {cast.city.manifest.title.zh}"
        yield f"    API       {address}/t/{slug}/v1"
        yield f"    OpenAPI   {address}/t/{slug}/v1/openapi.json"
        yield f"    token     {address}/t/{slug}/oauth/token"
        for person in cast.city.story.people:
            credentials = cast.clients[person.key]
            roles = ", ".join(person.roles)
            yield f"    {credentials.client_id} : {credentials.client_secret}   {person.name} ({roles})"
    yield from _try_it(address, casts[0])


def _try_it(address: str, cast: Cast) -> Iterator[str]:
    tenant = f"{address}/t/{cast.tenant.slug}"
    credentials = cast.clients[cast.city.story.people[0].key]
    pick_out = "python3 -c 'import json, sys; print(json.load(sys.stdin)[\"access_token\"])'"
    yield ""
    yield f"  TOKEN=$(curl -s -u {credentials.client_id}:{credentials.client_secret} \\"
    yield f"    -d grant_type=client_credentials {tenant}/oauth/token | {pick_out})"
    yield f'  curl -s -H "Authorization: Bearer $TOKEN" {tenant}/v1/cases'
