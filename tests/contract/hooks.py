"""What schemathesis is told before and after each request: real ids where it made up good ones, and what came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER

from tests.contract.sparing import Sparing
from tests.contract.supply import FILE, FILE_NAME, Supply

_UNIT_FIELDS = frozenset(
    {"unit_id", "parent_id", "superior_id", "merged_into", "unit_ids", "default_unit_id", "cooperating_unit_ids"}
)
_BY_RECEIPT = frozenset({"/receipts/status", "/receipts/feedback"})
_OF_A_SPAN = {"from": "2026-09-28", "to": "2026-10-08"}
"""Two days at random hardly ever have a span of days between them that is not too long."""
_OF_A_FILE = (ParameterLocation.QUERY, ParameterLocation.BODY)

_REFUSED = 300
BEYOND_A_SCHEMA = frozenset(
    {
        "attachments.id-twice",  # two items alike
        "api.cursor-malformed",  # opaque: only the service knows which ones it has made
        "clients.address-malformed",  # what makes an address safe is more than a pattern says
        "clients.key-twice",
        "clients.key-unsound",
        "clients.origin-malformed",
        "clients.redirect-insecure",
        "clients.redirect-malformed",
        "clients.redirect-scheme",
        "cases.instant-out-of-reach",  # the format of an instant has no bounds
        "cases.unit-twice",  # two items with the same id, and another part
        "cases.value-twice",
        "corrections.nothing",  # one of several, whichever
        "deadlines.length-impossible",  # no length but that of the same day is 0
        "federation.issuer-malformed",  # as of a client's addresses
        "federation.openid-missing",  # one among several scopes
        "messages.address-malformed",  # what an address is, follows from its kind
        "messages.address-missing",
        "messages.contact-of-two",  # one of two
        "messages.credentials-incomplete",
        "messages.name-unknown",
        "messages.secret-malformed",
        "messages.settings-malformed",  # of the kind beside them
        "messages.success-incomplete",
        "messages.url-malformed",
        "platforms.key-twice",  # two keys with the same id, and another number
        "platforms.key-unsound",  # no pattern knows a curve
        "search.word-too-short",  # what a word is, folding tells
        "search.words-number",
        "tenants.figure-of-other-type",  # the type of a value follows from the key beside it
        "tenants.figure-out-of-bounds",
        "tenants.figure-text-length",
        "webhooks.type-unknown",  # types are listed and can grow
        "webhooks.url-malformed",
    }
)


_WORDED: dict[str, Callable[[Supply], Mapping[str, str]]] = {
    "/cases/{case_id}/texts": lambda supply: {"template": supply.template()},
    "/message-rules": Supply.ways_to_write,
}
"""What is told a template, and a channel where it needs one."""


class Hooks:
    """The hooks of one city's run. Only what is good already is replaced by what is real: a bad value is sent as it is."""

    def __init__(self, supply: Supply, sparing: Sparing | None) -> None:
        self._supply, self._sparing = supply, sparing
        self.statuses: dict[str, set[int]] = defaultdict(set)
        self.requests = 0
        self.refusals: list[str] = []

    @contextmanager
    def registered(self) -> Iterator[None]:
        """Has every request of the block pass through these hooks; ``before_call`` is known for all schemas only."""
        hooks = (self.filter_case, self.before_call, self.after_call, self.filter_failure)
        for hook in hooks:
            GLOBAL_HOOK_DISPATCHER.register_hook_with_name(hook, hook.__name__)
        try:
            yield
        finally:
            for hook in hooks:
                GLOBAL_HOOK_DISPATCHER.unregister(hook)

    def filter_case(self, context: schemathesis.HookContext, case: Any) -> bool:
        """Passes over what a short round leaves out."""
        del context
        return self._sparing is None or self._sparing.is_worth(case)

    def before_call(self, context: schemathesis.HookContext, case: Any, kwargs: dict[str, Any]) -> None:
        """Puts real things in the place of good values."""
        del context, kwargs
        target = self._supply.target(case.path)
        if _is_good(case, ParameterLocation.PATH):
            _fill_path(case, target.ids)
        if _is_good(case, ParameterLocation.HEADER):
            self._fill_headers(case, target.etag)
        _fill_query(case)
        if _is_good(case, ParameterLocation.BODY) and isinstance(case.body, dict):
            case.body = self._fill_body(case)

    def _fill_headers(self, case: Any, etag: str) -> None:
        for name in list(case.headers or {}):
            if name.lower() == "idempotency-key":
                case.headers[name] = str(uuid4())
            if name.lower() == "if-match" and etag:
                case.headers[name] = etag

    def _fill_body(self, case: Any) -> Any:
        way = self._supply.way_of(case.path)
        if way is not None and case.meta is not None and case.meta.phase.name == "examples":
            return self._supply.body_of(way, case.path)
        if case.path == "/sandbox/clock" and isinstance(case.body.get("now"), str):
            # Anything else would take the tenant out of the reach of every calendar.
            return case.body | {"now": _soon(self._supply.legal_now())}
        if case.path == "/cases/{case_id}/attachments" and case.body.get("attachments"):
            return case.body | {"attachments": [self._supply.upload()]}
        if case.path == "/cases/{case_id}/merge" and case.body.get("into"):
            return case.body | {"into": self._supply.original}
        if case.path in _WORDED and case.body.get("template"):
            return case.body | _WORDED[case.path](self._supply)
        if case.path == "/cases/{case_id}/corrections/{correction_id}/decision" and case.body.get("consequences"):
            return case.body | {"consequences": self._supply.digest}
        if case.path == "/calculations/correction" and case.body.get("case_id"):
            sample = case.meta is not None and case.meta.phase.name == "examples"
            return (self._supply.question() if sample else case.body) | {"case_id": self._supply.question()["case_id"]}
        if case.path in _BY_RECEIPT and (receipt := self._supply.receipt_for(case.path)):
            return case.body | {"receipt": receipt}
        return self._with_units(case.body)

    def _with_units(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self._with_units(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self._with_units(item, name) for item in value]
        if isinstance(value, float) and value.is_integer():
            return int(value)  # JSON Schema counts 3.0 as an integer; the service wants it written as one, and says so
        if name == "person_id" and _is_uuid(value):
            return self._supply.person()
        return self._supply.unit() if name in _UNIT_FIELDS and _is_uuid(value) else value

    def after_call(self, context: schemathesis.HookContext, case: Any, response: Any) -> None:
        """Notes what came of it. What was changed is not used again."""
        del context
        self.requests += 1
        if response.request.method != case.operation.method.upper():
            return
        self.statuses[case.operation.label].add(response.status_code)
        if case.operation.method.upper() != "GET" and response.status_code < _REFUSED:
            self._supply.spend(case.path)
            if case.path == "/settings":
                self._supply.settle(response.json())

    def filter_failure(self, context: schemathesis.HookContext, failure: Any, case: Any, response: Any) -> bool:
        """Passes over a 400 for what no schema can say; by its code, so that any other 400 is still found."""
        del context, case
        if type(failure).__name__ != "RejectedPositiveData" or response.status_code != 400:
            return True
        problem = response.json()
        if problem["code"] not in BEYOND_A_SCHEMA:
            self.refusals.append(f"{failure.operation}: {problem['code']} {problem.get('field')}: {problem['detail']}")
            return True
        return False


def _fill_query(case: Any) -> None:
    if case.path == "/calendar/days" and _is_good(case, ParameterLocation.QUERY) and case.query.keys() >= _OF_A_SPAN.keys():
        case.query = {**case.query, **_OF_A_SPAN}
    if case.path == "/attachments" and all(_is_good(case, place) for place in _OF_A_FILE):
        case.query, case.body = {"name": FILE_NAME}, FILE


def _fill_path(case: Any, ids: Mapping[str, str]) -> None:
    for name in case.path_parameters or {}:
        if name in ids:
            case.path_parameters[name] = ids[name]
    if case.operation.label == "GET /calendar-feeds/{feed_id}":
        case.path_parameters["feed_id"] = ids["file"]  # read by its secret, revoked by its id
    if case.operation.label == "PUT /external-cases/{external_id}":
        case.path_parameters["external_id"] = f"case-{uuid4().hex}"  # another body under a known id is refused


def _is_good(case: Any, location: ParameterLocation) -> bool:
    meta = case.meta
    if meta is None:
        return True
    component = meta.components.get(location)
    return component is None or component.mode.is_positive


def _is_uuid(value: Any) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value.lower()
    except ValueError:
        return False


def _soon(now: str) -> str:
    return (datetime.fromisoformat(now) + timedelta(seconds=5)).isoformat()
