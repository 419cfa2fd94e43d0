"""Administrative division codes as a hierarchy: province, prefecture, county (GB/T 2260), township (GB/T 10114), village."""

from __future__ import annotations


def division_prefix(code: str) -> str:
    """What the codes of the division and of all below it begin with: ``360700`` is all of ``3607``.

    Zeros at the end of a level say that the code names what is above that level.
    """
    if len(code) == 12 and code.endswith("000"):
        code = code[:9]
    if len(code) == 9 and code.endswith("000"):
        code = code[:6]
    if len(code) == 6:
        while len(code) > 2 and code.endswith("00"):
            code = code[:-2]
    return code


def lies_in(code: str, division: str) -> bool:
    """Whether the place with the code lies in the division."""
    return code.startswith(division_prefix(division))
