"""The suite that every jurisdiction inherits: one test for each check, which says what to do about every finding."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from core.conformance.checks import CHECKS, examine
from core.conformance.city import City
from core.conformance.finding import Finding
from core.jurisdictions import GROUP, load_jurisdiction


@cache
def find_city(id_: str) -> City:
    """The installed city of that name; raises :class:`LookupError` where none is, and what loading it raises."""
    found = [point for point in entry_points(group=GROUP) if point.name == id_]
    if len(found) != 1:
        installed = ", ".join(sorted(point.name for point in entry_points(group=GROUP))) or "none"
        raise LookupError(
            f"{len(found)} installed packages have the entry point {id_!r} in the group {GROUP!r}; exactly one must have it "
            f"(installed: {installed}); declare it in the city's pyproject.toml and install the package"
        )
    return City(id_, found[0].module, load_jurisdiction(found[0]))


class JurisdictionConformance:
    """Inherited in a city's own tests, with ``jurisdiction`` naming the city.

    It needs no test framework: pytest collects it, and without pytest each method can be called.
    """

    jurisdiction = ""

    def test_manifest(self) -> None:
        """The city is who its entry point and package say it is."""
        self.expect_nothing("manifest")

    def test_wording(self) -> None:
        """Every text stands in both languages."""
        self.expect_nothing("wording")

    def test_citations(self) -> None:
        """Every citation names a clause that is loaded."""
        self.expect_nothing("citations")

    def test_instruments(self) -> None:
        """The instruments are sound."""
        self.expect_nothing("instruments")

    def test_kinds(self) -> None:
        """Each kind of case has an instrument, one registration, and names that stand once."""
        self.expect_nothing("kinds")

    def test_steps(self) -> None:
        """Each step names states, steps and deadlines that exist, and what it requires can come before it."""
        self.expect_nothing("steps", "prerequisites", "moves")

    def test_states(self) -> None:
        """Every state is reached and has a way to an end."""
        self.expect_nothing("states")

    def test_usual_steps(self) -> None:
        """What every kind has is there: reminder, withdrawal, reopening, refusal, closing."""
        self.expect_nothing("usual_steps")

    def test_conditions(self) -> None:
        """Every condition can hold."""
        self.expect_nothing("conditions")

    def test_deadlines(self) -> None:
        """Every deadline arises, has a term and a holder, and can be met."""
        self.expect_nothing("deadlines")

    def test_warnings(self) -> None:
        """The rungs of the warning ladder that the text itself has can be reached."""
        self.expect_nothing("warnings")

    def test_supervisions(self) -> None:
        """What must be supervised can be found, and supervised."""
        self.expect_nothing("supervisions")

    def test_settings(self) -> None:
        """The figures that the text leaves open are declared well."""
        self.expect_nothing("settings")

    def test_regimes(self) -> None:
        """The accountability regimes rest on clauses, versions and settings that are there."""
        self.expect_nothing("regimes", "matters")

    def test_roles(self) -> None:
        """Every step can be taken by somebody, and identities stay protected."""
        self.expect_nothing("roles")

    def test_fields(self) -> None:
        """Fields and enumerations can be filled and read, and their examples are valid."""
        self.expect_nothing("fields", "bodies", "examples")

    def test_story(self) -> None:
        """The story can be played."""
        self.expect_nothing("cast", "scenes")

    def test_objections(self) -> None:
        """The city's own rules answer every step and cite what exists."""
        self.expect_nothing("objections")

    def expect_nothing(self, *checks: str) -> None:
        """Runs some checks; raises :class:`AssertionError` with every finding."""
        city = find_city(self.jurisdiction)
        found = list(dict.fromkeys(finding for name in checks for finding in examine(city, CHECKS[name])))
        if found:
            raise AssertionError(_listing(self.jurisdiction, found))


def _listing(id_: str, found: list[Finding]) -> str:
    return "\n- ".join([f"the jurisdiction {id_!r} has {len(found)} faults:", *(str(finding) for finding in found)])
