"""Texts to people: a message id with parameters, rendered on reading in the reader's language (design, decision 13)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from core.law.instrument import Text
from core.law.source import Source

Params = dict[str, str | int]


class _Lenient(dict[str, str | int]):
    """Leaves a placeholder standing that has no value, so that a text is shown even where a parameter is missing."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


@cache
def catalogue() -> dict[str, Text]:
    """Every text of the core, by id; raises :class:`core.law.source.FaultInSource` for a faulty file."""
    texts: dict[str, Text] = {}
    for file in sorted(files("core.texts").iterdir(), key=lambda item: item.name):
        if file.name.endswith(".yaml"):
            texts.update(Source(file).read(dict[str, Text]))
    return texts


def render(id_: str, params: Params, language: str) -> str:
    """The text ``id_`` in ``zh`` or ``en``; an id without a text is shown as it is, with its parameters."""
    text = catalogue().get(id_)
    if text is None:
        return f"{id_} {params}"
    return (text.zh if language == "zh" else text.en).format_map(_Lenient(params))
