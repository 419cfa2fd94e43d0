"""Recomputes a due date from the JSON of its explanation alone. Knows nothing of wenze: the standard library only.

It counts from the start, the length, the unit and the days listed; the dates that stand in the explanation as results are
not looked at. ``python recompute.py < explanation.json`` prints what it found and fails where the explanation differs.
"""

import json
import sys
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, timezone
from fractions import Fraction
from math import ceil
from zoneinfo import ZoneInfo

WORKED = {"working", "make-up"}


class DoesNotAddUp(Exception):
    """The explanation contradicts itself."""


def recompute(text):
    """The unrolled date, the due date and the due instant that follow from an explanation."""
    said = json.loads(text)
    zone = timezone(timedelta(hours=8)) if said["zone"] == "Asia/Shanghai" else ZoneInfo(said["zone"])
    start = datetime.fromisoformat(said["starts_at"]).astimezone(zone)
    unit, length = said["term"]["unit"], said["term"]["length"]
    check_listing(said["days"], start.date() + timedelta(unit not in {"office_hour", "half_working_day"}))
    if unit in {"minute", "hour"}:
        due_at = start.astimezone(UTC) + timedelta(minutes=length if unit == "minute" else 60 * length)
        due_on = (due_at - timedelta(microseconds=1)).astimezone(zone).date()
        return due_on, due_on, due_at
    if unit in {"office_hour", "half_working_day"}:
        end = run_office_hours(said["days"], start, length, halves=unit == "half_working_day")
        return end.date(), end.date(), end.replace(tzinfo=zone).astimezone(UTC)
    if unit == "same_day":
        return start.date(), start.date(), last_instant(start.date(), said["closing_hour"], zone, start)
    unrolled = count_days(said["days"], start.date(), unit, length)
    due_on = unrolled if unit == "working_day" else roll(said["days"], unrolled)
    return unrolled, due_on, last_instant(due_on, said["closing_hour"], zone, start)


def check_listing(days, first):
    """Every day must stand there once, in order, numbered in the order of those that count."""
    number = 0
    for offset, day in enumerate(days):
        if day["date"] != (first + timedelta(offset)).isoformat():
            raise DoesNotAddUp(f"{day['date']} is not day {offset + 1} of the list")
        number += day["counts"]
        if day.get("number") != (number if day["counts"] else None):
            raise DoesNotAddUp(f"{day['date']} is numbered {day.get('number')}")


def count_days(days, start, unit, length):
    if unit == "working_day":
        worked = [day["date"] for day in days if day["kind"] in WORKED]
        return date.fromisoformat(worked[length - 1])
    if unit == "calendar_day":
        return start + timedelta(length)
    years, month = divmod(start.month - 1 + length, 12)
    last = monthrange(start.year + years, month + 1)[1]
    return date(start.year + years, month + 1, min(start.day, last))


def roll(days, unrolled):
    return next(day for item in days if (day := date.fromisoformat(item["date"])) >= unrolled and item["kind"] in WORKED)


def last_instant(day, closing, zone, start):
    end = datetime.combine(day, time(0)) + timedelta(days=1)
    if closing and closing != "24:00":
        closes = datetime.combine(day, time.fromisoformat(closing))
        end = closes if start.replace(tzinfo=None) < closes else end
    return end.replace(tzinfo=zone).astimezone(UTC)


def run_office_hours(days, start, length, halves):
    """Uses up the term day by day and period by period; half working days are halves of the day they run in."""
    left = Fraction(length)
    for item in days:
        periods = [(clock(item, period["start"]), clock(item, period["end"])) for period in item.get("hours", ())]
        total = sum((end - begin for begin, end in periods), timedelta())
        hour = total / 2 if halves else timedelta(hours=1)
        for begin, end in periods:
            begin = max(begin, min(start.replace(tzinfo=None), end))
            runs = micro(end - begin) / micro(hour)
            if left <= runs:
                return begin + timedelta(microseconds=ceil(left * micro(hour)))
            left -= runs
    raise DoesNotAddUp("the days listed have too few office hours")


def micro(span):
    return Fraction(span // timedelta(microseconds=1))


def clock(item, text):
    hours, minutes = map(int, text.split(":"))
    return datetime.fromisoformat(item["date"]) + timedelta(hours=hours, minutes=minutes)


def main():
    text = sys.stdin.read()
    said, found = json.loads(text), recompute(text)
    print(*found)
    stated = (
        date.fromisoformat(said["unrolled"]),
        date.fromisoformat(said["due_on"]),
        datetime.fromisoformat(said["due_at"]),
    )
    return found != stated


if __name__ == "__main__":
    sys.exit(main())
