"""``wenze law``: the regulations and their arithmetic, without a database or a service."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click
import msgspec

from api.cli.law_text import show_clause, show_instrument
from core.clock import WallClock
from core.deadlines.check import cited_explanation, term_checker
from core.deadlines.wording import render
from core.errors import WenzeError
from core.jurisdictions import Jurisdictions
from core.law.calendar import national_calendar
from core.law.check import TERM, CheckedRow, UnreadableTable, check_rows, read_table
from core.law.citation import Citation, MalformedCitation
from core.law.zone import SHANGHAI, find_zone, parse_instant
from core.sanctions.check import accountability_checkers
from core.texts import render as render_text

P = ParamSpec("P")
_LANGUAGE = click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of the text."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs in place of text.")
EXIT_UNREADABLE = 2


@click.group()
def law() -> None:
    """The regulations: what a clause says, when its term ends, and whether tables of cases hold."""


def _telling_refusals(command: Callable[P, None]) -> Callable[P, None]:
    """Ends the command with the text of a refusal, in the reader's language, in place of a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except WenzeError as error:
            language = str(kwargs.get("language", "zh"))
            raise click.ClickException(render_text(error.code, error.params, language)) from error

    return run


def _read_citation(_context: click.Context, _parameter: click.Parameter, text: str) -> Citation:
    try:
        return Citation.parse(text)
    except MalformedCitation as error:
        raise click.BadParameter(str(error)) from error


def _read_day(_context: click.Context, _parameter: click.Parameter, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not a date; expected one such as 2026-11-21") from error


@law.command()
@click.argument("citation", metavar="INSTRUMENT[#CLAUSE]", callback=_read_citation)
@click.option("--on", "on", metavar="DATE", callback=_read_day, help="The day whose version is shown; today if left out.")
@_JSON
@_LANGUAGE
@_telling_refusals
def show(citation: Citation, on: date | None, as_json: bool, language: str) -> None:
    """What an instrument or one of its clauses says on a day: version, kinds, terms, choices, in our own words."""
    rulebook = Jurisdictions.discover().rulebook_for(citation)
    day = on or WallClock().now().astimezone(find_zone(SHANGHAI)).date()
    if citation.clause is None:
        instrument, version = rulebook.instrument(citation.instrument), rulebook.version(citation.instrument, day)
        lines = show_instrument(instrument, version, language)
        _print(msgspec.structs.replace(instrument, versions=(version,)) if as_json else lines)
        return
    passage = rulebook.passage(citation, day)
    found = {"citation": str(citation), "version": passage.version.id, "in_force_from": passage.version.in_force_from}
    stated = {"choice": passage.choice} if passage.choice else {"clause": passage.clause}
    _print({**found, **stated} if as_json else show_clause(passage, language))


@law.command()
@click.argument("clause", metavar="CLAUSE", callback=_read_citation)
@click.option("--from", "starts", metavar="INSTANT", required=True, help="Start of the term, RFC 3339 with its zone.")
@_JSON
@_LANGUAGE
@_telling_refusals
def deadline(clause: Citation, starts: str, as_json: bool, language: str) -> None:
    """When a clause's term ends, with each day counted and the reading rules used, by the State Council's calendar."""
    starts_at = parse_instant(starts)
    rulebook = Jurisdictions.discover().rulebook_for(clause)
    explanation = cited_explanation(clause, starts_at, rulebook, national_calendar())
    _print(explanation if as_json else render(explanation, language))


@law.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--explain", is_flag=True, help="Print the reasoning of each row.")
@_LANGUAGE
def check(file: Path, explain: bool, language: str) -> None:
    """Runs a table of cases: a line for each that falls short, then how many passed. Exits with 1 if any failed, 2 if
    the file cannot be read."""
    try:
        rows = read_table(file)
    except (OSError, UnreadableTable) as error:
        click.echo(f"{file}: {error}", err=True)
        sys.exit(EXIT_UNREADABLE)
    cities = Jurisdictions.discover()
    checkers = {TERM: term_checker(cities.rulebook_for, national_calendar(), language)}
    checkers |= accountability_checkers(cities.regimes_for, language)
    failed = 0
    for checked in check_rows(rows, checkers):
        failed += not checked.outcome.passed
        _tell(checked, explain)
    click.echo(f"{len(rows) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


_NAMING = ("kind", "clause", "starts_at", "instrument", "path", "subject", "grounds", "sanctions")


def _tell(checked: CheckedRow, explain: bool) -> None:
    named = [checked.row[key] for key in _NAMING if key in checked.row]
    what = " ".join(", ".join(map(str, part)) if isinstance(part, list) else str(part) for part in named)
    if not checked.outcome.passed:
        click.echo(f"row {checked.number}: {what}: {checked.outcome.shortfall}")
    elif explain:
        click.echo(f"row {checked.number}: {what}: passed")
    if explain:
        for line in checked.outcome.reasoning:
            click.echo(f"    {line}")


def _print(result: object) -> None:
    if isinstance(result, list):
        click.echo("\n".join(result))
        return
    click.echo(msgspec.json.format(msgspec.json.encode(result), indent=2).decode())
