"""The organisation over HTTP: units, and the people in them."""

from __future__ import annotations

from api.routes import people, units

OPERATIONS = (*units.OPERATIONS, *people.OPERATIONS)
