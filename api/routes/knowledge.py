"""The operations of the knowledge base: search and reading, keeping, and uses."""

from __future__ import annotations

from api.routes import knowledge_keeping, knowledge_reading, knowledge_uses

OPERATIONS = (*knowledge_reading.OPERATIONS, *knowledge_keeping.OPERATIONS, *knowledge_uses.OPERATIONS)
