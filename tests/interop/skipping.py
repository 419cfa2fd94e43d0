"""Leaves a test out where what it needs is not on the machine, so that nobody takes the run for a whole one."""

from __future__ import annotations

from typing import NoReturn

import pytest

MARK = "another client's software is missing"


def leave_out(why: str) -> NoReturn:
    """Skips; the summary of the run says it in red."""
    pytest.skip(f"{MARK}: {why}")
