"""Names are base names that every system can bear."""

from __future__ import annotations

import pytest

from core.attachments.names import LONGEST_NAME, check_name, extension_of
from core.errors import Invalid


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("现场照片.jpg", "现场照片.jpg"),
        ("a b (1).PDF", "a b (1).PDF"),
        ("cafe\u0301.txt", "caf\u00e9.txt"),
        ("console.log", "console.log"),
        ("x" * LONGEST_NAME, "x" * LONGEST_NAME),
    ],
)
def test_a_good_name_is_kept_in_its_composed_form(name: str, kept: str) -> None:
    assert check_name(name) == kept


@pytest.mark.parametrize(
    "name",
    [
        "../x.pdf", "a/b.pdf", "a\\b.pdf", "C:x.pdf", "/etc/passwd", ".htaccess", "..", ".", "x.", " x", "x ", "a\nb",
        "a\tb", "a\x00b", "a\x7fb", "photo\u202egpj.exe", "a\u200bb", "\ufeffx", "a\u2028b", "\ud800", "a?b", "a*b", 'a"b',
        "a|b", "<x>", "con", "CON.txt", "nul.pdf", "com1", "LPT9.doc", "com\u00b9.x",
    ],
)  # fmt: skip
def test_what_could_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_name(name)
    assert caught.value.code in {"attachments.name-unsafe", "attachments.name-reserved"}
    assert caught.value.field == "name"


@pytest.mark.parametrize("name", ["", "x" * (LONGEST_NAME + 1)])
def test_the_length_is_bounded(name: str) -> None:
    with pytest.raises(Invalid, match="name-length"):
        check_name(name)


@pytest.mark.parametrize(("name", "extension"), [("a.b.PDF", "pdf"), ("README", ""), (".x", ""), ("x.", "")])
def test_the_extension(name: str, extension: str) -> None:
    assert extension_of(name) == extension
