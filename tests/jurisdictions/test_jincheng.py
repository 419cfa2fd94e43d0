"""Jincheng as the core finds it: loading, citations, settings and the story."""

from __future__ import annotations

from datetime import date

import pytest

from core.procedure import FieldType
from jurisdictions.jincheng.rules import closing, plan, reminded, start, told, track
from tests.jurisdictions.counting import calendar_days_after
from tests.jurisdictions.playing import citations, load, play, resolve

CITY = load("jincheng")
MATTER, FINDING = CITY.kind("inspection-matter"), CITY.kind("finding")


def test_manifest_names_the_city() -> None:
    assert (CITY.manifest.id, CITY.manifest.division_code, CITY.manifest.contract) == ("jincheng", "140500", 1)


def test_kinds() -> None:
    assert {key: (kind.number_prefix, kind.instrument, kind.petitioner) for key, kind in CITY.kinds.items()} == {
        "inspection-matter": ("DC", "jincheng:points-2017", "none"),
        "finding": ("FX", "jincheng:rapid-2017", "none"),
    }


def test_sources_of_a_matter_are_the_classes_that_score() -> None:
    assert {option.key: option.clause for option in MATTER.channels} == {
        "state-council": "jincheng:points-2017#5",
        "province": "jincheng:points-2017#6",
        "city": "jincheng:points-2017#7",
        "evaluation": "jincheng:points-2017#8",
        "system-13710": "jincheng:points-2017#9",
    }


def test_tracks_of_a_finding_are_the_five_items() -> None:
    assert [option.clause for option in FINDING.tracks] == [f"jincheng:rapid-2017#2.{n}" for n in range(1, 6)]


def test_no_petitioner_no_withdrawal() -> None:
    assert [kind.step("withdraw") for kind in CITY.kinds.values()] == [None, None]


def test_the_rhythm_s_figures_are_settings() -> None:
    rhythm = {key for key in CITY.settings if key.startswith("13710.")}
    assert rhythm == {"13710.deploy", "13710.report-back", "13710.settle-ordinary", "13710.settle-major"}
    assert (
        rhythm == {rule.setting for rule in MATTER.deadlines if rule.setting} == {item.key for item in CITY.story.settings}
    )
    assert all(item.basis for item in CITY.story.settings)


def test_every_citation_of_story_and_rules_resolves() -> None:
    stated = {
        start.TIME,
        start.CONSENT,
        plan.CLAUSE,
        told.REOPENING,
        reminded.MEMBERSHIP,
        *closing.CLAUSES.values(),
        *(f"{track.RAPID}#{clause}" for clause, _ in track.SOURCES.values()),
    }
    for reference in sorted(citations(CITY) | stated):
        resolve(CITY, reference)


def test_the_story_goes_as_the_regulation_says() -> None:
    stage = play(CITY)
    assert {name: case.state for name, case in stage.cases.items()} == {"pipes": "closed", "duty": "closed"}


@pytest.mark.parametrize(
    ("key", "due_on", "counted"),
    [
        ("deploy", date(2026, 4, 30), date(2026, 4, 30)),
        ("report-back", date(2026, 5, 6), calendar_days_after(date(2026, 4, 30), 3)),
        ("settle-ordinary", date(2026, 5, 7), calendar_days_after(date(2026, 4, 30), 7)),
        ("feedback", date(2026, 10, 10), calendar_days_after(date(2026, 10, 3), 7)),
    ],
)
def test_the_story_s_days_by_the_wall_calendar(key: str, due_on: date, counted: date) -> None:
    acts = [act for scene in CITY.story.scenes for act in scene.acts]
    assert {wanted.due_on for act in acts for wanted in act.expect.deadlines if wanted.key == key} == {due_on} == {counted}


def test_every_field_but_a_term_has_an_example_or_options() -> None:
    for kind in CITY.kinds.values():
        for step in kind.steps:
            for item in step.fields:
                assert item.options or item.example or item.type is FieldType.TERM, f"{kind.key} {step.key}.{item.key}"
                assert item.type is not FieldType.BOOLEAN or item.example in {"true", "false"}, f"{step.key}.{item.key}"
