"""What is said of a result, as it comes in."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from core.feedback.forms import Dissatisfaction, Reached
from core.tenants.names import VISIBLE

MOST_PETITIONERS = 1_000
Satisfied = Annotated[bool | None, Meta(title="是否满意", description="Needed where the petitioner was reached.")]
WhyNot = Annotated[Dissatisfaction | None, Meta(title="不满意的原因", description="Needed where not satisfied. Can grow")]
Words = Annotated[
    Annotated[str, Meta(min_length=1, max_length=2_000, pattern=VISIBLE)] | None,
    Meta(title="诉求人的话", description="In the petitioner's own words; sealed, and never shown to a unit."),
]
ANSWER_ENTRIES: tuple[tuple[str, Any] | tuple[str, Any, Any], ...] = (
    ("reached", Annotated[Reached, Meta(title="是否接通", description="What came of the call. Can grow")]),
    ("satisfied", Satisfied, None),
    ("dissatisfaction", WhyNot, None),
    ("words", Words, None),
    (
        "petitioner_number",
        Annotated[
            Annotated[int, Meta(ge=1, le=MOST_PETITIONERS)],
            Meta(title="第几位诉求人", description="Which of the petitioners, by number; the first, if left out."),
        ],
        1,
    ),
    (
        "merged_case_id",
        Annotated[
            UUID | None, Meta(title="并入的事项", description="The merged case with which the petitioner came, if any.")
        ],
        None,
    ),
)
"""The fields of a call-back (回访), as the bodies of steps are made of them."""
