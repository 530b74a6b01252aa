"""`komek` that breaks where it is told to, each fault quoting what caused it: `python -m tests.whole.faulty run`.

A message that holds one of these words breaks there: `faultthink` the thinking, `faultloop` a task and a callback that nobody
waits for, `faultfile` the filing, `faultsend` the sending, `faultweb` the web chat's page, `faultdesk` the desk's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from bot.channels.telegram import Telegram
from bot.cli import main
from bot.thinking import Thinking
from storage.cases import Cases
from storage.webchat import WebHistory

_kept: list[asyncio.Task[None]] = []


def breaking(owner: type, name: str, word: str) -> None:
    """The method `name` raises if what it is given holds `word`."""
    real: Callable[..., Any] = getattr(owner, name)

    def method(self: object, *args: Any, **more: Any) -> Any:
        given = " ".join(_words(arg) for arg in args)
        if word in given:
            raise ValueError(given)
        return real(self, *args, **more)

    setattr(owner, name, method)


def _words(given: object) -> str:
    """All that it holds."""
    try:
        return msgspec.json.encode(given).decode()
    except TypeError:
        return str(given)


def _loose() -> None:
    """The thinking leaves a task and a callback behind that break by themselves."""
    real = Thinking.think

    def think(self: Thinking, session: Any, event: Any) -> Any:
        if "faultloop" in event.body:
            loop = asyncio.get_running_loop()
            loop.call_soon(_raise, event.body)
            _kept.append(loop.create_task(_fail(event.body)))
            loop.call_later(0.1, _kept.clear)
        return real(self, session, event)

    Thinking.think = think  # type: ignore[method-assign]  # that is what this program is for


def _raise(text: str) -> None:
    """A callback."""
    raise ValueError(text)


async def _fail(text: str) -> None:
    """A task."""
    raise ValueError(text)


if __name__ == "__main__":
    _loose()
    breaking(Thinking, "think", "faultthink")
    breaking(Cases, "file", "faultfile")
    breaking(Telegram, "send", "faultsend")
    breaking(WebHistory, "append", "faultweb")
    breaking(Cases, "note", "faultdesk")
    main()
