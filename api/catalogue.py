"""The operations as one city has them: types made once, decoders ready, variants by their path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import FunctionType
from typing import Any

import msgspec

from api.operations import Operation, Variant
from api.requests import QueryReader
from core.jurisdictions import Jurisdiction
from core.procedure import Role


@dataclass(frozen=True)
class Bound:
    """An operation, or one variant of it, under the rules of one city."""

    operation: Operation
    jurisdiction: Jurisdiction
    variant: Variant | None = None

    @property
    def id(self) -> str:
        """The operation's id in the document."""
        return self.variant.id if self.variant else self.operation.id

    @cached_property
    def roles(self) -> tuple[Role, ...]:
        """Who may."""
        roles = self.variant.roles if self.variant else self.operation.roles
        return roles(self.jurisdiction) if callable(roles) else roles

    @cached_property
    def recusal(self) -> bool:
        """Whether it is refused to who is recused."""
        return (self.variant or self.operation).recusal

    @cached_property
    def body(self) -> Any:
        """The type of the body; ``None`` where there is none."""
        return make_type(self.variant.body if self.variant else self.operation.body, self.jurisdiction)

    @cached_property
    def reply(self) -> Any:
        """The type of the reply; ``None`` where there is none."""
        return make_type(self.operation.reply, self.jurisdiction)

    @cached_property
    def decoder(self) -> msgspec.json.Decoder[Any]:
        """Decodes a body, strictly."""
        return msgspec.json.Decoder(self.body)

    @cached_property
    def query(self) -> QueryReader:
        """Reads a query string."""
        return QueryReader(self.operation.query)


def make_type(type_: Any, jurisdiction: Jurisdiction) -> Any:
    """The type itself, or what a function makes of the city in its place."""
    return type_(jurisdiction) if isinstance(type_, FunctionType) else type_


class Catalogue:
    """Every operation, bound once per city on its first use."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.operations = tuple(operations)
        self._bound: dict[tuple[str, str], dict[tuple[str, ...], Bound]] = {}
        _check_unique(self.operations)

    def find(self, operation: Operation, jurisdiction: Jurisdiction, path: Mapping[str, str]) -> Bound | None:
        """The operation as the city has it on that path; ``None`` where the city does not have it."""
        bound = self._of(operation, jurisdiction)
        if operation.expand is None:
            return bound.get(())
        names = _fixed_names(bound)
        return bound.get(tuple(path[name] for name in names))

    def all(self, jurisdiction: Jurisdiction) -> tuple[Bound, ...]:
        """Everything that the city has, in the order of declaration."""
        return tuple(bound for operation in self.operations for bound in self._of(operation, jurisdiction).values())

    def _of(self, operation: Operation, jurisdiction: Jurisdiction) -> dict[tuple[str, ...], Bound]:
        key = (operation.id, jurisdiction.manifest.id)
        found = self._bound.get(key)
        if found is None:
            found = self._bound[key] = _bind(operation, jurisdiction)
        return found


def _bind(operation: Operation, jurisdiction: Jurisdiction) -> dict[tuple[str, ...], Bound]:
    if operation.available is not None and not operation.available(jurisdiction):
        return {}
    if operation.expand is None:
        return {(): Bound(operation, jurisdiction)}
    variants = operation.expand(jurisdiction)
    return {tuple(variant.fixed.values()): Bound(operation, jurisdiction, variant) for variant in variants}


def _fixed_names(bound: Mapping[tuple[str, ...], Bound]) -> tuple[str, ...]:
    first = next(iter(bound.values()), None)
    return tuple(first.variant.fixed) if first and first.variant else ()


def _check_unique(operations: tuple[Operation, ...]) -> None:
    for kind, keys in (
        ("id", [operation.id for operation in operations]),
        ("route", [f"{operation.method} {operation.path}" for operation in operations]),
    ):
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise ValueError(f"operations with the same {kind}: {', '.join(sorted(twice))}")
