"""What reading a typed answer gave."""

from __future__ import annotations

import msgspec


class Reading(msgspec.Struct, frozen=True):
    """`value`: understood. `options`: values it may mean, to be offered. Neither: not understood.

    `vague`: understood, but it does not say enough (a year without a day); there may be no options to offer.
    """

    value: str = ""
    options: tuple[str, ...] = ()
    vague: bool = False

    @property
    def status(self) -> str:
        """`ok`, `ambiguous` or `unknown`, as `komek read` prints it."""
        return "ok" if self.value else "ambiguous" if self.options or self.vague else "unknown"


NOTHING = Reading()
