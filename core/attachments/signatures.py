"""What a file is by its first bytes. An allow-list needs few signatures, each strict; a guess would be no check."""

from __future__ import annotations

import re
import struct

HEAD_BYTES = 4_096
"""How much of the beginning is looked at."""
_ZIP, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PLAIN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-1.", "pdf"),
    (b"%PDF-2.", "pdf"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "png"),
    (b"#!AMR\n", "amr"),
    (b"#!AMR-WB\n", "amr"),
)
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "heic"),
    **dict.fromkeys((b"M4A ", b"M4B "), "m4a"),
    **dict.fromkeys(
        (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash"), "mp4"
    ),
}
_BINARY: tuple[tuple[bytes, str], ...] = (
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"\x7fELF", "application/x-elf"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xca\xfe\xba\xbe", "application/java-vm"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"PK\x05\x06", "application/zip"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
)
_MARKUP = rb"^(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|script|svg|\?xml|\?php|!--|iframe)"
_TEXT_FORMS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(_MARKUP, re.IGNORECASE), "text/html"),
    (re.compile(rb"^(?:\xef\xbb\xbf)?#!"), "text/x-shellscript"),
    (re.compile(rb"^\{\\rtf"), "application/rtf"),
)
_BITRATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITRATES_LOW = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def find_kind(head: bytes) -> str | None:
    """The key of the kind, ``zip`` or ``compound`` for what must be looked into, else ``None``."""
    if head.startswith(_ZIP):
        return "zip"
    if head.startswith(_COMPOUND):
        return "compound"
    plain = next((key for signature, key in _PLAIN if head.startswith(signature)), None)
    return plain or _riff(head) or _iso_media(head) or _mp3(head)


def name_binary(head: bytes) -> str:
    """The media type of what is no kind that can be attached, so that a refusal can say what was found."""
    return next((name for signature, name in _BINARY if head.startswith(signature)), "application/octet-stream")


def name_text_form(head: bytes) -> str | None:
    """What a text is more than a text: a page, a script. ``None`` for one that is read and nothing else."""
    return next((name for form, name in _TEXT_FORMS if form.match(head)), None)


def _riff(head: bytes) -> str | None:
    form = head[8:12] if head.startswith(b"RIFF") else b""
    return {b"WEBP": "webp", b"WAVE": "wav"}.get(form)


def _iso_media(head: bytes) -> str | None:
    """By the major brand; by the compatible ones where that says nothing (ISO/IEC 14496-12, 4.3)."""
    if head[4:8] != b"ftyp":
        return None
    size = min(struct.unpack(">I", head[:4])[0], len(head))
    brands = [head[8:12], *(head[start : start + 4] for start in range(16, size - 3, 4))]
    return next((_BRANDS[brand] for brand in brands if brand in _BRANDS), None)


def _mp3(head: bytes) -> str | None:
    """A tag, or two frames one after the other, because eleven bits alone would be found in anything."""
    if head.startswith(b"ID3"):
        return "mp3" if len(head) >= 10 and head[3] <= 4 and not any(byte & 0x80 for byte in head[6:10]) else None
    length = _frame_length(head[:4])
    return "mp3" if length and _frame_length(head[length : length + 4]) else None


def _frame_length(header: bytes) -> int:
    """The bytes of a layer III frame; 0 for what is no header of one (ISO/IEC 11172-3, 2.4.1.3)."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, bitrate, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or bitrate in {0, 15} or rate == 3:
        return 0
    kilobits = (_BITRATES if version == 3 else _BITRATES_LOW)[bitrate]
    return (144 if version == 3 else 72) * kilobits * 1_000 // _RATES[version][rate] + (header[2] >> 1 & 1)
