"""Forgetting reaches the web chat's own memory, and only that of the chat that asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.channels.webchat import WebChat
from bot.forgetting import Forgetful
from bot.settings import Settings
from handlers.nouns import Forget, Outbound
from storage.cases import Cases
from storage.migrate import migrate
from storage.redis import Redis
from storage.seal import Seal
from storage.webchat import WebHistory

SECRET = "k" * 40


async def test_a_web_chat_is_forgotten_with_its_cases(
    store: Redis, seal: Seal, sqlite_url: str, tmp_path: Path
) -> None:
    """What was said before the wish is gone; our goodbye after it stays; another chat is untouched."""
    await migrate(sqlite_url)
    history = WebHistory(store, seal, SECRET)
    web = WebChat(Settings(secret_key=SECRET), history)
    cases = Cases(sqlite_url, seal, tmp_path / "attachments")
    for chat in ("web:asks", "web:stays"):
        await web.send(Outbound(f"{chat}/1", chat, "hello"))
    now = datetime.now(UTC) + timedelta(milliseconds=50)
    wish = Forget("f", "web:asks", history.ref("web:asks"), (), now)
    await Forgetful(cases, web).file([wish])
    assert [kept.bubble.text for kept in await history.last("web:asks")] == []
    assert [kept.bubble.text for kept in await history.last("web:stays")] == ["hello"]
    await cases.close()
