"""The sound city, which pauses and extends, broken in one place each: what, the finding, a word of its place."""

from __future__ import annotations

from tests.jurisdictions.yunqi import Yunqi, change, load_yunqi

_SOUND = load_yunqi()
_KIND = _SOUND.kinds[0]


def _with_rule(key: str, **changes: object) -> Yunqi:
    return _SOUND.kind(deadlines=tuple(change(rule, **changes) if rule.key == key else rule for rule in _KIND.deadlines))


MOVING_BREAKS: list[tuple[str, str, str, Yunqi]] = [
    ("a pause of nothing", "moves.verb", "step hold", _SOUND.step("hold", moves=())),
    ("a closing that moves", "moves.verb", "step close", _SOUND.step("close", moves=("repair",))),
    ("a deadline that is not there", "moves.unknown", "step extend-repair", _SOUND.step("extend-repair", moves=("nap",))),
    ("a pause for ever", "moves.never-resumed", "step hold", _SOUND.step("go-on", moves=("secure-red",))),
    ("a pause that ends too early", "moves.never-resumed", "step hold", _SOUND.step("go-on", after=("graded",))),
    ("a limit of nothing", "moves.limit", "step close", _SOUND.step("close", limit="hazard.watch-interval")),
    ("a setting that is not there", "moves.setting", "step hold", _SOUND.step("hold", permitted_by="hazard.holds")),
    (
        "a permission that is a term",
        "moves.setting",
        "step hold",
        _SOUND.step("hold", permitted_by="hazard.watch-interval"),
    ),
    ("an optional duty without a setting", "moves.optional", "deadline repair", _with_rule("repair", optional=True)),
]
