"""Baoding as the core finds it: loading, citations, the story, and what a whistleblower's protection asks of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from core.house_settings import HOUSE_SETTINGS
from core.procedure import CaseKind, FieldType, Role, Verb
from jurisdictions.baoding.rules import acceptance, confidentiality, notice
from tests.jurisdictions.counting import calendar_days_after, working_days_after
from tests.jurisdictions.playing import citations, load, play, resolve

CITY = load("baoding")
TIP_OFF = CITY.kind("tip-off")


def test_manifest_names_the_city() -> None:
    assert (CITY.manifest.id, CITY.manifest.division_code, CITY.manifest.contract) == ("baoding", "130600", 1)


def test_kinds() -> None:
    assert list(CITY.kinds) == ["tip-off", "accountability"]
    assert (TIP_OFF.number_prefix, TIP_OFF.instrument) == ("JB", "baoding:tip-offs-2010")


def test_channels_are_those_of_article_6() -> None:
    assert [(option.key, option.clause) for option in TIP_OFF.channels] == [
        *((key, f"baoding:tip-offs-2010#6/{key}") for key in ("letter", "phone", "fax", "email", "in-person")),
        ("other", "baoding:tip-offs-2010#6"),
    ]
    assert [option.key for option in TIP_OFF.channels if option.needs_reason] == ["other"]


def test_acts_are_those_of_article_4_and_the_ninth_needs_a_reason() -> None:
    (acts,) = [field for field in TIP_OFF.registration.fields if field.key == "acts"]
    assert [option.clause for option in acts.options] == [f"baoding:tip-offs-2010#4.{n}" for n in range(1, 10)]
    assert [option.needs_reason for option in acts.options] == [False] * 8 + [True]


def test_every_figure_left_open_is_a_setting_without_a_value() -> None:
    own = set(CITY.settings) - {kind.key for kind in HOUSE_SETTINGS}
    assert {key.partition(".")[0] for key in own} == {"assessment", "social-evaluation", "accountability", "tip-off"}
    assert CITY.story.settings == ()


def test_every_citation_of_story_and_rules_resolves() -> None:
    stated = {acceptance.LISTED_ACTS, confidentiality.CONFIDENTIALITY, confidentiality.RECUSAL}
    for reference in sorted(citations(CITY) | stated | {notice.REASONS, notice.RESULT, notice.EXTENSION, notice.STATUS}):
        resolve(CITY, reference)


def test_the_story_goes_as_the_regulation_says() -> None:
    stage = play(CITY)
    assert {name: case.state for name, case in stage.cases.items()} == {
        "named": "closed",
        "anonymous": "refused",
        "accountable": "closed",
    }


@pytest.mark.parametrize(
    ("key", "due_on", "counted"),
    [
        ("status-report", date(2026, 2, 24), calendar_days_after(date(2026, 2, 12), 7)),
        ("transfer", date(2026, 2, 26), working_days_after(date(2026, 2, 12), 5)),
        ("refusal-reasons", date(2026, 10, 8), calendar_days_after(date(2026, 9, 29), 5)),
    ],
)
def test_the_story_s_days_by_the_wall_calendar(key: str, due_on: date, counted: date) -> None:
    told = {
        wanted.due_on
        for scene in CITY.story.scenes
        for act in scene.acts
        for wanted in act.expect.deadlines
        if wanted.key == key
    }
    assert told == {due_on} == {counted}


def test_only_the_reporting_centre_s_clerks_read_an_identity() -> None:
    assert TIP_OFF.identity_roles == (Role.INTAKE_CLERK,)


def test_no_field_asks_for_the_whistleblower_s_identity() -> None:
    assert not {field.key for step in TIP_OFF.steps for field in step.fields} & {
        "name",
        "phone",
        "petitioner",
        "address",
    }


def test_unit_officers_take_no_step_before_a_transfer() -> None:
    by_units = {step.key for step in TIP_OFF.steps if Role.UNIT_OFFICER in step.by}
    assert by_units == {"report-result", "report-part", "ask-justification"}, (
        "the last of them by a unit that has the matter"
    )


def test_each_step_that_tells_the_whistleblower_is_the_clerk_s_alone() -> None:
    told = {"inform-status", "extend-handling"}
    telling = [step for step in TIP_OFF.steps if step.verb is Verb.REPLY or step.key in told]
    assert {step.by for step in telling} == {(Role.INTAKE_CLERK,)}


def test_every_field_has_a_valid_example_or_options() -> None:
    for step, field, example in examples(TIP_OFF):
        assert field.options or example, f"{step}.{field.key}"
        assert field.type is not FieldType.BOOLEAN or example in {"true", "false"}, f"{step}.{field.key}"


def examples(kind: CaseKind) -> Iterator[tuple[str, object, str | None]]:
    for step in kind.steps:
        for field in step.fields:
            yield step.key, field, field.example
