"""The reasoning of a verdict, an apportionment or an evaluation as lines of text in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from core.sanctions.proposal import Line, Reason
from core.texts import render as render_text


def render_lines(lines: Iterable[Line], language: str) -> list[str]:
    """Each line: what is said, and the clause that it rests on."""
    return [_cited(render_text(line.code, {**line.params, "clause": line.clause}, language), line.clause) for line in lines]


def render_reason(reason: Reason, language: str) -> str:
    """Why something is refused, or what is remarked."""
    return render_text(reason.code, {**reason.params, "clause": reason.clause}, language)


def _cited(text: str, clause: str) -> str:
    return text if clause in text else f"{text} [{clause}]"
