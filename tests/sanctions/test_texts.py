"""Every reason, remark and line has a text in both languages, and is given what the text names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import core.sanctions
from core.sanctions.regime import Gravity, Opens, Share
from core.sanctions.wording import render_lines, render_reason
from core.texts import catalogue
from tests.sanctions.proposals import AK1, BD1, GZ, JC1, PERSON, UNIT, judge, proposal

CODE = re.compile(r"sanctions\.[a-z.-]+")


def written() -> Iterator[str]:
    """Every text id that the package writes out."""
    for file in Path(core.sanctions.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                yield node.value


@pytest.mark.parametrize("code", sorted(set(written())))
def test_what_is_said_has_a_text(code: str) -> None:
    assert code in catalogue() or any(name.startswith(code) for name in catalogue())


@pytest.mark.parametrize("opens", [item for item in Opens if item is not Opens.NOTHING])
def test_what_opens_has_a_text(opens: Opens) -> None:
    assert f"sanctions.line.opens-{opens.value}" in catalogue()


def test_both_languages_name_the_same() -> None:
    for code, text in catalogue().items():
        if code.startswith("sanctions."):
            plain = [
                {name.removesuffix("_zh").removesuffix("_en") for _, name, _, _ in Formatter().parse(part) if name}
                for part in (text.zh, text.en)
            ]
            assert plain[0] - {"zh", "en", "clause"} <= plain[1] | {"what"}, code


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_placeholder_is_left_standing(language: str) -> None:
    acts = frozenset({f"{AK1}4.5.2"})
    bad = [
        (
            AK1,
            proposal(
                AK1, UNIT, "4.5.2 4.5.2 4.8.2 4.8.3 4.9 9.9", "7.7 7.1 7.1 7.10 4 7.p2", "5.1 5.1 4.1", missing="hearing"
            ),
        ),
        (
            AK1,
            proposal(
                AK1, PERSON, "4.5.2 4.8.3", "7.6 7.8", "5.4 6.1", in_order=False, subject_class="centre", share=Share.NONE
            ),
        ),
        (AK1, proposal(AK1, PERSON, "", "", short_way=True, subject_class="nobody")),
        (BD1, proposal(BD1, PERSON, "5.4", "11.1/correction 11.3/removal", "1", severity="11.1", in_order=False)),
        (BD1, proposal(BD1, UNIT, "5.4", "", severity="11.1")),
        (BD1, proposal(BD1, UNIT, "5.2", "11.2/criticism", severity="11.9")),
        (
            GZ,
            proposal(GZ, UNIT, "9/attitude 11.2 10/untimely", "", "12.2", responsibility="15.p2/direct 15.p2/leadership 1"),
        ),
        (GZ, proposal(GZ, PERSON, "11.2", "", "12.3", in_order=False)),
        (JC1, proposal(JC1, UNIT, "5.1", "6.2", gravity=Gravity.LIGHT, short_way=True)),
        (JC1, proposal(JC1, PERSON, "5.1", "7.1", gravity=Gravity.SERIOUS, missing="opinion consent")),
    ]
    bad.append((AK1, proposal(AK1, PERSON, "4.5.2", "7.1", acts=[f"{AK1}4.5.2"], sanctioned_acts=acts)))
    for instrument, proposed in bad:
        verdict = judge(instrument, proposed)
        said = [render_reason(reason, language) for reason in (*verdict.reasons, *verdict.remarks)]
        said += render_lines(verdict.lines, language)
        assert not [text for text in said if re.search(r"\{[a-z_]+\}", text) or text.startswith("sanctions.")]
