"""The manifest: the city is who its entry point and its package say it is, and is written for this core."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.conformance.city import City
from core.conformance.finding import Finding
from core.procedure import HOOK_CONTRACT


def check_manifest(city: City) -> Iterator[Finding]:
    """Id, entry point and package have one name; the hook contract is this core's; the time zone exists."""
    manifest = city.jurisdiction.manifest
    place = "manifest"
    if manifest.id != city.id:
        advice = f"its id is {manifest.id!r} and its entry point {city.id!r}; give both the same name"
        yield Finding("manifest.id-differs", place, advice)
    if not {city.id, f"wenze_{city.id}"} & set(city.module.split(".")):
        advice = f"the plugin lies in {city.module!r}; put it into a package named {city.id} or wenze_{city.id}"
        yield Finding("manifest.package-differs", place, advice)
    if manifest.contract != HOOK_CONTRACT:
        advice = f"contract {manifest.contract} is not this core's; write it for {HOOK_CONTRACT} and say so in the manifest"
        yield Finding("manifest.contract-differs", place, advice)
    try:
        ZoneInfo(manifest.zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield Finding(
            "manifest.zone-unknown", place, f"there is no time zone {manifest.zone!r}; use a name such as Asia/Shanghai"
        )
