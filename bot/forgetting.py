"""Forgetting reaches every store: the cases in SQL, and for a web chat the bubbles and files it keeps."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels.webchat import WebChat
from handlers.nouns import Effect, Export, Forget, Inbound
from storage.cases import Cases


class Forgetful:
    """The case store as the clerk knows it, with the web chat's memory beside it."""

    def __init__(self, cases: Cases, web: WebChat) -> None:
        """`web` is asked to forget before the cases: doing either twice is harmless."""
        self._cases = cases
        self._web = web

    async def file(self, effects: Sequence[Effect], /) -> None:
        """File these, and forget web chats. What was said after the wish, our goodbye, stays."""
        for effect in effects:
            if isinstance(effect, Forget) and effect.chat.startswith("web:"):
                await self._web.forget(effect.chat, effect.at)
        await self._cases.file(effects)

    async def export(self, effect: Export, /) -> str:
        """All that the person's cases hold."""
        return await self._cases.export(effect)

    async def news(self, limit: int, /) -> Sequence[Inbound]:
        """Words from the desk that their chats have not been told."""
        return await self._cases.news(limit)

    async def told(self, ids: Sequence[str], /) -> None:
        """The news with these ids are in their chats' inboxes."""
        await self._cases.told(ids)

    async def unpublished(self, limit: int, /) -> Sequence[tuple[str, str, bytes]]:
        """Case events that their agencies' streams lack."""
        return await self._cases.unpublished(limit)

    async def published(self, pairs: Sequence[tuple[str, str]], /) -> None:
        """These are in their streams."""
        await self._cases.published(pairs)
