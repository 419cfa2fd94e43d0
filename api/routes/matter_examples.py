"""Examples of the steps of an accountability case, made from what its regime lists; one case goes through all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.cases.options import value_of
from core.procedure import CaseKind, Verb

Body = dict[str, Any]
_WHY = "经核实，说明理由如下。"
_SUBJECT, _PERSON, _ACT, _GROUND, _PROOF = "unit-one", "person-one", "act-one", "ground-one", "proof-one"
_DAY = "2026-01-05"


def matter_example(kind: CaseKind, verb: Verb) -> Body:
    """A valid body of a step with that verb, but for the city's own fields; nothing for other verbs."""
    make = _EXAMPLES.get(verb)
    return make(kind) if make else {}


def _first(kind: CaseKind, choice: str) -> str:
    ordinary = (value_of(option) for option in kind.choices.get(choice, ()) if not option.needs_reason)
    return next(ordinary, "")


def _charge(kind: CaseKind) -> Body:
    return {
        "subjects": [
            {"ref": _SUBJECT, "kind": "unit", "unit_id": "{unit_id}"},
            {"ref": _PERSON, "kind": "person", "unit_id": "{unit_id}", "name": "钱一", "post": "科员"},
        ],
        "acts": [{"ref": _ACT, "what": "应当办理的事项未按规定办理。", "ended_on": _DAY}],
        "evidence": [{"ref": _PROOF, "kind": "document", "what": "检查记录"}],
        "grounds": [
            {
                "ref": _GROUND,
                "clause": _first(kind, "grounds"),
                "act": _ACT,
                "subjects": [_SUBJECT, _PERSON],
                "evidence": [_PROOF],
            }
        ],
    }


def _apportion(kind: CaseKind) -> Body:
    shares = {_SUBJECT: "primary", _PERSON: "secondary"} if kind.choices.get("shares") else {}
    parts: list[Body] = [{"subject": ref} | ({"share": shares[ref]} if shares else {}) for ref in (_SUBJECT, _PERSON)]
    return {"apportionments": [{"acts": [_ACT], "parts": parts, "reason": _WHY}]}


def _decide(kind: CaseKind) -> Body:
    return {"decisions": [decision_example(kind)]}


def decision_example(kind: CaseKind) -> Body:
    """A decision with the first sanction that the regime lists, in its tier."""
    sanction = _first(kind, "sanctions")
    said: Body = {"subject": _SUBJECT, "sanctions": [sanction], "reasons": "事实清楚，情形成立。"}
    tiers = [value_of(option) for option in kind.choices.get("severities", ())]
    said |= {"severity": sanction.partition("/")[0]} if sanction.partition("/")[0] in tiers else {}
    said |= {"gravity": "light"} if kind.choices.get("gravities") else {}
    done = [{"what": value_of(option), "record": "会议纪要〔2026〕1号"} for option in kind.choices.get("before", ())]
    term = {"correction_term": {"unit": "working_day", "length": 10}, "correction_term_reason": _WHY}
    return said | ({"before": done} if done else {}) | term


_EXAMPLES: dict[Verb, Callable[[CaseKind], Body]] = {
    Verb.CHARGE: _charge,
    Verb.ESTABLISH: lambda _: {"findings": [{"ground": _GROUND, "established": True, "reason": _WHY}]},
    Verb.APPORTION: _apportion,
    Verb.HEAR: lambda _: {
        "hearings": [{"subject": ref, "outcome": "waived", "offered_on": _DAY} for ref in (_SUBJECT, _PERSON)]
    },
    Verb.DECIDE: _decide,
    Verb.SERVE: lambda _: {
        "services": [{"subject": _SUBJECT, "manner": "direct", "proof": "送达回证"}]
    },
    Verb.APPEAL: lambda _: {"subject": _SUBJECT, "reasons": "对认定的事实有异议。"},
    Verb.REVIEW: lambda _: {"outcome": "upheld", "answer": "原决定事实清楚，予以维持。"},
    Verb.REFER: lambda _: {
        "subjects": [_SUBJECT], "receiver": "市纪委监委", "reference": "移送〔2026〕3号", "reason": _WHY
    },
    Verb.COPY: lambda _: {"copies": [{"copy": "refer-discipline", "sent_on": _DAY, "reference": "抄送〔2026〕5号"}]},
    Verb.MEASURE: lambda kind: {
        "subject": _SUBJECT, "sanction": _first(kind, "sanctions"), "organ": "市委组织部", "document": "组〔2026〕8号",
        "decided_on": _DAY,
    },
    Verb.REPORT_BACK: lambda _: {"subject": _SUBJECT, "report": "问题已改正，并已建立定期检查。"},
    Verb.LIFT: lambda _: {"effect": 1, "reason": _WHY},
    Verb.CONSENT: lambda _: {
        "granted": True, "organ": "市政府", "document": "批复〔2026〕2号", "kept_out": "个人姓名和职务"
    },
}  # fmt: skip
