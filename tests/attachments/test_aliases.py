"""Aliases of files have the extension of what they were found to be, for every kind that is taken."""

from __future__ import annotations

import pytest

from core.attachments.aliases import alias_of
from core.attachments.kinds import KINDS, Kind
from core.attachments.names import check_name, extension_of


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_an_alias_is_a_name_of_its_kind(kind: Kind) -> None:
    alias = alias_of(kind.media_type, 12)
    assert check_name(alias) == alias
    assert extension_of(alias) == kind.extensions[0]


def test_a_kind_that_is_not_taken_any_more_has_no_extension() -> None:
    assert alias_of("application/x-gone", 3) == "附件3"
