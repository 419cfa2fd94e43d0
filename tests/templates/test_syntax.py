"""The language of templates: what is a placeholder, where a fault stands, and that nothing that is put in is read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.templates.syntax import LONGEST_TEXT, MOST_PLACEHOLDERS, Placeholder, fill, parse_template, placeholders_of

TEXTS = st.text(st.characters(exclude_characters="\x00"), max_size=60)


@given(st.lists(TEXTS | st.just("$"), max_size=8), TEXTS)
def test_what_is_no_dollar_stands_as_it_is_and_values_are_not_read(texts: list[str], value: str) -> None:
    body = "${a}".join(text.replace("$", "$$") for text in texts)
    assert fill(parse_template(body), {"a": value}) == value.join(texts)


@pytest.mark.parametrize("value", ["${number}", "$$", "{number}", "%s", "=1+1", "<script>", "{{7*7}}", "${a.__class__}"])
def test_a_value_is_only_text(value: str) -> None:
    assert fill(parse_template("一${a}二"), {"a": value}) == f"一{value}二"


@pytest.mark.parametrize(
    ("body", "line", "column", "found"),
    [
        ("$", 1, 1, "$"),
        ("价 $5", 1, 3, "$5"),
        ("一\n二${number", 2, 2, "${number"),
        ("一\n\n${}", 3, 1, "${}"),
        ("${Number}", 1, 1, "${Number}"),
        ("${a b}", 1, 1, "${a b}"),
        ("${number!r}", 1, 1, "${number!r}"),
        ("${a[0]}", 1, 1, "${a[0]}"),
        ("${_private}", 1, 1, "${_private}"),
        ("${number\n}", 1, 1, "${number"),
        ("$${ok} $number", 1, 8, "$number"),
        ("${" + "a" * 101 + "}", 1, 1, "${" + "a" * 18),
    ],
)
def test_a_fault_is_told_with_its_place(body: str, line: int, column: int, found: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_template(body)
    assert refused.value.code == "templates.syntax"
    assert refused.value.params == {"line": line, "column": column, "found": found}


def test_placeholders_know_where_they_stand() -> None:
    parts = parse_template("致${asked.who}：\n　$$${due.window-reply}")
    assert placeholders_of(parts) == (Placeholder("asked.who", 1, 2), Placeholder("due.window-reply", 2, 4))


def test_texts_are_bounded() -> None:
    body = "${a}" * MOST_PLACEHOLDERS
    assert len(fill(parse_template(body), {"a": "x" * (LONGEST_TEXT // MOST_PLACEHOLDERS)})) == LONGEST_TEXT
    with pytest.raises(Refused, match="too-long"):
        fill(parse_template(body), {"a": "x" * (LONGEST_TEXT // MOST_PLACEHOLDERS + 1)})
    with pytest.raises(Refused, match="too-many"):
        parse_template(body + "${a}")
