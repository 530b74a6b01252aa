"""One line to a provider: a pooled aiohttp session whose failures say whether the provider may have heard us."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.channels.answer import Answer, Lost, TooLarge, Unreached

CHUNK = 65_536
"""Bytes read at a time from an answer."""


class Line:
    """Calls to one provider. The session is made at the first call, inside the running loop; `close` ends it.

    `connect` and `total` are seconds: until a connection stands (waiting for a free one included), and for all of it.
    """

    def __init__(
        self,
        *,
        connect: float = 5.0,
        total: float = 20.0,
        pool: int = 64,
        resolver: Callable[[], AbstractResolver] | None = None,
    ) -> None:
        """`pool` bounds the connections held open at once. `resolver` makes what turns names into addresses, if not the usual."""
        self._timeout = aiohttp.ClientTimeout(total=total, connect=connect, sock_connect=connect)
        self._pool = pool
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self,
        method: str,
        url: str,
        *,
        data: bytes | Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        total: float | None = None,
        cap: int = 8_388_608,
    ) -> Answer:
        """One call, never repeated and never redirected; `url` goes byte for byte, since a storage's signature may cover it.

        A mapping as `data` is sent as a form. `total` overrides the line's limit; `cap` bounds the answer in bytes.
        Raises Unreached, Lost or TooLarge; their texts hold neither the URL (Telegram's carries the token) nor a word.
        """
        target = _target(url)
        timeout = self._timeout if total is None else _longer(self._timeout, total)
        try:
            async with self._open().request(
                method, target, data=data, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                body = await _read(response, cap)
                return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, body)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as fault:
            raise Unreached(type(fault).__name__) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            raise Lost(type(fault).__name__) from None

    async def close(self) -> None:
        """End the session. A later call opens a new one."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        """The session, made when first needed. No cookies: one citizen's file must not colour another's."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._pool, resolver=self._resolver() if self._resolver else None)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session


def _target(url: str) -> URL:
    """The address as it is, or Unreached for what is none."""
    try:
        return URL(url, encoded=True)
    except ValueError:
        raise Unreached("not an address") from None


def _longer(timeout: aiohttp.ClientTimeout, total: float) -> aiohttp.ClientTimeout:
    """The same patience for a connection, another for the whole."""
    return aiohttp.ClientTimeout(total=total, connect=timeout.connect, sock_connect=timeout.sock_connect)


async def _read(response: aiohttp.ClientResponse, cap: int) -> bytes:
    """The body, or TooLarge as soon as it is known to exceed `cap`."""
    if (response.content_length or 0) > cap:
        raise TooLarge("the answer announces more than is taken")
    body = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK):
        body += chunk
        if len(body) > cap:
            raise TooLarge("the answer holds more than is taken")
    return bytes(body)
