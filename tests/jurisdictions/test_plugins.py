"""How the core finds, checks and asks the cities' plugins: every hook, and every way in which a plugin does not fit."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint, EntryPoints
from types import ModuleType
from typing import Any

import pytest

import core.jurisdictions
from core.errors import NotFound
from core.hookspecs import CityHooks, hookimpl
from core.house_settings import HOUSE_SETTINGS
from core.jurisdictions import GROUP, FaultyPlugin, Jurisdiction, Jurisdictions, load_jurisdiction
from core.law.citation import Citation
from core.law.source import FaultInSource
from core.procedure import HOOK_CONTRACT, Manifest, Objection, StepView
from core.resolution import UnknownClause
from tests.jurisdictions.yunqi import SOUND_KIND_KEY, Yunqi, change, load_yunqi, object_with, view_of

SOUND = load_yunqi()
HOOKS = [name for name in vars(CityHooks) if not name.startswith("_")]
Make = Callable[..., EntryPoint]


@pytest.fixture
def make_plugin(monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes an importable plugin that answers as the sound city does, and the entry point to it."""

    def make(id_: str = "yunqi", city: Yunqi = SOUND, without: str = "", **answers: Callable[..., Any]) -> EntryPoint:
        def check_step(view: StepView) -> Any:
            return city.rule(view)

        module = ModuleType(f"plugin_of_{id_}")
        sound: dict[str, Callable[..., Any]] = {
            "provide_manifest": lambda: change(city.manifest, id=id_),
            "provide_instruments": lambda: city.instruments,
            "provide_case_kinds": lambda: city.kinds,
            "provide_settings": lambda: city.settings,
            "provide_regimes": lambda: city.regimes,
            "provide_story": lambda: city.story,
            "check_step": check_step,
        }
        for name, answer in (sound | answers).items():
            if name != without:
                setattr(module, name, hookimpl(answer))
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return EntryPoint(id_, module.__name__, GROUP)

    return make


@pytest.fixture
def city(make_plugin: Make) -> Jurisdiction:
    """The sound city, loaded."""
    return load_jurisdiction(make_plugin())


def install(monkeypatch: pytest.MonkeyPatch, *points: EntryPoint) -> None:
    """Makes these the entry points of this machine."""
    monkeypatch.setattr(core.jurisdictions, "entry_points", lambda *, group: EntryPoints(points).select(group=group))


# One test for each hook: what the core makes of its answer.


def test_hook_provide_manifest(make_plugin: Make) -> None:
    asked: list[str] = []

    def provide_manifest() -> Manifest:
        asked.append("manifest")
        return SOUND.manifest

    loaded = load_jurisdiction(make_plugin(provide_manifest=provide_manifest))
    assert (loaded.manifest.id, asked) == ("yunqi", ["manifest"])


def test_hook_provide_instruments(city: Jurisdiction) -> None:
    assert "yunqi:hazards-2025" in city.rulebook.instruments
    assert {"wenze:readings", "wenze:house"} <= set(city.rulebook.instruments), "the house's rules hold in every city"


def test_hook_provide_case_kinds(city: Jurisdiction) -> None:
    step = city.kind(SOUND_KIND_KEY).step("grade")
    assert step is not None
    assert step.clause == "yunqi:hazards-2025#5", "citations are whole once the core has completed them"
    assert city.kind(SOUND_KIND_KEY).tracks[0].title == SOUND.instruments[0].versions[-1].clauses[3].choices[0].label


def test_hook_provide_settings(city: Jurisdiction) -> None:
    assert set(city.settings) == {"hazard.watch-interval", "hazard.crews-on-call", *(kind.key for kind in HOUSE_SETTINGS)}


def test_hook_provide_regimes(city: Jurisdiction, make_plugin: Make) -> None:
    assert {key: regime.instrument for key, regime in city.regimes.items()} == {"road-duty": "yunqi:hazards-2025"}
    assert load_jurisdiction(make_plugin(city=SOUND.but(regimes=()))).regimes == {}, "a city can have none"


def test_hook_provide_story(city: Jurisdiction) -> None:
    assert city.story.scenes[0].acts[0].kind == SOUND_KIND_KEY


def test_hook_check_step(make_plugin: Make) -> None:
    loaded = load_jurisdiction(make_plugin(city=SOUND.but(rule=object_with("yunqi:hazards-2025#5"))))
    objections = loaded.hooks.check_step(view=view_of("grade"))
    assert [objection.clause for objection in objections] == ["yunqi:hazards-2025#5"]


def test_empty_objections_let_a_step_pass(make_plugin: Make) -> None:
    loaded = load_jurisdiction(make_plugin(city=SOUND.but(rule=lambda _view: ())))
    assert loaded.hooks.check_step(view=view_of("grade")) == ()


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_tested(hook: str) -> None:
    assert f"test_hook_{hook}" in globals(), f"write test_hook_{hook} above"


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_says_when_it_is_asked_with_what_and_what_the_answer_means(hook: str) -> None:
    function = getattr(CityHooks, hook)
    words = inspect.getdoc(function) or ""
    signature = inspect.signature(function)
    assert words.startswith("Asked "), f"{hook}: begin with when it is asked"
    for name in [name for name in signature.parameters if name != "self"]:
        assert f"``{name}``" in words, f"{hook}: say what {name} is"
    assert ":" in words or "The answer" in words, f"{hook}: say what the answer means"
    assert signature.return_annotation not in {inspect.Signature.empty, "None"}, f"{hook}: type the answer"


