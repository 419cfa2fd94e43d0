"""What distributions declare to need, found in this environment and copied into another one."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def copy_needs(site: Path) -> None:
    """Copies what the distributions in a folder of packages declare to need, and what that needs in turn."""
    there = list(distributions(path=[str(site)]))
    own = {canonicalize_name(made.name) for made in there}
    for name in find_needed([need for made in there for need in needs_of(made, "")], own):
        copy_distribution(distribution(name), site)


def find_needed(wanted: Iterable[Requirement], own: set[str]) -> set[str]:
    """The names of all that is needed in the end, without those that are there."""
    found: set[tuple[str, str]] = set()
    waiting = list(wanted)
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        for extra in {"", *requirement.extras}:
            if name not in own and (name, extra) not in found:
                found.add((name, extra))
                waiting += needs_of(distribution(name), extra)
    return {name for name, _ in found}


def needs_of(made: Distribution, extra: str) -> list[Requirement]:
    """What a distribution needs on this platform, with one of its extras."""
    declared = [Requirement(line) for line in made.requires or ()]
    return [need for need in declared if need.marker is None or need.marker.evaluate({"extra": extra})]


def copy_distribution(made: Distribution, site: Path) -> None:
    """Copies the files of a distribution, without its commands and what was compiled of it."""
    for file in made.files or ():
        if ".." not in file.parts and file.suffix != ".pyc":
            target = site / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(made.locate_file(file)), target)
