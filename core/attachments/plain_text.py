"""Whether a stream is text: UTF-8 or GB18030, without control characters."""

from __future__ import annotations

import codecs

_FORBIDDEN = frozenset(map(chr, (*range(0x20), 0x7F))) - set("\t\n\r\f")


class TextCheck:
    """Looks at a stream chunk by chunk; ``holds`` says whether it can still be text in one of the encodings."""

    def __init__(self) -> None:
        self._decoders = [codecs.getincrementaldecoder(name)() for name in ("utf-8-sig", "gb18030")]

    @property
    def holds(self) -> bool:
        """Whether an encoding is left in which everything so far is text."""
        return bool(self._decoders)

    def feed(self, chunk: bytes, *, last: bool = False) -> None:
        """Looks at the next part; ``last`` says that no character may stay unfinished."""
        self._decoders = [decoder for decoder in self._decoders if _reads(decoder, chunk, last)]


def _reads(decoder: codecs.IncrementalDecoder, chunk: bytes, last: bool) -> bool:
    try:
        text = decoder.decode(chunk, last)
    except UnicodeDecodeError:
        return False
    return _FORBIDDEN.isdisjoint(text)
