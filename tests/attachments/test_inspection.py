"""What a file is found to be does not depend on what it is called, nor on how it is cut into pieces."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.attachments.inspection import Inspection
from core.attachments.kinds import KINDS
from core.errors import Refused
from tests.attachments import files

KNOWN = {
    "pdf": [files.PDF],
    "jpeg": [files.JPEG],
    "png": [files.png()],
    "webp": [files.WEBP],
    "heic": [files.iso_media(b"heic", b"mif1"), files.iso_media(b"mif1", b"heic")],
    "mp3": [files.MP3, files.MP3_TAGGED],
    "m4a": [files.iso_media(b"M4A ", b"isom")],
    "amr": [files.AMR],
    "wav": [files.WAV],
    "mp4": [files.iso_media(b"isom", b"iso2", b"mp41"), files.iso_media(b"XXXX", b"mp42")],
    "docx": [files.docx(), files.docx(streamed=True), files.docx(stored=True), files.docx(("word/x.xlsx", files.xlsx()))],
    "xlsx": [files.xlsx()],
    "ofd": [files.ofd()],
    "doc": [files.compound("WordDocument"), files.compound("WordDocument", at=128 * 1_031)],
    "xls": [files.compound("Workbook"), files.compound("Book")],
    "txt": ["问责".encode(), "问责".encode("gb18030"), b"a,b\r\n1,2\r\n", b"MZ is how a text can begin"],
}
SAMPLES = [(kind, content) for kind, contents in KNOWN.items() for content in contents]


def look(content: bytes, declared: str = "", extension: str = "", step: int = 65_536) -> str:
    inspection = Inspection(KINDS.keys(), declared, extension)
    for start in range(0, len(content), step):
        inspection.feed(content[start : start + step])
    return inspection.finish().key


def refusal(content: bytes, declared: str = "", extension: str = "") -> Refused:
    with pytest.raises(Refused) as caught:
        look(content, declared, extension)
    return caught.value


def test_every_kind_has_a_sample() -> None:
    assert KNOWN.keys() == KINDS.keys()


@pytest.mark.parametrize(("kind", "content"), SAMPLES, ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.parametrize("step", [1, 7, 4_096, 1 << 30])
def test_a_kind_is_known_by_its_content(kind: str, content: bytes, step: int) -> None:
    assert look(content, step=step if len(content) < 20_000 else 1_000) == kind
    for extension in KINDS[kind].extensions:
        assert look(content, KINDS[kind].media_type, extension) == kind


@pytest.mark.parametrize(("kind", "content"), SAMPLES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_name_or_type_of_another_kind_is_a_lie(kind: str, content: bytes) -> None:
    other = "png" if kind != "png" else "pdf"
    for declared, extension in ((KINDS[other].media_type, ""), ("", other), ("application/x-unknown", ""), ("", "exe")):
        error = refusal(content, declared, extension)
        assert error.code == "attachments.kind-contradicted"
        assert error.params["found"] == KINDS[kind].media_type


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (files.EXE, "application/vnd.microsoft.portable-executable"),
        (b"\x7fELF\x02" + bytes(60), "application/x-elf"),
        (b"Rar!\x1a\x07\x01\x00", "application/vnd.rar"),
        (b"\x1f\x8b\x08\x00" + bytes(20), "application/gzip"),
        (b"GIF89a\x01\x00\x01\x00", "image/gif"),
        (files.HTML, "text/html"),
        (b"<svg onload='x'>", "text/html"),
        (b"#!/bin/sh\nrm -rf /\n", "text/x-shellscript"),
        (b"{\\rtf1 x}", "application/rtf"),
        (files.container([("a.txt", b"x")]), "application/zip"),
        (files.container([("word/document.xml", b"x")]), "application/zip"),
        (files.docx(("word/vbaProject.bin", b"x")), "application/zip"),
        (files.container([("META-INF/MANIFEST.MF", b"x")]), "application/zip"),
        (files.compound("Installer"), "application/x-ole-storage"),
        (b"PK\x05\x06" + bytes(18), "application/zip"),
        ("零".encode("utf-16"), "application/octet-stream"),
        (b"text with a \x00 in it", "application/octet-stream"),
        (b"\x81", "application/octet-stream"),
        (b"\xff\xfb\x90\x00" + bytes(413), "application/octet-stream"),
    ],
)
def test_what_is_not_taken_is_told(content: bytes, found: str) -> None:
    error = refusal(content)
    assert (error.code, error.params["found"]) == ("attachments.kind-not-taken", found)


def test_only_the_kinds_of_the_setting_are_taken() -> None:
    inspection = Inspection({"pdf"}, "", "")
    inspection.feed(files.JPEG)
    with pytest.raises(Refused, match="kind-not-taken"):
        inspection.finish()


def test_an_empty_file_is_none() -> None:
    assert refusal(b"").code == "attachments.empty"


def test_a_text_that_speaks_of_a_directory_entry_is_none() -> None:
    whole = files.compound("WordDocument", at=1_024)
    assert refusal(whole[:1_020] + whole[1_024:]).params["found"] == "application/x-ole-storage"


def test_a_bomb_is_refused_early_and_a_large_text_is_not() -> None:
    bomb = files.bomb()
    assert len(bomb) < 1_200_000
    inspection, fed = Inspection(KINDS.keys(), "", "docx"), 0
    with pytest.raises(Refused, match="container-bomb"):
        for start in range(0, len(bomb), 4_096):
            inspection.feed(bomb[start : start + 4_096])
            fed = start
    assert fed < 100_000
    assert look(files.bomb(3 << 20)) == "docx"


def test_containers_in_containers_end_somewhere() -> None:
    inner = files.docx(("a/b.docx", files.docx()))
    assert look(inner) == "docx"
    assert refusal(files.docx(("a/c.docx", inner))).code == "attachments.container-bomb"
    assert refusal(files.docx(("a/c.docx", files.docx()[:-9]))).code == "attachments.container-broken"


def test_too_many_members_are_refused() -> None:
    assert refusal(files.docx(*((f"m/{number}", b"") for number in range(5_000)))).code == "attachments.container-bomb"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "word/../../x", "C:/x", "C:\\x", "..\\x"])
def test_members_that_lead_out_are_refused(name: str) -> None:
    assert refusal(files.docx((name, b"x"))).code == "attachments.container-path"


def _central(content: bytes) -> int:
    return content.index(b"PK\x01\x02")


def lies() -> Iterator[tuple[str, bytes]]:
    whole = files.docx()
    central, end = _central(whole), whole.rindex(b"PK\x05\x06")
    yield "trailing", whole + b"x"
    yield "cut", whole[:-1]
    yield "without directory", whole[:central]
    yield "directory size", whole[: central + 24] + struct.pack("<I", 1) + whole[central + 28 :]
    yield "member size", whole[:22] + struct.pack("<I", 7) + whole[26:]
    yield "check sum", whole[:14] + b"\0\0\0\0" + whole[18:]
    yield "other name", whole[:central] + whole[central:].replace(b"[Content_Types]", b"[Xontent_Types]")
    yield "count", whole[: end + 8] + struct.pack("<HH", 9, 9) + whole[end + 12 :]
    yield "gap", whole[:central] + b"MZ hidden" + whole[central:]
    yield "method", whole[:8] + struct.pack("<H", 12) + whole[10:]
    yield "twice", files.container([files.TYPES, ("word/document.xml", b"x"), files.TYPES])


@pytest.mark.parametrize(("what", "content"), list(lies()), ids=lambda value: value if isinstance(value, str) else "")
def test_a_container_that_lies_is_refused(what: str, content: bytes) -> None:
    assert refusal(content).code == "attachments.container-broken", what


def test_an_encrypted_container_is_refused() -> None:
    whole = files.docx()
    assert refusal(whole[:6] + b"\x01\x00" + whole[8:]).code == "attachments.container-encrypted"


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_comes_is_found_or_refused(data: st.DataObject) -> None:
    """A good file with a piece of it changed, removed or doubled: never another error."""
    content = bytearray(data.draw(st.sampled_from([content for _, content in SAMPLES if len(content) < 20_000])))
    start = data.draw(st.integers(0, len(content) - 1))
    length = data.draw(st.integers(0, 40))
    content[start : start + length] = data.draw(st.binary(max_size=40))
    try:
        found = look(bytes(content), step=data.draw(st.integers(1, 5_000)))
    except Refused as error:
        found = error.code
    assert found in KINDS or found.startswith("attachments.")
