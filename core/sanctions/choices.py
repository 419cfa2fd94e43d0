"""What a regime lists, as the enumerations of a kind of case: the union of all its versions, which never shrinks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.law.instrument import Text
from core.law.rulebook import Rulebook
from core.procedure import Option
from core.sanctions.regime import Gravity, Regime, RegimeVersion, Share

_GRAVITIES = {
    Gravity.LIGHT: Text(zh="情节较轻", en="Light"),
    Gravity.HEAVIER: Text(zh="情节较重", en="Heavier"),
    Gravity.SERIOUS: Text(zh="情节严重", en="Serious"),
}
_SHARES = {
    Share.SOLE: Text(zh="单独承担", en="Sole responsibility"),
    Share.FULL: Text(zh="全部责任", en="Full responsibility"),
    Share.PRIMARY: Text(zh="主要责任", en="Primary responsibility"),
    Share.SECONDARY: Text(zh="次要责任", en="Secondary responsibility"),
    Share.NONE: Text(zh="不承担责任", en="No responsibility"),
}
HEARING = "hearing"
"""The prerequisite that the case itself tells, subject by subject."""


def list_choices(regime: Regime, rulebook: Rulebook) -> dict[str, tuple[Option, ...]]:
    """Every list by its name; what the regime does not have is not there. Titles of clauses come from the law."""
    versions = regime.versions
    found: dict[str, Iterable[Option]] = {
        "classes": _classes(regime, rulebook),
        "grounds": _cited(ground for it in versions for ground in it.categories),
        "circumstances": _cited(item for it in versions for group in it.circumstances for item in group.items),
        "sanctions": _cited(item.clause for it in versions for listed in it.sanctions.values() for item in listed.items),
        "severities": _cited(tier.clause for it in versions for tier in it.tiers),
        "gravities": _gravities(versions),
        "paths": _paths(versions),
        "roles": _roles(versions),
        "shares": [Option(key=share.value, title=title) for share, title in _SHARES.items()] if _shares(versions) else (),
        "facts": _facts(versions),
        "labels": _cited(
            label for it in versions if it.responsibility for group in it.responsibility.distinctions for label in group
        ),
        "before": _before(versions),
    }
    return {name: kept for name, options in found.items() if (kept := _once(options))}


def _once(options: Iterable[Option]) -> tuple[Option, ...]:
    return tuple({option.key or option.clause: option for option in options}.values())


def _cited(clauses: Iterable[str]) -> list[Option]:
    return [Option(clause=clause) for clause in clauses]


def _classes(regime: Regime, rulebook: Rulebook) -> Iterator[Option]:
    for version in rulebook.instrument(regime.instrument).versions:
        for item in version.subjects:
            yield Option(key=item.key, clause=f"{regime.instrument}#{item.clause}", title=item.label)


def _gravities(versions: tuple[RegimeVersion, ...]) -> list[Option]:
    graded = any(it.gravity for it in versions)
    return [Option(key=gravity.value, title=title) for gravity, title in _GRAVITIES.items()] if graded else []


def _paths(versions: tuple[RegimeVersion, ...]) -> Iterator[Option]:
    for version in versions:
        for path in version.responsibility.paths if version.responsibility else ():
            yield Option(key=path.key, clause=f"{path.clause}/{path.key}")


def _roles(versions: tuple[RegimeVersion, ...]) -> Iterator[Option]:
    for version in versions:
        for path in version.responsibility.paths if version.responsibility else ():
            for part in path.parts:
                yield Option(key=part.role, clause=f"{path.clause}/{part.role}")


def _facts(versions: tuple[RegimeVersion, ...]) -> Iterator[Option]:
    for version in versions:
        for path in version.responsibility.paths if version.responsibility else ():
            for turn in path.turns:
                yield Option(key=turn.fact.replace("_", "-"), clause=path.clause, title=turn.title)


def _shares(versions: tuple[RegimeVersion, ...]) -> bool:
    return any(version.responsibility is not None for version in versions)


def _before(versions: tuple[RegimeVersion, ...]) -> Iterator[Option]:
    for version in versions:
        for item in version.before:
            if item.key != HEARING:
                yield Option(key=item.key, clause=item.clause, title=item.title)
