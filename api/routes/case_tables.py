"""A list of cases as a table in CSV (RFC 4180), in the reader's words."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from uuid import UUID

from api.routes.case_views import CaseSummary
from core.cases.bodies import value_of
from core.cases.house_steps import MERGED
from core.law.instrument import Text
from core.procedure import Option
from core.tenants.snapshot import Snapshot

LARGEST_TABLE = 10_000
_ROWS_AT_ONCE = 200
"""So many rows are made into text before others get their turn."""
_BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With these a spreadsheet takes a cell for a formula, full-width ones after it has made them plain (PITFALLS 26)."""
_WHETHER = {True: Text(zh="是", en="yes"), False: Text(zh="否", en="no")}
_HEADERS = (
    Text(zh="编号", en="Number"),
    Text(zh="类型", en="Kind"),
    Text(zh="状态", en="State"),
    Text(zh="渠道", en="Channel"),
    Text(zh="办理方式", en="Track"),
    Text(zh="标题", en="Title"),
    Text(zh="分类", en="Category"),
    Text(zh="行政区划代码", en="Division"),
    Text(zh="紧急", en="Urgent"),
    Text(zh="匿名", en="Anonymous"),
    Text(zh="收到时间", en="Received"),
    Text(zh="登记时间", en="Registered"),
    Text(zh="办结时间", en="Closed"),
    Text(zh="到期日", en="Due on"),
    Text(zh="是否逾期", en="Overdue"),
    Text(zh="退单次数", en="Returns"),
    Text(zh="承办单位", en="Units"),
)


async def write_table(
    snapshot: Snapshot, lines: Sequence[CaseSummary], now: datetime, language: str
) -> AsyncIterator[bytes]:
    """The lines as CSV with a header, piece by piece, times in the tenant's local time; ``zh`` or ``en``."""
    say, names = _speaker(language), _unit_names(snapshot, now)
    yield _BOM.encode() + _csv([[say(header) for header in _HEADERS]])
    for first in range(0, len(lines), _ROWS_AT_ONCE):
        part = lines[first : first + _ROWS_AT_ONCE]
        yield _csv([[defuse(cell) for cell in _row(snapshot, line, names, say)] for line in part])


def _csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def defuse(cell: str) -> str:
    """The cell as text for every spreadsheet: one that begins like a formula gets an apostrophe before it."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _row(snapshot: Snapshot, line: CaseSummary, names: dict[UUID, str], say: Callable[[Text], str]) -> list[str]:
    kind = snapshot.jurisdiction.kind(line.kind)
    state = next((say(item.title) for item in (*kind.states, MERGED) if item.key == line.state), line.state)

    def when(instant: datetime | None) -> str:
        return instant.astimezone(snapshot.zone).strftime("%Y-%m-%d %H:%M") if instant else ""

    return [
        line.number,
        say(kind.title),
        state,
        _title(kind.channels, line.channel, say),
        _title(kind.tracks, line.track, say),
        line.title,
        _category(snapshot, line.category, say),
        line.division or "",
        say(_WHETHER[line.urgent]),
        say(_WHETHER[line.anonymous]),
        when(line.received_at),
        when(line.registered_at),
        when(line.closed_at),
        _last_day(snapshot, line.due_at),
        say(_WHETHER[line.overdue]),
        str(line.returns),
        "、".join(names.get(item.unit_id, str(item.unit_id)) for item in line.units),
    ]


def _last_day(snapshot: Snapshot, due_at: datetime | None) -> str:
    """The last local day of a deadline: ``due_at`` is the first instant that is too late."""
    return snapshot.local_day(due_at - datetime.resolution).isoformat() if due_at else ""


def _speaker(language: str) -> Callable[[Text], str]:
    return (lambda text: text.zh) if language == "zh" else (lambda text: text.en)


def _title(options: tuple[Option, ...], value: str | None, say: Callable[[Text], str]) -> str:
    found = next((option.title for option in options if value_of(option) == value), None)
    return say(found) if found else value or ""


def _category(snapshot: Snapshot, code: str | None, say: Callable[[Text], str]) -> str:
    held = snapshot.categories.by_code.get(code) if code else None
    if held is None:
        return code or ""
    latest = held.versions[-1]
    return say(Text(zh=latest.title_zh, en=latest.title_en or latest.title_zh))


def _unit_names(snapshot: Snapshot, now: datetime) -> dict[UUID, str]:
    day = snapshot.local_day(now)
    held = {id_: unit.on(day) for id_, unit in snapshot.organisation.units.items()}
    return {id_: version.name for id_, version in held.items() if version is not None}
