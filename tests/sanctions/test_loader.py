"""A regime's file that is not what it must be is refused with file, line and expectation."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.law.source import FaultInSource
from core.sanctions.loader import load_regimes
from tests.jurisdictions.yunqi import PACKAGE, load_yunqi

SOUND = (PACKAGE / "wenze_yunqi" / "data" / "regimes" / "road-duty.yaml").read_text(encoding="utf-8")
INSTRUMENTS = load_yunqi().instruments


def load(folder: Path, text: str) -> None:
    """Loads one file with this text."""
    (folder / "road.yaml").write_text(text, encoding="utf-8")
    load_regimes(folder, INSTRUMENTS)


def test_the_sound_file_is_loaded_with_whole_citations(tmp_path: Path) -> None:
    load(tmp_path, SOUND)
    (regime,) = load_regimes(tmp_path, INSTRUMENTS)
    assert [version.version for version in regime.versions] == ["2025", "2026"]
    assert set(regime.versions[0].categories) == {f"yunqi:hazards-2025#13/{key}" for key in ("late", "unwatched", "other")}


def test_a_city_without_a_folder_has_no_regimes(tmp_path: Path) -> None:
    assert load_regimes(tmp_path / "regimes", INSTRUMENTS) == ()


def test_files_of_another_kind_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")
    assert load_regimes(tmp_path, INSTRUMENTS) == ()


FAULTS = [
    ("instrument: yunqi:hazards-2025", "instrument: yunqi:lamps-2025", "is no instrument of the city"),
    ('version: "2025"', 'version: "2024"', "is no version of yunqi:hazards-2025"),
    ('- version: "2026"', '- version: "2025"', "versions must follow the instrument's"),
    ("key: road-duty", "key: road-duty\nmood: good", "unknown field"),
    ("#13/late", "#13/early", "'#13/early' is no clause or choice of yunqi:hazards-2025 2025"),
    ("#13/late", "late", "is not a citation"),
    ("#13/late", "linhai:waves-2025#1", "'linhai:waves-2025' is no instrument of the city"),
    ("#13/late", "#13/unwatched", "yunqi:hazards-2025#13/unwatched stands twice"),
    ('"#13/late"}', '"#13/late", open: true}', "does not mark yunqi:hazards-2025#13/late as an open list"),
    ("allows: [lighter, waived]", "allows: []", "a mitigating circumstance allows something"),
    ("weight: aggravating}", "weight: aggravating, allows: [waived]}", "an aggravating one nothing"),
    ("    before:", '    counted: [{clause: "#13/late", minimum: x}]\n    before:', "is none of the circumstances"),
    ("    before:", '    counted: [{clause: "#14/again", minimum: x}]\n    before:', "'x' is no figure of"),
    ('"#15/licence", organ: true}', '"#15/lessons"}', "does not give yunqi:hazards-2025#15/lessons to a unit"),
    ('"#15/licence", organ: true}', '"#15/notice"}', "yunqi:hazards-2025#15/notice stands twice"),
    ('"#15/licence", organ: true}', '"#15/licence", open: true}', "as an open list (R15)"),
    ('"#15/licence", organ: true}', '"#15/licence", either: true}', "offers no choices"),
    ('"#15/licence", organ: true}', '"#15/licence", effect: {ends: term}}', "gives no term in months or calendar days"),
    ('"#15/licence", organ: true}', '"#15/licence", effect: {ends: setting}}', "ends by a setting names it"),
    ('"#15/licence", organ: true}', '"#15/licence", effect: {ends: year, setting: x}}', "and no other does"),
    ("    before:", '    severity: "#15"\n    before:', "go together"),
    (
        "    before:",
        '    severity: "#15"\n    tiers: [{clause: "#15", measures: {unit: {all: ["#15/lessons"]}}}]\n    before:',
        "yunqi:hazards-2025#15/lessons is no sanction for a unit",
    ),
    (
        "    before:",
        '    severity: "#15"\n    tiers: [{clause: "#15", measures: {unit: {all: ["#15/notice"]}}}]\n    before:',
        "stands in no tier for a unit",
    ),
    ("    before:", '    together: [["#15/notice", "#13/late"]]\n    before:', "is no sanction of the regime"),
    ("{key: talk,", '{key: talk, sanctions: ["#13"],', "yunqi:hazards-2025#13 is no sanction of the regime"),
    ("{key: talk,", '{key: talk, grounds: ["#15/notice"],', "is no ground of the regime"),
    ("{key: talk,", "{key: talk, short_way: true,", "the regime has no short way"),
    ("- key: driven", "- key: walked", "'walked' is no choice of yunqi:hazards-2025#16"),
    ("role: driver, share: primary", "role: pilot, share: primary", "'pilot' is no choice"),
    ("role: driver, share: primary", "role: foreman, share: primary", "foreman stands twice"),
    ("role: driver, share: primary", "role: driver, share: sole", "'sole' is no choice"),
    ("- role: foreman\n", "- role: none\n", "'none' is no role of the path"),
    ("        when:\n", "        when: []\n        mood:\n", "unknown field"),
    (
        "value: late-minutes-above",
        "value: late-hours",
        "'late-hours' is no figure of yunqi:hazards-2025#13; it has late-minutes",
    ),
    ("bound: above, value: late-minutes-above", "bound: above", "is held against a figure of the clause"),
    ("bound: above, value: late-minutes-above", 'bound: "true", value: hazards-min', "a yes or no against none"),
    (
        "bound: above, value: late-minutes-above",
        'bound: "true", by_month: true',
        "counted by month is held against a figure",
    ),
    ("fact: hazards", "fact: minutes_late", "minutes_late stands twice"),
]


@pytest.mark.parametrize(("old", "new", "said"), FAULTS)
def test_a_fault_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in SOUND
    with pytest.raises(FaultInSource) as fault:
        load(tmp_path, SOUND.replace(old, new, 1))
    assert said in fault.value.message
    assert fault.value.file.endswith("road.yaml")
    assert fault.value.line > 0


def test_the_line_is_that_of_the_fault(tmp_path: Path) -> None:
    line = next(number for number, text in enumerate(SOUND.splitlines(), 1) if "#15/licence" in text)
    with pytest.raises(FaultInSource) as fault:
        load(tmp_path, SOUND.replace('"#15/licence", organ: true}', '"#15/lessons"}', 1))
    assert fault.value.line == line


def test_a_trigger_without_conditions_is_refused(tmp_path: Path) -> None:
    start, _, rest = SOUND.partition("        when:\n")
    text = start + rest[rest.index("  # The licence") :]
    with pytest.raises(FaultInSource, match="a trigger needs conditions or a run of years"):
        load(tmp_path, text)
