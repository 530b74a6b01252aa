"""The service clock: by when an agency must act, in its own working hours, time zone and public holidays.

How soon is data (`service` in the pack, `relief.nouns.Service`); the holidays are those that the library `holidays` knows
for the agency's state, moved working days included. An agency of no state (the Coordination Group) has none, and UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from types import MappingProxyType
from zoneinfo import ZoneInfo

from relief.nouns import Level, Service
from relief.pack import Pack
from storage.holidaybook import HolidayBook
from storage.sql.columns import FAR

_LONGEST = 400  # days that a deadline is looked for: far longer than any run of holidays


class Calendar:
    """One agency's working time. Moments in and out are UTC."""

    def __init__(
        self, service: Service | None = None, state: str = "", timezone: str = "UTC", book: HolidayBook | None = None
    ) -> None:
        """`state`: ISO 3166 alpha-2, whose public holidays count. `timezone`: IANA. `book`: shared with other calendars.

        Raises ZoneInfoNotFoundError.
        """
        self.service = service or Service()
        self._zone = ZoneInfo(timezone or "UTC")
        self._state = state
        self._book = book or HolidayBook([state])

    def __repr__(self) -> str:
        """What deadlines depend on."""
        return f"{self._state} {self._zone.key} {self.service}"

    def works(self, day: date) -> bool:
        """Whether the agency works on this day of its own."""
        days = self._book.days(self._state, day)
        return day in days.worked or (day.isoweekday() in self.service.days and day not in days.free)

    def add(self, start: datetime, hours: float) -> datetime:
        """The moment at which so many working hours have passed since `start`."""
        left = timedelta(hours=hours)
        for opens, closes in self._windows(start):
            begins = max(opens, start)
            if closes - begins >= left:
                return begins + left
            left -= closes - begins
        return FAR

    def between(self, start: datetime, end: datetime) -> float:
        """How many working hours lie between two moments; 0 if `end` is the earlier."""
        passed = timedelta()
        for opens, closes in self._windows(start):
            if opens >= end:
                break
            passed += min(closes, end) - max(opens, start)
        return passed / timedelta(hours=1)

    def morning(self, day: date) -> datetime:
        """When this day begins where the agency is."""
        return datetime.combine(day, time(), self._zone).astimezone(UTC)

    def _windows(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The agency's working days from `start` on: when each opens and closes. One that is over already is left out."""
        first = start.astimezone(self._zone).date()
        for day in (first + timedelta(days=n) for n in range(_LONGEST)):
            opens, closes = (self._hour(day, hour) for hour in (self.service.opens, self.service.closes))
            if closes > start and self.works(day):
                yield opens, closes

    def _hour(self, day: date, hour: int) -> datetime:
        """A full hour of a day; 24 is the next day's beginning."""
        local = datetime.combine(day + timedelta(days=hour // 24), time(hour % 24), self._zone)
        return local.astimezone(UTC)


class Clocks:
    """The calendars of all agencies."""

    def __init__(
        self,
        calendars: Mapping[str, Calendar] = MappingProxyType({}),
        today: date | None = None,
        book: HolidayBook | None = None,
    ) -> None:
        """`calendars` by agency; one without has ours, by UTC. `today`: the day the service believes it is (KOMEK_TODAY).
        `book`: what the calendars read.
        """
        self._calendars = calendars
        self._book = book or HolidayBook()
        self._ours = Calendar()
        self._today = today
        told = sorted((name, repr(calendar)) for name, calendar in calendars.items())
        self.name = sha256(repr(told).encode()).hexdigest()[:4]
        """Which calendars: it changes when an agency's hours or targets do."""

    @classmethod
    def of(cls, pack: Pack, today: date | None = None) -> Clocks:
        """The calendars of a pack's agencies, in the time of their states."""
        zones = {state: host.timezone for state, host in pack.cover.hosts.items()}
        book = HolidayBook(agency.state for agency in pack.agencies.values())
        found = {
            agency.id: Calendar(agency.service or pack.cover.service, agency.state, zones.get(agency.state, ""), book)
            for agency in pack.agencies.values()
        }
        return cls(found, today, book)

    def read(self, day: date) -> None:
        """Read the holidays of this day's decade now, which takes half a second. Blocks; raises OSError, SubprocessError."""
        self._book.read(day)

    def due(self, agency: str, level: Level, since: datetime, ends: date | None, now: datetime) -> datetime:
        """By when the agency must act for somebody who waits since then: by its target, or before relief's last day begins.

        A last day that had begun when they began to wait cannot be met any more and does not count.
        """
        calendar = self._calendar(agency)
        hours = calendar.service.target(level)
        target = since + timedelta(hours=hours) if self._always(calendar, level) else calendar.add(since, hours)
        last = calendar.morning(ends + self._shift(now)) if ends and ends.year < FAR.year - 1 else FAR
        return min(target, last) if last > since else target

    def away(self, agency: str, level: Level, seen: datetime, now: datetime) -> bool:
        """Whether a holder last seen then has been away too long: for `idle` working hours, or the case's target if less."""
        calendar = self._calendar(agency)
        most = min(calendar.service.idle, calendar.service.target(level))
        if self._always(calendar, level):
            return now - seen >= timedelta(hours=most)
        return calendar.between(seen, now) >= most

    def _calendar(self, agency: str) -> Calendar:
        return self._calendars.get(agency, self._ours)

    @staticmethod
    def _always(calendar: Calendar, level: Level) -> bool:
        """Whether this level runs round the clock."""
        return level in calendar.service.always

    def _shift(self, now: datetime) -> timedelta:
        """How far the believed day is from the clock's."""
        return now.date() - self._today if self._today else timedelta()