# Plugins that do not fit.


def test_unknown_hook_is_refused(make_plugin: Make) -> None:
    with pytest.raises(FaultyPlugin, match=r"'yunqi' \(plugin_of_yunqi\).*provide_weather"):
        load_jurisdiction(make_plugin(provide_weather=lambda: "rain"))


def test_unknown_argument_is_refused(make_plugin: Make) -> None:
    def check_step(step: object) -> tuple[Objection, ...]:
        return ()

    with pytest.raises(FaultyPlugin, match="check_step"):
        load_jurisdiction(make_plugin(check_step=check_step))


@pytest.mark.parametrize("hook", HOOKS)
def test_missing_answer_is_refused(make_plugin: Make, hook: str) -> None:
    with pytest.raises(FaultyPlugin, match=f"'yunqi' does not answer {hook};"):
        load_jurisdiction(make_plugin(without=hook))


def test_manifest_of_another_id_is_refused(make_plugin: Make) -> None:
    with pytest.raises(FaultyPlugin, match="'yunqi': its manifest says 'linhai'; both must be the same"):
        load_jurisdiction(make_plugin(provide_manifest=lambda: change(SOUND.manifest, id="linhai")))


@pytest.mark.parametrize("contract", [HOOK_CONTRACT - 1, HOOK_CONTRACT + 1])
def test_another_contract_is_refused(make_plugin: Make, contract: int) -> None:
    with pytest.raises(FaultyPlugin, match=f"written for hook contract {contract}; this core has {HOOK_CONTRACT}"):
        load_jurisdiction(make_plugin(provide_manifest=lambda: change(SOUND.manifest, contract=contract)))


def test_plugin_that_cannot_be_imported_is_refused() -> None:
    with pytest.raises(FaultyPlugin, match=r"'linhai' \(wenze_linhai\.plugin\): No module named 'wenze_linhai'"):
        load_jurisdiction(EntryPoint("linhai", "wenze_linhai.plugin", GROUP))


def test_unknown_clause_is_refused_with_its_place(make_plugin: Make) -> None:
    broken = load_jurisdiction(make_plugin(city=SOUND.step("close", clause="#88")))
    with pytest.raises(UnknownClause, match="kind hazard: '#88'"):
        _ = broken.kinds


def test_faulty_manifest_file_is_told_with_its_line(make_plugin: Make) -> None:
    def provide_manifest() -> Manifest:
        raise FaultInSource("manifest.yaml", 4, "expected int (at $.contract)")

    with pytest.raises(FaultInSource, match=r"manifest\.yaml:4: expected int"):
        load_jurisdiction(make_plugin(provide_manifest=provide_manifest))


# Many cities on one machine.


def test_a_question_reaches_one_city_alone(make_plugin: Make) -> None:
    asked: list[str] = []

    def rule_of(id_: str) -> Callable[[StepView], tuple[Objection, ...]]:
        return lambda _view: (asked.append(id_), ())[1]

    cities = {id_: load_jurisdiction(make_plugin(id_, SOUND.but(rule=rule_of(id_)))) for id_ in ("yunqi", "linhai")}
    cities["linhai"].hooks.check_step(view=view_of("grade"))
    assert asked == ["linhai"]
    cities["yunqi"].hooks.check_step(view=view_of("grade"))
    assert asked == ["linhai", "yunqi"]
    assert cities["yunqi"].hooks is not cities["linhai"].hooks


def test_one_city_answers_each_question_once(city: Jurisdiction) -> None:
    assert {hook: len(getattr(city.hooks, hook).get_hookimpls()) for hook in HOOKS} == dict.fromkeys(HOOKS, 1)


def test_cities_are_found_by_their_entry_points(monkeypatch: pytest.MonkeyPatch, make_plugin: Make) -> None:
    other = EntryPoint("console", "anything", "console_scripts")
    install(monkeypatch, make_plugin("yunqi"), make_plugin("linhai"), other)
    found = Jurisdictions.discover()
    assert found.ids == ("linhai", "yunqi")
    assert found.get("linhai").manifest.id == "linhai"
    with pytest.raises(NotFound) as refusal:
        found.get("atlantis")
    assert refusal.value.params["known"] == "linhai, yunqi"


def test_two_packages_of_one_id_are_refused(monkeypatch: pytest.MonkeyPatch, make_plugin: Make) -> None:
    install(monkeypatch, make_plugin(), EntryPoint("yunqi", "copy_of_yunqi", GROUP))
    with pytest.raises(FaultyPlugin, match="two packages answer for the jurisdiction 'yunqi'"):
        Jurisdictions.discover()


def test_one_faulty_city_stops_the_start_and_is_named(monkeypatch: pytest.MonkeyPatch, make_plugin: Make) -> None:
    install(monkeypatch, make_plugin("yunqi"), make_plugin("linhai", without="check_step"))
    with pytest.raises(FaultyPlugin, match="'linhai'"):
        Jurisdictions.discover()


def test_a_citation_leads_to_its_city(monkeypatch: pytest.MonkeyPatch, make_plugin: Make) -> None:
    install(monkeypatch, make_plugin())
    found = Jurisdictions.discover()
    assert found.rulebook_for(Citation.parse("yunqi:hazards-2025#5")) is found.get("yunqi").rulebook
    with pytest.raises(NotFound, match=r"law\.instrument-unknown"):
        found.rulebook_for(Citation.parse("atlantis:waves-2025#1"))
