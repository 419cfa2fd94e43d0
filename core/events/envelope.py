"""An event as it is told, in the feed and by webhooks alike: a CloudEvent (1.0, JSON format) of references alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from core.cases.bodies import Instant
from core.store.tables.records import outbox

SPEC_VERSION = "1.0"
MEDIA_TYPE = "application/cloudevents+json"
EVENT_COLUMNS = tuple(
    outbox.c[name]
    for name in ("id", "type", "version", "subject", "refs", "change_id", "complete", "recorded_at", "position")
)


class CloudEvent(Struct, frozen=True, kw_only=True):
    """An event (CloudEvents 1.0). ``source`` and ``id`` together name it, wherever it is told and however often."""

    specversion: Annotated[str, Meta(description="The version of CloudEvents")]
    id: Annotated[str, Meta(title="事件编号", description="The same wherever and however often the event is told")]
    source: Annotated[str, Meta(title="来源", description="The tenant's address")]
    type: Annotated[str, Meta(title="类型", description="As `GET /event-types` lists them; there can be more")]
    subject: Annotated[str, Meta(title="对象", description="What it happened to: `case:…`, `deadline:…`")]
    time: Annotated[Instant, Meta(title="时间", description="When it was recorded")]
    datacontenttype: str
    data: Annotated[
        dict[str, Any],
        Meta(title="引用", description="References, and no personal data: ids, keys, numbers, days. Read what they name."),
    ]
    position: Annotated[
        int, Meta(title="序号", description="Its number among the tenant's events, from 1 without a gap; orders them")
    ]
    changeid: Annotated[str, Meta(title="变更编号", description="The same for all events of one change")]
    complete: Annotated[bool, Meta(title="变更完整", description="Whether it is the last event of its change")]
    dataversion: Annotated[int, Meta(title="引用格式版本", description="The version of the form of `data`, per type")]


def cloud_event(row: Mapping[str, Any], source: str) -> CloudEvent:
    """The event of a row of :data:`EVENT_COLUMNS` that is numbered; ``source`` is the tenant's address."""
    recorded_at: datetime = row["recorded_at"]
    return CloudEvent(
        specversion=SPEC_VERSION,
        id=str(row["id"]),
        source=source,
        type=row["type"],
        subject=row["subject"],
        time=recorded_at,
        datacontenttype="application/json",
        data=dict(row["refs"]),
        position=row["position"],
        changeid=str(row["change_id"]),
        complete=row["complete"],
        dataversion=row["version"],
    )
