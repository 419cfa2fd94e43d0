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
    if said.get("entries"):
        return recompute_moved(said, zone, start)
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


def recompute_moved(said, zone, start):
    """The same for a term that was paused and extended: what was paused is added to it, and then each extension."""
    units = [said["term"]["unit"], *(item["term"]["unit"] for item in said["entries"] if "term" in item)]
    in_office = any(unit in {"office_hour", "half_working_day"} for unit in units)
    if said["days"]:
        check_listing(said["days"], start.date() + timedelta(not in_office))
    days, closing = {date.fromisoformat(item["date"]): item for item in said["days"]}, said["closing_hour"]
    pauses = pauses_of(said["entries"], start, zone)
    end = moved_base(said["term"], start, pauses, days, closing)
    for item in said["entries"]:
        if "term" in item:
            end = extended(end, item["term"], days, closing)
    if pauses and {"working_day", "calendar_day", "month"}.intersection(units):
        over = end if isinstance(end, datetime) else closing_of(rolled(end, days), closing)
        end = resumed_day(pauses[-1][1], closing) if over <= pauses[-1][1] else end
    if isinstance(end, datetime):
        last = (end.replace(tzinfo=zone).astimezone(UTC) - timedelta(microseconds=1)).astimezone(zone).date()
        return last, last, end.replace(tzinfo=zone).astimezone(UTC)
    due_on = rolled(end, days)
    return end, due_on, closing_of(due_on, closing).replace(tzinfo=zone).astimezone(UTC)


def pauses_of(entries, start, zone):
    """Each pause that is over, in local time; what lies before the start paused nothing."""
    found, begun = [], None
    for item in entries:
        at = max(datetime.fromisoformat(item["at"]).astimezone(zone), start)
        begun = at if item["kind"] == "pause" else begun
        if item["kind"] == "resume":
            found.append((begun.replace(tzinfo=None), at.replace(tzinfo=None)))
    return found


def resumed_day(resumed, closing):
    """What had not run out when it was paused ends with the day on which it goes on, or the next where that is over."""
    later = timedelta(closing_of(resumed.date(), closing) <= resumed)
    return resumed.date() + later


def moved_base(term, start, pauses, days, closing):
    """The end of the term itself: a date where it counts in days, else a local time."""
    unit, length, begin = term["unit"], term["length"], start.replace(tzinfo=None)
    if unit in {"minute", "hour"}:
        step = timedelta(minutes=1) if unit == "minute" else timedelta(hours=1)
        return begin + step * length + sum((until - since for since, until in pauses), timedelta())
    if unit == "same_day":
        last = pauses[-1][1] if pauses and pauses[-1][1].date() != begin.date() else begin
        closes = closing_of(last.date(), closing)
        return closes if last < closes else closing_of(last.date(), None)
    if unit in {"office_hour", "half_working_day"}:
        halves = unit == "half_working_day"
        paused = sum((office_run(days, since, until, halves) for since, until in pauses), Fraction())
        return run_office_hours([days[day] for day in sorted(days)], begin, length + paused, halves)
    paused = [day for day in days for since, until in pauses if since.date() < day <= until.date()]
    if unit == "working_day":
        worked = [day for day in sorted(days) if day > begin.date() and days[day]["kind"] in WORKED]
        return worked[length + sum(days[day]["kind"] in WORKED for day in paused) - 1]
    lost = sum(((until.date() - since.date()).days for since, until in pauses), 0)
    return count_days((), begin.date(), unit, length) + timedelta(lost)


def extended(end, term, days, closing):
    """The end, later by an extension: days count from the day, not rolled; time from when the day is over, rolled."""
    unit, length = term["unit"], term["length"]
    moment = end if isinstance(end, datetime) else None
    if unit in {"minute", "hour", "office_hour", "half_working_day"}:
        moment = moment or closing_of(rolled(end, days), closing)
        if unit in {"minute", "hour"}:
            return moment + (timedelta(minutes=1) if unit == "minute" else timedelta(hours=1)) * length
        later = [days[day] for day in sorted(days) if day >= moment.date()]
        return run_office_hours(later, moment, length, unit == "half_working_day")
    day = (moment - timedelta(microseconds=1)).date() if moment else end
    if unit == "working_day":
        return [item for item in sorted(days) if item > day and days[item]["kind"] in WORKED][length - 1]
    return count_days((), day, unit, length)


def office_run(days, since, until, halves):
    """How many office hours, or half working days, run between two local times."""
    run = Fraction()
    for item in days.values():
        periods = [(clock(item, period["start"]), clock(item, period["end"])) for period in item.get("hours", ())]
        total = sum((end - begin for begin, end in periods), timedelta())
        for begin, end in periods:
            inside = max(min(end, until) - max(begin, since), timedelta())
            run += micro(inside) / micro(total / 2 if halves else timedelta(hours=1))
    return run


def rolled(day, days):
    return next(item for item in sorted(days) if item >= day and days[item]["kind"] in WORKED)


def closing_of(day, closing):
    """When a day is over, in local time."""
    if closing and closing != "24:00":
        return datetime.combine(day, time.fromisoformat(closing))
    return datetime.combine(day, time(0)) + timedelta(days=1)


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
