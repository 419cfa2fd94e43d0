"""Says in our own codes what the type checker found wrong, and points to it (RFC 6901)."""

from __future__ import annotations

import re
from ast import literal_eval

from core.errors import Invalid
from core.tenants.names import PLAIN, VISIBLE

_PLACE = re.compile(r"^(?P<message>.*?)(?: - at (?:`key` in )?`(?P<path>\$.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_MESSAGES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), code)
    for pattern, code in (
        (r"Object contains unknown field `(?P<name>.*)`", "api.field-unknown"),
        (r"Object missing required field `(?P<name>.*)`", "api.field-missing"),
        (r"Expected `(?P<expected>.*)`, got `(?P<found>.*)`", "api.field-type"),
        (r"Invalid enum value (?P<found>.*)", "api.field-choice"),
        (r"Invalid value (?P<found>.*)", "api.field-choice"),
        (r"Invalid UUID", "api.field-uuid"),
        (r"Invalid RFC3339 encoded datetime", "api.field-instant"),
        (r"Expected `datetime` with a timezone component", "api.field-instant"),
        (r"Invalid RFC3339 encoded date", "api.field-date"),
        (r"Invalid RFC3339 encoded time", "api.field-time"),
        (r"Invalid decimal string", "api.field-decimal"),
        (r"Expected `(?:str|array|object|bytes)` of length (?P<bound>.*)", "api.field-length"),
        (r"Expected `str` matching regex (?P<pattern>.*)", "api.field-pattern"),
        (r"Expected `(?:int|float|decimal)` (?P<bound>(?:[<>]=?|that's a multiple of) ?.*)", "api.field-range"),
        (r"Integer value out of range", "api.number-too-large"),
        (r"Number out of range", "api.number-too-large"),
    )
)
_FORMS = {PLAIN: "api.field-plain", VISIBLE: "api.field-blank"}
"""Patterns that are told in words; any other is shown as it is."""
_NO_LINE_BREAK = r"(?!\n)"
"""Ends a pattern for Python alone, whose ``$`` also matches before a last line break; to readers it says nothing."""
_NAMED = {"api.field-unknown", "api.field-missing"}
_LONGEST_ECHO = 80


def explain_fault(error: Exception, place: str = "body") -> Invalid:
    """The problem that a validation error of msgspec stands for."""
    split = _PLACE.match(str(error))
    message, path = (split["message"], split["path"] or "$") if split else (str(error), "$")
    pointer = pointer_of(path)
    for pattern, code in _MESSAGES:
        found = pattern.fullmatch(message)
        if found:
            return _fault(code, pointer, found.groupdict(), place)
    return BadInput("api.field-invalid", place=place, field=pointer, reason=message[:_LONGEST_ECHO])


def _fault(code: str, pointer: str, params: dict[str, str], place: str) -> Invalid:
    if code == "api.field-pattern":
        return _form(params["pattern"], pointer, place)
    shown = {name: value[:_LONGEST_ECHO] for name, value in params.items()}
    if code in _NAMED:
        pointer = f"{pointer}/{escape(params['name'])}"
    return BadInput(code, place=place, field=pointer, **shown)


def _form(literal: str, pointer: str, place: str) -> Invalid:
    """Tells which form is asked for, from the pattern as the type checker writes it: as a Python literal."""
    pattern: str = literal_eval(literal)
    if pattern in _FORMS:
        return BadInput(_FORMS[pattern], place=place, field=pointer)
    return BadInput("api.field-pattern", place=place, field=pointer, pattern=pattern.replace(_NO_LINE_BREAK, ""))


class BadInput(Invalid):
    """An :class:`Invalid` that also says where its field stands: ``body``, ``query``, ``header`` or ``path``."""

    def __init__(self, code: str, *, place: str = "body", field: str | None = None, **params: str | int) -> None:
        super().__init__(code, field=field, clause=None, **params)
        self.place = place


def pointer_of(path: str) -> str:
    """The JSON pointer of a msgspec path (``$.units[0].term`` → ``/units/0/term``); an unnamed key ends it."""
    pointer = ""
    for name, index in _STEP.findall(path):
        if index == "...":
            break
        pointer += "/" + (escape(name) if name else index)
    return pointer


def escape(name: str) -> str:
    """One reference token of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")[:_LONGEST_ECHO]
