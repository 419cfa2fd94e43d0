"""When two cases can be one. Pure: what a regulation fixes for a case does not end because another is about the same."""

from __future__ import annotations

from core.cases.case import Case, DeadlineNote
from core.cases.house_steps import MERGING
from core.cases.world import World
from core.errors import OutOfOrder, Refused
from core.procedure import CaseKind, FieldType


def check_same_matter(source: Case, target: Case, kind: CaseKind) -> None:
    """Both are about the same units. Of a confidential kind the other case must name them, too, so that the matter is kept
    from who is reported whichever case it is handled in. Raises :class:`Refused`."""
    for name in kind.kept_facts[FieldType.UNIT]:
        named, other = source.facts.get(name), target.facts.get(name)
        if named is not None and other != named and (other is not None or kind.confidential):
            raise Refused("merging.other-unit", field="/into", clause=MERGING)


def check_terms(source: Case, target: Case, world: World) -> None:
    """No term that a regulation fixes is lengthened or ended by a merger: the other case was received no later, and what is
    due in this one is due there, too, and no later. Figures of the tenant (R11) are the tenant's to end.

    Raises :class:`OutOfOrder` that names the clause of the term.
    """
    fixed = {rule.key: rule for rule in world.kind.deadlines if rule.setting is None and not rule.window}
    received, other = (world.local_day(case.standing.starts_at) for case in (source, target))
    from_receipt = next((rule for rule in fixed.values() if rule.starts == "receipt"), None)
    if from_receipt is not None and received < other:
        raise OutOfOrder(
            "merging.received-before", field="/into", clause=from_receipt.clause, received=received.isoformat(),
            other=other.isoformat(),
        )  # fmt: skip
    for note in source.standing.owed_deadlines:
        if note.key in fixed and not _runs_on(note, target):
            raise OutOfOrder("merging.term-ends", field="/into", clause=note.clause, due=note.due_on.isoformat())


def _runs_on(note: DeadlineNote, target: Case) -> bool:
    return any(other.key == note.key and other.due_at <= note.due_at for other in target.standing.open_deadlines)
