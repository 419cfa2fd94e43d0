"""Loads regimes from data files, makes them whole, and checks what the types alone cannot, each fault with file and line."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources.abc import Traversable

from msgspec import structs

from core.law.instrument import Instrument
from core.law.source import Source
from core.sanctions.completion import Completer
from core.sanctions.regime import Regime, RegimeVersion
from core.sanctions.soundness import check_regime


def load_regimes(folder: Traversable, instruments: Iterable[Instrument]) -> tuple[Regime, ...]:
    """All regimes of a folder, by file; none where there is no folder. Raises ``FaultInSource`` at the first fault."""
    if not folder.is_dir():
        return ()
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    known = {instrument.id: instrument for instrument in instruments}
    return tuple(load_regime(file, known) for file in files)


def load_regime(file: Traversable, instruments: dict[str, Instrument]) -> Regime:
    """One regime with whole citations; raises ``FaultInSource``."""
    source = Source(file)
    regime = source.read(Regime)
    if regime.instrument not in instruments:
        known = ", ".join(sorted(instruments))
        raise source.fault("$.instrument", f"{regime.instrument!r} is no instrument of the city; expected one of {known}")
    instrument = instruments[regime.instrument]
    _check_order(source, regime, instrument)
    versions = tuple(_load_version(source, instruments, regime, index) for index in range(len(regime.versions)))
    return structs.replace(regime, versions=versions)


def _check_order(source: Source, regime: Regime, instrument: Instrument) -> None:
    order = [version.id for version in instrument.versions]
    places = []
    for index, version in enumerate(regime.versions):
        if version.version not in order:
            advice = f"{version.version!r} is no version of {instrument.id}; expected one of {', '.join(order)}"
            raise source.fault(f"$.versions[{index}].version", advice)
        places.append(order.index(version.version))
    if places != sorted(set(places)) or places[0] != 0:
        raise source.fault("$.versions", "versions must follow the instrument's, from its first on, each once")


def _load_version(source: Source, instruments: dict[str, Instrument], regime: Regime, index: int) -> RegimeVersion:
    said, path = regime.versions[index], f"$.versions[{index}]"
    instrument = instruments[regime.instrument]
    law = next(version for version in instrument.versions if version.id == said.version)
    completer = Completer(source, instruments, instrument.id, law)
    whole = completer.complete(said, path)
    check_regime(whole, completer, path)
    return whole
