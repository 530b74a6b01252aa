"""Names of webhooks' receivers, looked up so that none leads inside our own network."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from storage.addresses import Network, reachable


class Public(AbstractResolver):
    """Names to addresses, those alone that a webhook may lead to. What is looked up is what is connected to."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        """`allowed`: networks that may be reached though they are not public."""
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The allowed ones among a name's addresses. Raises OSError if there is none."""
        found = await ThreadedResolver().resolve(host, port, family)
        kept = [one for one in found if reachable(one["host"], self._allowed)]
        if not kept:
            raise OSError("the name leads to no address that a webhook may reach")
        return kept

    async def close(self) -> None:
        """Nothing is held."""
