"""Checks rows of rule tables about accountability: decisions, responsibility, triggers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from core.errors import WenzeError
from core.law.check import Checker, Outcome, Row, unknown_facts
from core.law.citation import Citation, MalformedCitation
from core.law.instrument import Version
from core.law.rulebook import Rulebook
from core.sanctions.dating import regime_on
from core.sanctions.decision import decide
from core.sanctions.proposal import CatchAll, EstablishedGround, Proposal, Reason, Verdict
from core.sanctions.regime import Gravity, Regime, RegimeVersion, Share, SubjectKind
from core.sanctions.responsibility import Apportionment, Participant, apportion
from core.sanctions.trigger_rows import check_trigger_row
from core.sanctions.wording import render_lines
from core.texts import render as render_text

Book = tuple[tuple[Regime, ...], Rulebook]
Find = Callable[[str], Book]
"""The regimes and the rulebook of the city that has an instrument; raises :class:`core.errors.NotFound`."""
_PREREQUISITES = {
    "hearing": ("hearing",),
    "prior_talk": ("prior-talk",),
    "opinion": ("opinion",),
    "consent": ("consent", "consent-to-result"),
}
_DECISION = frozenset(
    {"subject", "instrument", "grounds", "circumstances", "sanctions", "severity", "role", "gravity", "catch_all_reason"}
    | {"catch_all_basis", "share", "short_way", "expect", "expect_circumstances", *_PREREQUISITES}
)
_RESPONSIBILITY = frozenset({"instrument", "path", "people", "expect", "error"})
_ROLES = frozenset({"handler", "leader-in-charge", "principal-leader", "member"})


class FaultyRow(ValueError):
    """A row does not say what a row of its kind must say."""


def accountability_checkers(find: Find, language: str) -> dict[str, Checker]:
    """The checkers of the rows ``decision``, ``responsibility`` and ``trigger``."""

    def guarded(check: Callable[[Row, Find, str], Outcome]) -> Checker:
        def run(row: Row) -> Outcome:
            try:
                return check(row, find, language)
            except WenzeError as error:
                return Outcome(render_text(error.code, error.params, language))
            except (MalformedCitation, FaultyRow, TypeError, ValueError, ArithmeticError) as error:
                return Outcome(str(error))

        return run

    checks = {"decision": _check_decision, "responsibility": _check_responsibility, "trigger": check_trigger_row}
    return {kind: guarded(check) for kind, check in checks.items()}


def _check_decision(row: Row, find: Find, language: str) -> Outcome:
    _refuse_unknown(row, _DECISION)
    regime, rulebook = _regime(_instrument(row), find)
    verdict = decide(
        _proposal(row, regime_on(regime, rulebook), rulebook.instrument(regime.instrument).versions[-1]), regime, rulebook
    )
    expected = _mapping(row, "expect")
    return Outcome("; ".join(_shortfalls(row, expected, verdict)), tuple(render_lines(verdict.lines, language)))


def _shortfalls(row: Row, expected: Mapping[str, object], verdict: Verdict) -> Iterator[str]:
    found = "accepted" if verdict.accepted else "refused"
    if expected.get("verdict") not in {"accepted", "refused"}:
        yield "expect.verdict must be accepted or refused"
    elif expected["verdict"] != found:
        yield f"{found} ({_told(verdict.reasons)}), expected {expected['verdict']}"
    because = expected.get("because")
    if because is not None and not _cites(verdict.reasons, str(because)):
        yield f"cites {_told(verdict.reasons)}, expected {because}"
    wanted = row.get("expect_circumstances", expected.get("circumstances"))
    added = sorted(item.clause for item in verdict.circumstances if item.added)
    if wanted is not None and added != sorted(_texts({"expect_circumstances": wanted}, "expect_circumstances")):
        yield f"the system adds {', '.join(added) or 'nothing'}, expected {wanted}"


def _cites(reasons: Iterable[Reason], wanted: str) -> bool:
    """Whether a reason cites the clause; who cites an item or a choice cites the clause in which it stands."""
    cited = [clause for reason in reasons for clause in (reason.clause, *reason.cites)]
    return any(clause == wanted or clause.startswith((f"{wanted}.", f"{wanted}/", f"{wanted}#")) for clause in cited)


def _told(reasons: Iterable[Reason]) -> str:
    return ", ".join(dict.fromkeys(reason.clause for reason in reasons)) or "nothing"


def _proposal(row: Row, regime: RegimeVersion, law: Version) -> Proposal:
    kind = _one_of(row, "subject", SubjectKind)
    if kind is None:
        raise FaultyRow("subject must be unit or person")
    short, named = row.get("short_way"), _texts(row, "grounds")
    listed = regime.sanctions.get(kind)
    return Proposal(
        subject=kind,
        grounds=tuple(EstablishedGround(clause, clause) for clause in named),
        sanctions=_texts(row, "sanctions"),
        circumstances=_texts(row, "circumstances"),
        severity=_severity(row, regime, _instrument(row)),
        gravity=_one_of(row, "gravity", Gravity),
        share=_one_of(row, "share", Share),
        catch_all=CatchAll(_text(row, "catch_all_reason"), _text(row, "catch_all_basis")),
        done=frozenset(item.key for item in regime.before) - _denied(row),
        documented=frozenset(item.clause for item in listed.items) if listed else frozenset(),
        short_way=short is not None and short is not False,
        short_way_reason=short if isinstance(short, str) else "in order",
        result_used=True,
        in_order=True,
        **_role(row.get("role"), kind, regime, law),
    )


def _role(role: object, kind: SubjectKind, regime: RegimeVersion, law: Version) -> dict[str, Any]:
    """What a role tells: the subject's class, a kind of responsibility, or the part that somebody had in the decision."""
    named = _class_named(str(role), kind, law) if role is not None else None
    if named is not None:
        return {"subject_class": named}
    groups = regime.responsibility.distinctions if regime.responsibility else ()
    labels = {label.rpartition("/")[2]: label for group in groups for label in group}
    if role in labels:
        return {"responsibility": (labels[str(role)],)}
    if role is None or role in _ROLES:
        return {}
    raise FaultyRow(f"role {role!r} is neither a class of the instrument nor a part in a decision")


