"""Each fault that the conformance suite knows is found: a sound city is broken in one place, and the finding names it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import core.conformance
from core.conformance import CHECKS, City, Finding, JurisdictionConformance, examine, examine_all
from core.law.instrument import Choice, ForceBasis, Term, TermFigure, Text, Unit
from core.law.source import FaultInSource
from core.procedure import CategoryLimit, Field, FieldType, Option, Prerequisite, Role, State, StepView, Verb
from core.rungs import LawfulRung, Level
from core.story import StoryCategory
from tests.jurisdictions.answer_breaks import ANSWER_BREAKS, ASKING
from tests.jurisdictions.daily_breaks import BREAKS, DAILY
from tests.jurisdictions.matter_breaks import MATTER_BREAKS
from tests.jurisdictions.moving_breaks import MOVING_BREAKS
from tests.jurisdictions.regime_breaks import REGIME_BREAKS
from tests.jurisdictions.supervision_breaks import SUPERVISING, SUPERVISION_BREAKS
from tests.jurisdictions.yunqi import Yunqi, change, load_yunqi, object_with

SOUND = load_yunqi()
KIND = SOUND.kinds[0]
LAW = SOUND.instruments[0]
STORY = SOUND.story
TEXT = Text("文字", "Words")
FLOOD = StoryCategory(key="flood", title=TEXT)
LATE = LawfulRung("late", Level.KEY, TermFigure(Unit.CALENDAR_DAY, 2), clause="#4")
NOTE = Field(key="remark", type=FieldType.TEXT, title=TEXT, example="例")


@dataclass(frozen=True)
class Break:
    """What is broken, and the finding that must come: its code and a word of its place."""

    what: str
    code: str
    place: str
    city: Yunqi

    def __str__(self) -> str:
        return f"{self.code}: {self.what}"


def fail(_view: StepView) -> Any:
    """A rule with a fault."""
    raise KeyError("depth")


def again(items: tuple[Any, ...], index: int = 0) -> tuple[Any, ...]:
    """The items with one of them standing twice."""
    return (*items, items[index])


def options(*values: str) -> tuple[Option, ...]:
    """Options with a key and a title."""
    return tuple(Option(key=value, title=TEXT) for value in values)


def unreadable() -> Any:
    """A data file with a fault."""
    raise FaultInSource("hazard.yaml", 7, "expected object")


S = SOUND
MANIFEST_AND_LAW = [
    Break("manifest of another city", "manifest.id-differs", "manifest", S.but(manifest=change(S.manifest, id="linhai"))),
    Break(
        "written for another core", "manifest.contract-differs", "manifest", S.but(manifest=change(S.manifest, contract=9))
    ),
    Break("no such zone", "manifest.zone-unknown", "manifest", S.but(manifest=change(S.manifest, zone="Asia/Yunqi"))),
    Break(
        "English under zh", "texts.no-chinese", "manifest", S.but(manifest=change(S.manifest, title=Text("Yunqi", "Yunqi")))
    ),
    Break("Chinese under en", "texts.no-english", "steps close", S.step("close", title=Text("办结", "办结"))),
    Break("blank English", "texts.no-english", "clauses 4", S.clause("4", label=Text("登记", " "))),
    Break("clause that is not there", "citations.unknown", "close", S.step("close", clause="#88")),
    Break("choice that is not there", "citations.unknown", "watch", S.deadline("watch", clause="#5/green")),
    Break("no regulation", "law.none", "instruments", S.but(instruments=())),
    Break("the same regulation twice", "law.instrument-twice", LAW.id, S.but(instruments=(LAW, LAW))),
    Break("another city's", "law.foreign", "linhai:", S.but(instruments=(LAW, change(LAW, id="linhai:hazards-2025")))),
    Break("later version first", "law.versions-unordered", "2026", S.version(1, in_force_from=date(2025, 3, 1))),
    Break("two versions of one id", "law.version-twice", "2025", S.version(1, id="2025")),
    Break("year from its middle", "law.year-not-at-its-end", "2025", S.version(0, force_basis=ForceBasis.YEAR_OF_ISSUE)),
    Break("clause twice", "law.clause-twice", "clause 2", S.version(-1, clauses=again(LAW.versions[-1].clauses))),
    Break("no hours", "law.term-length", "clause 6", S.clause("6", term=Term(Unit.HOUR, 0))),
    Break("several same days", "law.term-length", "clause 6", S.clause("6", term=Term(Unit.SAME_DAY, 1))),
    Break(
        "choice twice", "law.choice-twice", "choice red", S.clause("5", choices=(Choice("red", TEXT), Choice("red", TEXT)))
    ),
    Break("subject not declared", "law.subject-unknown", "clause 4", S.clause("4", subjects=("driver",))),
    Break("binding of another word", "law.binding-unknown", "clause 4", S.clause("4", binding="should")),
]
KINDS = [
    Break("no kind", "kinds.none", "kinds", S.but(kinds=())),
    Break("kind twice", "kinds.key-twice", "hazard", S.but(kinds=(KIND, KIND))),
    Break("prefix twice", "kinds.prefix-twice", "kinds", S.but(kinds=(KIND, change(KIND, key="other")))),
    Break("regulation not loaded", "kinds.instrument-unknown", "hazard", S.kind(instrument="yunqi:lamps-2025")),
    Break("petitioner of a third sort", "kinds.petitioner-unknown", "hazard", S.kind(petitioner="always")),
    Break("no registration", "kinds.registration-count", "hazard", S.without_step("register")),
    Break("two registrations", "kinds.registration-count", "hazard", S.step("accept", verb=Verb.REGISTER)),
    Break("state twice", "states.key-twice", "reported", S.kind(states=again(KIND.states))),
    Break(
        "state of the house",
        "states.of-the-house",
        "merged",
        S.kind(states=(*KIND.states, State("merged", TEXT, final=True))),
    ),
    Break("step twice", "steps.key-twice", "register", S.kind(steps=again(KIND.steps))),
    Break("deadline twice", "deadlines.key-twice", "secure-red", S.kind(deadlines=again(KIND.deadlines))),
    Break("warning twice", "warnings.key-twice", "late", S.kind(warnings=(LATE, LATE))),
    Break("warning called as the breach", "warnings.breach", "breach", S.kind(warnings=(change(LATE, key="breach"),))),
    Break(
        "warning in months",
        "warnings.distance",
        "late",
        S.kind(warnings=(change(LATE, distance=TermFigure(Unit.MONTH, 1)),)),
    ),
    Break("warning of nothing", "warnings.deadline-unknown", "late", S.kind(warnings=(change(LATE, deadlines=("tea",)),))),
    Break("warning on no clause", "citations.unknown", "late", S.kind(warnings=(change(LATE, clause="#88"),))),
    Break("channel twice", "channels.key-twice", "patrol", S.kind(channels=again(KIND.channels))),
    Break("track twice", "tracks.key-twice", "red", S.kind(tracks=again(KIND.tracks))),
    Break("tracks that nothing gives", "tracks.unmatched", "hazard", S.step("grade", verb=Verb.RECORD)),
    Break("no tracks to give", "tracks.unmatched", "hazard", S.kind(tracks=())),
    Break(
        "requires what is not there",
        "steps.requires-unknown",
        "secure",
        S.step("secure", requires=(Prerequisite("fly", "#7"),)),
    ),
    Break("part without a unit officer", "steps.part-without-officer", "arrive", S.step("arrive", by=(Role.DISPATCHER,))),
    Break("leads nowhere", "steps.state-unknown", "accept", S.step("accept", to="gone")),
    Break("follows nowhere", "steps.state-unknown", "accept", S.step("accept", after=("reported", "gone"))),
    Break("registers afterwards", "steps.registration-after", "register", S.step("register", after=("closed",))),
    Break("follows nothing", "steps.after-missing", "remind", S.step("remind", after=())),
    Break(
        "requires what comes later",
        "steps.requires-out-of-reach",
        "grade",
        S.step("grade", requires=(Prerequisite("report-repair", "#6"),)).step("reopen", to="repaired"),
    ),
    Break(
        "no end", "states.none-final", "hazard", S.kind(states=tuple(change(state, final=False) for state in KIND.states))
    ),
    Break("out of reach", "states.unreachable", "parked", S.kind(states=(*KIND.states, State("parked", TEXT)))),
    Break(
        "no way out",
        "states.dead-end",
        "repaired",
        S.step("close", after=("secured",)).step("send-back", after=("secured",)),
    ),
    Break("round and round", "states.no-end", "secured", S.without_step("close")),
    Break("reminded back to life", "states.final-left", "remind", S.step("remind", after=("closed",), to="graded")),
    Break("condition on nothing", "conditions.fact-unknown", "close", S.step("close", when={"mood": "good"})),
    Break("condition on evidence", "conditions.fact-unknown", "close", S.step("close", when={"measures": "x"})),
    Break("track that is none", "conditions.value-unknown", "secure-red", S.deadline("secure-red", when={"track": "green"})),
    Break(
        "short citation",
        "conditions.value-unknown",
        "open_way",
        S.field("refuse", "open_way", required_when={"grounds": "#10"}),
    ),
]
DEADLINES = [
    Break("met by nothing there", "deadlines.step-unknown", "watch", S.deadline("watch", met_by=("fly",))),
    Break("replaces nothing there", "deadlines.replaces-unknown", "watch", S.deadline("watch", replaces="sleep")),
    Break("replaces itself", "deadlines.replaces-unknown", "watch", S.deadline("watch", replaces="watch")),
    Break("starts at a number", "deadlines.start-unknown", "watch", S.deadline("watch", starts="fact:depth_cm")),
    Break("starts at no event", "deadlines.start-unknown", "watch", S.deadline("watch", starts="dawn")),
    Break("units without dispatch", "deadlines.holder-without-dispatch", "watch", S.step("send-crew", verb=Verb.RECORD)),
    Break("held by nobody", "deadlines.holder-unknown", "watch", S.deadline("watch", holder="mayor")),
    Break("held by whom nobody names", "deadlines.holder-never-named", "watch", S.deadline("watch", holder="named-units")),
    Break(
        "held by subjects of none", "deadlines.holder-without-subjects", "watch", S.deadline("watch", holder="each-subject")
    ),
    Break("held by a figure", "deadlines.holder-unknown", "watch", S.deadline("watch", holder="fact:depth_cm")),
    Break("arises at the end", "deadlines.in-final-state", "second-look", S.deadline("second-look", arises_on=("close",))),
    Break(
        "met before it arises", "deadlines.met-out-of-reach", "second-look", S.deadline("second-look", met_by=("register",))
    ),
    Break("met by nothing", "deadlines.never-met", "watch", S.deadline("watch", met_by=())),
    Break(
        "cooperating units cannot", "deadlines.part-cannot-meet", "repair", S.deadline("repair", met_by=("report-repair",))
    ),
    Break("setting not declared", "deadlines.setting-unknown", "watch", S.deadline("watch", setting="hazard.nap")),
    Break("setting of a number", "deadlines.setting-no-term", "watch", S.deadline("watch", setting="hazard.crews-on-call")),
    Break("figure that no step states", "deadlines.given-by-unknown", "watch", S.deadline("watch", given_by="nap")),
    Break(
        "a category's figure for the text's",
        "deadlines.category-limit-bound",
        "watch",
        S.deadline("watch", setting=None, category_limit=CategoryLimit.HANDLING),
    ),
    Break("no figure at all", "deadlines.no-term", "watch", S.deadline("watch", setting=None)),
    Break("setting twice", "settings.key-twice", "crews", S.but(settings=again(S.settings, 1))),
    Break("bounds crossed", "settings.bounds", "crews", S.setting("hazard.crews-on-call", minimum=50)),
    Break("bounds of a term", "settings.bounds", "watch", S.setting("hazard.watch-interval", minimum=1)),
]
PEOPLE = [
    Break("step of the petitioner", "roles.nobody", "withdraw", S.step("withdraw", by=(Role.PETITIONER,))),
    Break("officers before any dispatch", "roles.no-units-yet", "refuse", S.step("refuse", by=(Role.UNIT_OFFICER,))),
    Break("identity for units", "roles.identity-open", "hazard", S.kind(identity_roles=(Role.UNIT_OFFICER,))),
    Break("identity for nobody", "roles.identity-closed", "hazard", S.kind(identity_roles=())),
    *(
        Break(f"no {key}", f"usual.no-{key}", "hazard", S.without_step(key))
        for key in ("remind", "reopen", "refuse", "close", "withdraw")
    ),
    Break("reopens what is open", "usual.reopen-nothing", "reopen", S.step("reopen", after=("secured",))),
    Break("withdrawn and still there", "usual.not-ended", "withdraw", S.step("withdraw", to="accepted")),
    Break("no way elsewhere", "usual.no-elsewhere", "hazard", S.field("refuse", "grounds", options=options("private"))),
]
INPUTS = [
    Break(
        "facts of a channel",
        "conditions.sets-idle",
        "hazard",
        S.kind(channels=tuple(change(item, sets={"a": "b"}) for item in KIND.channels)),
    ),
    Break("enum of nothing", "fields.options", "hazard", S.field("register", "hazard", options=())),
    Break("options of a text", "fields.options", "measures", S.field("secure", "measures", options=options("one"))),
    Break("figures crossed", "fields.bounds", "depth_cm", S.field("register", "depth_cm", minimum=3000)),
    Break("field twice", "fields.key-twice", "remark", S.add_field("close", NOTE).add_field("close", NOTE).step("close")),
    Break("the core's own name", "fields.reserved", "note", S.add_field("close", change(NOTE, key="note"))),
    Break("the verb's own name", "fields.reserved", "reason", S.add_field("reopen", change(NOTE, key="reason"))),
    Break("fact of two types", "fields.two-types", "depth_cm", S.add_field("close", change(NOTE, key="depth_cm"))),
    Break("option twice", "options.twice", "hazard", S.field("register", "hazard", options=options("one", "one"))),
    Break(
        "option without value", "options.no-value", "hazard", S.field("register", "hazard", options=(Option(title=TEXT),))
    ),
    Break("option without title", "options.no-title", "hazard", S.field("register", "hazard", options=(Option(key="one"),))),
    Break("input that cannot be", "bodies.unmade", "register", S.field("register", "hazard", options=())),
    Break("two schemas of one name", "bodies.name-twice", "Hazard", S.but(kinds=(KIND, change(KIND, number_prefix="X")))),
    Break("no example", "examples.none", "measures", S.field("secure", "measures", example=None)),
    Break("example of another type", "examples.invalid", "depth_cm", S.field("register", "depth_cm", example="deep")),
    Break("example too high", "examples.invalid", "depth_cm", S.field("register", "depth_cm", example="2001")),
    Break(
        "example without zone", "examples.invalid", "seen_at", S.field("register", "seen_at", example="2026-02-14T08:00:00")
    ),
]
CAST = [
    Break("unit twice", "story.unit-twice", "road-office", S.tale(units=again(STORY.units))),
    Break("parent unknown", "story.unit-parent", "crew-one", S.tale(units=tuple(reversed(STORY.units)))),
    Break("category twice", "story.category-twice", "flood", S.but(story=change(STORY, categories=(FLOOD, FLOOD)))),
    Break(
        "category below nothing",
        "story.category-parent",
        "flood",
        S.but(story=change(STORY, categories=(change(FLOOD, parent="water"),))),
    ),
    Break(
        "category of no unit",
        "story.category-unit",
        "flood",
        S.but(story=change(STORY, categories=(change(FLOOD, default_unit="nobody"),))),
    ),
    Break("person twice", "story.person-twice", "admin", S.tale(people=again(STORY.people))),
    Break("person of no unit", "story.person-unit", "admin", S.tale(people=(change(STORY.people[0], unit="moon"),))),
    Break("no administrator", "story.no-administrator", "people", S.tale(people=STORY.people[1:])),
    Break("setting unknown", "story.setting-unknown", "nap", S.tale(settings=(change(STORY.settings[0], key="nap"),))),
    Break(
        "setting of another type",
        "story.setting-value",
        "watch",
        S.tale(settings=(change(STORY.settings[0], value="long"),)),
    ),
    Break("setting without basis", "story.setting-basis", "watch", S.tale(settings=(change(STORY.settings[0], basis=" "),))),
    Break("office that nobody fills", "story.office-empty", "secure-red", S.tale(units=STORY.units[:1])),
    Break(
        "nothing refused",
        "story.nothing-refused",
        "story",
        S.act(2, expect=change(STORY.scenes[0].acts[2].expect, refused_by=None)),
    ),
    Break(
        "kind not played", "story.kind-unplayed", "story", S.but(kinds=(KIND, change(KIND, key="lamp", number_prefix="L")))
    ),
    Break("step unknown", "story.step-unknown", "act 4", S.act(3, does="paint")),
    Break("case unknown", "story.step-unknown", "act 4", S.act(3, case="tree")),
    Break("time without zone", "story.time-without-zone", "act 1", S.act(0, at=datetime(2026, 2, 14, 15))),  # noqa: DTZ001  # the fault
    Break("time that runs back", "story.time-backwards", "act 1", S.act(0, at=datetime(2026, 2, 13, tzinfo=UTC))),
    Break("person unknown", "story.person-unknown", "act 2", S.act(1, who="nobody")),
    Break("person without role", "story.person-without-role", "act 2", S.act(1, who="foreman")),
    Break(
        "state unknown",
        "story.state-unknown",
        "act 2",
        S.act(1, expect=change(STORY.scenes[0].acts[1].expect, state="gone")),
    ),
    Break("deadline unknown", "story.deadline-unknown", "act 4", S.deadline("secure-red", key="secure-crimson")),
    Break("deadline of another clause", "story.deadline-clause", "act 4", S.deadline("secure-red", clause="#5/amber")),
    Break("unit unknown", "story.unit-unknown", "act 2", S.act(1, body={"lanes_closed": "@moon"})),
    Break("field unknown", "story.field-unknown", "act 2", S.act(1, body={"mood": "good"})),
    Break("body not valid", "story.body-invalid", "act 2", S.act(1, body={"lanes_closed": "perhaps"})),
]
RULES = [
    Break("rule that fails", "objections.rule-fails", "close", S.but(rule=fail)),
    Break("rule that answers nothing", "objections.no-tuple", "close", S.but(rule=lambda _view: None)),
    Break(
        "objection under no clause", "objections.clause-unknown", "close", S.but(rule=object_with("yunqi:hazards-2025#88"))
    ),
    Break("objection cited short", "objections.clause-unknown", "close", S.but(rule=object_with("#5"))),
    Break(
        "objection to no field",
        "objections.field-unknown",
        "close",
        S.but(rule=object_with("yunqi:hazards-2025#5", "/mood")),
    ),
    Break(
        "field not pointed to", "objections.field-unknown", "close", S.but(rule=object_with("yunqi:hazards-2025#5", "note"))
    ),
]
TABLE = [
    *MANIFEST_AND_LAW,
    *KINDS,
    *DEADLINES,
    *PEOPLE,
    *INPUTS,
    *CAST,
    *RULES,
    *(Break(*row) for row in [*BREAKS, *ANSWER_BREAKS, *MOVING_BREAKS, *SUPERVISION_BREAKS, *REGIME_BREAKS, *MATTER_BREAKS]),
]


def test_sound_city_has_no_findings() -> None:
    for sound in (SOUND, DAILY, ASKING, SUPERVISING):
        assert examine_all(sound.city) == ()


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_fault_is_found(case: Break) -> None:
    found = list(find_until(case.city.city, case.code))
    places = [finding.place for finding in found if finding.code == case.code]
    assert places, f"{case.code} is not among {sorted({finding.code for finding in found})}"
    assert any(case.place in place for place in places), f"{case.place!r} is not in {places}"


def find_until(city: City, code: str) -> Iterator[Finding]:
    """What the checks find, one check after another, the longest last, until one has found the code."""
    for check in sorted(CHECKS.values(), key=lambda check: check is CHECKS["objections"]):
        found = examine(city, check)
        yield from found
        if any(finding.code == code for finding in found):
            return


def test_package_of_another_name_is_found() -> None:
    city = SOUND.city
    city.module = "hazards.plugin"
    assert [finding.code for finding in examine_all(city)] == ["manifest.package-differs"]


def test_unreadable_data_is_found_with_file_and_line() -> None:
    city = SOUND.city
    city.jurisdiction.hooks.provide_story = unreadable
    findings = {finding.code: str(finding) for finding in examine_all(city)}
    assert "hazard.yaml:7: expected object" in findings["data.unreadable"]


def test_table_has_every_finding_that_the_suite_can_make() -> None:
    covered = {case.code for case in TABLE} | {"manifest.package-differs", "data.unreadable"}
    missing = [code for code in _codes() if not any(_matches(code, known) for known in covered)]
    assert missing == []


def test_suite_runs_every_check() -> None:
    source = Path(core.conformance.__file__).with_name("suite.py").read_text(encoding="utf-8")
    called = {name for name in CHECKS if f'"{name}"' in source}
    assert called == set(CHECKS)
    assert all(_run(name).__doc__ for name in vars(JurisdictionConformance) if name.startswith("test_"))


def _run(name: str) -> Callable[..., None]:
    method: Callable[..., None] = getattr(JurisdictionConformance, name)
    return method


def _codes() -> list[list[str]]:
    """The codes of all findings in the source, each as the fixed parts around what is filled in."""
    files = Path(core.conformance.__file__).parent.glob("*.py")
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))]
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return [_parts(call.args[0]) for call in calls if call.func.id == "Finding"]


def _parts(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    assert isinstance(node, ast.JoinedStr), "a code is written out, so that it can be found"
    return [str(part.value) if isinstance(part, ast.Constant) else "" for part in node.values]


def _matches(parts: list[str], code: str) -> bool:
    if len(parts) == 1:
        return parts[0] == code
    return code.startswith(parts[0]) and code.endswith(parts[-1])
