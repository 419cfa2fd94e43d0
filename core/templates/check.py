"""Whether a template can be filled for every case that it is for; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.cases.identity import Identity
from core.cases.reading_rules import PRIVACY
from core.errors import Refused
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.messages.fields import MESSAGE_FIELDS
from core.procedure import CaseKind
from core.templates.fields import TemplateField, fields_of, fields_of_all
from core.templates.syntax import Part, Placeholder, fill, parse_template, placeholders_of
from core.templates.template import AskedField, TemplatePurpose

_PROTECTED = frozenset({"petitioner", "whistleblower", "identity", *Identity.__struct_fields__})
"""What begins a name that somebody could take for the petitioner's."""


def known_fields(
    jurisdiction: Jurisdiction, case_kind: str | None, purpose: TemplatePurpose | None = None
) -> dict[str, TemplateField]:
    """What a template for a kind can hold; for all kinds, what every one of them has. Raises :class:`NotFound`.

    A message has fields of its own, the same for every kind.
    """
    if purpose is TemplatePurpose.MESSAGE:
        return {field.name: field for field in MESSAGE_FIELDS}
    kinds: Iterable[CaseKind] = jurisdiction.kinds.values()
    return fields_of(jurisdiction.kind(case_kind)) if case_kind else fields_of_all(kinds)


def check_purpose(purpose: TemplatePurpose, asked: tuple[AskedField, ...]) -> None:
    """Raises :class:`Refused` for a message that asks for something: nobody is there to fill it in."""
    if purpose is TemplatePurpose.MESSAGE and asked:
        raise Refused("templates.message-asks", field="/asked")


def check_template(body: str, asked: tuple[AskedField, ...], known: Mapping[str, TemplateField]) -> tuple[Part, ...]:
    """The parts of a template in which every name is known or asked for.

    Raises :class:`Refused` with line and column of the first fault, and the names that there are.
    """
    wanted = _asked_fields(asked)
    parts = parse_template(body)
    for placeholder in placeholders_of(parts):
        _check_name(placeholder, {**known, **wanted})
    unused = wanted.keys() - {placeholder.name for placeholder in placeholders_of(parts)}
    if unused:
        raise Refused("templates.asked-unused", field="/asked", names=", ".join(sorted(unused)))
    return parts


def fill_with_titles(parts: tuple[Part, ...], asked: tuple[AskedField, ...], known: Mapping[str, TemplateField]) -> str:
    """How the text will look: each place shows what will stand there."""
    titles = {name: f"〔{field.title.zh}〕" for name, field in {**known, **_asked_fields(asked)}.items()}
    return fill(parts, titles)


def _asked_fields(asked: tuple[AskedField, ...]) -> dict[str, TemplateField]:
    found: dict[str, TemplateField] = {}
    for index, item in enumerate(asked):
        name = f"asked.{item.name}"
        if name in found:
            raise Refused("templates.asked-twice", field=f"/asked/{index}/name", name=item.name)
        found[name] = TemplateField(name, Text(zh=item.title, en=item.title), "asked")
    return found


def _check_name(placeholder: Placeholder, known: Mapping[str, TemplateField]) -> None:
    name, line, column = placeholder.name, placeholder.line, placeholder.column
    if name in known:
        return
    if name.partition(".")[0] in _PROTECTED:
        raise Refused("templates.identity", field="/body", clause=PRIVACY, name=name, line=line, column=column)
    there_are = ", ".join(known)
    raise Refused("templates.name-unknown", field="/body", name=name, line=line, column=column, known=there_are)