def _class_named(role: str, kind: SubjectKind, law: Version) -> str | None:
    """The class that a role means: the one so called, or of people who belong to it that of the same first word."""
    first = role.partition("-")[0]
    own = [item.key for item in law.subjects if kind.value in item.kinds]
    akin = [key for key in own if key == role] or [key for key in own if key.startswith(f"{first}-")]
    return akin[0] if akin else next((item.key for item in law.subjects if item.key == role), None)


def _severity(row: Row, regime: RegimeVersion, instrument: str) -> str | None:
    severity = row.get("severity")
    if severity is None or not regime.tiers:
        return None
    text = str(severity)
    return text if "#" in text and not text.startswith("#") else f"{instrument}#{text.removeprefix('#')}"


def _denied(row: Row) -> frozenset[str]:
    """The prerequisites that a row names as not there."""
    return frozenset(
        key for name, keys in _PREREQUISITES.items() if name in row and row[name] in (None, False) for key in keys
    )


def _instrument(row: Row) -> str:
    if row.get("instrument") is not None:
        return str(row["instrument"])
    for name in ("grounds", "sanctions", "circumstances"):
        for citation in _texts(row, name):
            return Citation.parse(citation).instrument
    raise FaultyRow("a decision names grounds")


def _regime(instrument: str, find: Find) -> tuple[Regime, Rulebook]:
    regimes, rulebook = find(instrument)
    found = next((regime for regime in regimes if regime.instrument == instrument), None)
    if found is None:
        raise FaultyRow(f"{instrument} is no accountability regime")
    return found, rulebook


def _check_responsibility(row: Row, find: Find, language: str) -> Outcome:
    _refuse_unknown(row, _RESPONSIBILITY)
    regime, rulebook = _regime(str(row.get("instrument")), find)
    people = tuple(_participant(name, said) for name, said in _mapping(row, "people").items())
    found = apportion(regime, rulebook, str(row.get("path")), people)
    return Outcome(_compare_shares(row, found), tuple(render_lines(found.lines, language)))


def _participant(name: str, said: object) -> Participant:
    if not isinstance(said, Mapping):
        raise FaultyRow(f"{name} must be a role with facts")
    stated = {key: value for key, value in said.items() if key != "role" and value is not None}
    if wrong := sorted(key for key, value in stated.items() if not isinstance(value, bool)):
        raise FaultyRow(f"{name}: {wrong[0]} must be true or false")
    return Participant(name, str(said.get("role", "")), frozenset(key for key, value in stated.items() if value))


def _compare_shares(row: Row, found: Apportionment) -> str:
    expected = row.get("expect")
    shares = {item.name: item.share.value for item in found.shares}
    said = f"refused ({_told(found.reasons)})" if found.reasons else f"found {shares}"
    if expected == "error" or "error" in row or (isinstance(expected, Mapping) and "error" in expected):
        wanted = row.get("error", expected.get("error") if isinstance(expected, Mapping) else None)
        if not found.reasons:
            return f"{said}, expected an error"
        names_clause = isinstance(wanted, str) and "#" in wanted
        return f"{said}, expected {wanted}" if names_clause and not _cites(found.reasons, str(wanted)) else ""
    return "" if shares == expected else f"{said}, expected {expected}"


def _refuse_unknown(row: Row, known: frozenset[str]) -> None:
    unknown = unknown_facts(row, known)
    if unknown:
        raise FaultyRow(f"facts that a {row['kind']} does not have: {', '.join(unknown)}")


def _mapping(row: Row, name: str) -> Mapping[str, object]:
    found = row.get(name)
    if not isinstance(found, Mapping):
        raise FaultyRow(f"{name} is missing")
    return found


def _texts(row: Row, name: str) -> tuple[str, ...]:
    found = row.get(name) or ()
    if not isinstance(found, list | tuple) or not all(isinstance(item, str) for item in found):
        raise FaultyRow(f"{name} must be a list of citations")
    return tuple(found)


def _text(row: Row, name: str) -> str:
    return str(row.get(name) or "")


def _one_of(row: Row, name: str, type_: Callable[[Any], Any]) -> Any:
    value = row.get(name)
    return None if value is None else type_(value)
