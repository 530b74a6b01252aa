"""What the desk stands on, named as narrowly as it is used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

from console.providers import Provider
from handlers.advice import known
from locales.say import voice
from relief.assess import assess
from relief.nouns import Agency, Assessment
from relief.pack import Pack
from storage.addresses import Network
from storage.cases import Cases


class Settings(Protocol):
    """The settings that the desk reads. `bot.settings.Settings` has them."""

    @property
    def public_url(self) -> str:
        """Where officers reach us; cookies are Secure if it is https."""

    @property
    def secret_key(self) -> str:
        """Keys the forms' tokens."""

    @property
    def today(self) -> date | None:
        """The day the service believes it is; None: the real one."""

    @property
    def second_factor(self) -> str:
        """Who must have one: a key of `console.permits.FACTOR_DUE`."""

    def providers(self) -> Mapping[str, Provider]:
        """The agencies' own sign-ins, by agency."""


def _now() -> datetime:
    """This moment, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Desk:
    """The case store, the settings, the law and the agencies, the clock; `networks`: not public, but webhooks may reach them."""

    cases: Cases
    settings: Settings
    pack: Pack
    clock: Callable[[], datetime] = field(default=_now)
    networks: Sequence[Network] = ()
    closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    """What ends the open lines of pages, so that the server can stop."""

    @property
    def today(self) -> date:
        """The day it is, or the one that the service believes it is."""
        return self.settings.today or self.clock().date()

    async def close(self) -> None:
        """End the open lines of pages; browsers come again by themselves."""
        for close in self.closing:
            await close()

    @property
    def secure(self) -> bool:
        """Whether officers come by https."""
        return self.settings.public_url.startswith("https://")

    def agency(self, id: str, language: str) -> str:
        """An agency's own name in a language, else its translation; the id of one that the pack does not know (any more)."""
        agency = self.pack.agencies.get(id)
        return agency.names.get(language) or voice(language).gettext(agency.name) if agency else id

    def zone(self, agency: str) -> tzinfo:
        """The time zone of an agency's state; UTC for one of no state, or that the pack does not know (any more)."""
        known = self.pack.agencies.get(agency)
        host = self.pack.cover.hosts.get(known.state) if known else None
        return ZoneInfo(host.timezone) if host and host.timezone else UTC

    def place_name(self, report: Mapping[str, str], language: str) -> str:
        """What a report's place is called. A place of the pack is kept by its English name, and said by that of the language."""
        words = report.get("place_name", "")
        place = next((place for place in self.pack.places if place.id == report.get("place_id")), None)
        if place is None or place.called() not in words:
            return words
        before, _, after = words.rpartition(place.called())
        return before + place.called(language) + after

    def weigh(self, facts: Mapping[str, str]) -> Assessment:
        """The law's answer to these facts today."""
        return assess(self.pack, known(dict(facts)), self.today)

    def others(self, agency: str) -> Sequence[Agency]:
        """All agencies of the pack but this one, by state and name."""
        return sorted((a for a in self.pack.agencies.values() if a.id != agency), key=lambda a: (a.state, a.name))
