"""What the desk stands on, named as narrowly as it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Protocol

from locales.say import voice
from relief.nouns import Agency
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


class Pack(Protocol):
    """What the desk needs of the data pack. `relief.pack.Pack` has it."""

    @property
    def agencies(self) -> Mapping[str, Agency]:
        """The agencies by id."""


def _now() -> datetime:
    """This moment, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Desk:
    """The case store, the settings, the agencies' names, the clock; `networks` that webhooks may reach though not public."""

    cases: Cases
    settings: Settings
    pack: Pack
    clock: Callable[[], datetime] = field(default=_now)
    networks: Sequence[Network] = ()

    @property
    def secure(self) -> bool:
        """Whether officers come by https."""
        return self.settings.public_url.startswith("https://")

    def agency(self, id: str, language: str) -> str:
        """An agency's own name in a language, else its translation; the id of one that the pack does not know (any more)."""
        agency = self.pack.agencies.get(id)
        return agency.names.get(language) or voice(language).gettext(agency.name) if agency else id
