"""Telegram. Read `telegram_inbound` for what is heard, `telegram_outbound` for what is said; this is the wiring.

sendMessage is made raw, because what counts there is the HTTP status and not an object; all other calls are `ask`ed.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from bot.channels import door, telegram_outbound
from bot.channels.answer import Lost, TooLarge, Unreached
from bot.channels.contract import Away, Background, Ear, Gone
from bot.channels.post import PostLine
from bot.channels.telegram_calls import Failed, ask
from bot.channels.telegram_inbound import FILE_LIMIT, Heard, pressed, read
from bot.channels.telegram_poll import KINDS, batches
from bot.channels.telegram_profile import introduce
from bot.settings import Settings, SettingsError
from handlers.nouns import Media, Outbound, Receipt

if TYPE_CHECKING:
    from bot.channels.http import Line

log = logging.getLogger(__name__)

T = TypeVar("T")

PATH = "/in/telegram"
"""Where Telegram posts updates."""

LONGEST = 10.0
"""Seconds that Telegram may ask us to wait at the start; for longer, it is Away, and asked later."""

_TOKEN = re.compile(r"(\d+):[A-Za-z0-9_-]+")
_SECRET_HEADER = b"x-telegram-bot-api-secret-token"
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class _File(msgspec.Struct):
    """https://core.telegram.org/bots/api#file"""

    file_path: str = ""


class _Me(msgspec.Struct):
    """https://core.telegram.org/bots/api#user"""

    username: str = ""


class Telegram:
    """The Telegram channel (contract.Channel). With a secret and a public URL it is called; otherwise run `poll`."""

    name = "telegram"
    limits = telegram_outbound.LIMITS

    def __init__(self, settings: Settings, patience: float = 1.0) -> None:
        """`patience`: how long a second is that we wait before a repetition. Raises SettingsError for an impossible token."""
        token = _TOKEN.fullmatch(settings.telegram_token)
        if not token:
            raise SettingsError("KOMEK_TELEGRAM_TOKEN: not as @BotFather writes it, number:letters")
        if settings.telegram_secret and not _SECRET.fullmatch(settings.telegram_secret):
            raise SettingsError("KOMEK_TELEGRAM_SECRET: 1-256 of A-Z a-z 0-9 _ -")
        self._id = int(token[1])
        self._settings = settings
        self._secret = settings.telegram_secret.encode()
        self._patience = patience
        self._files = f"{settings.telegram_api.rstrip('/')}/file/bot{settings.telegram_token}"
        self._slow: Line | None = None
        self._post = PostLine(f"{settings.telegram_api.rstrip('/')}/bot{settings.telegram_token}")
        self.username = ""
        """The bot's @name without the @, for deep links. Known once opened."""

    @property
    def polls(self) -> bool:
        """Whether updates must be fetched by `poll`: there is no secret, or no address to be called at."""
        return not (self._settings.telegram_secret and self._settings.public_url)

    @property
    def loops(self) -> Sequence[Background]:
        """Polling, where we are not called."""
        return (self.poll,) if self.polls else ()

    def routes(self, ear: Ear) -> Sequence[BaseRoute]:
        """The webhook; none where we poll, so that nobody can post without a secret."""
        hook = door.Hook(partial(self._heard, ear), self._admits, partial(self._taken, ear))
        return () if self.polls else (Route(PATH, hook, methods=["POST"]),)

    async def open(self) -> None:
        """Check the token, set the webhook, introduce the bot.

        Raises SettingsError for a token or an address that Telegram refuses, Away where Telegram cannot be reached;
        nothing is left open then, and it may be called again.
        """
        try:
            await self._start()
        except (SettingsError, Away):
            await self.close()
            raise
        await introduce(self._post)

    async def _start(self) -> None:
        """`open`, as far as it must succeed."""
        try:
            self.username = (await ask(self._post, "getMe", {}, _Me)).username
            if not self.polls:
                await self._call_us()
        except Failed as fault:
            if fault.status in (401, 404):
                raise SettingsError("KOMEK_TELEGRAM_TOKEN: Telegram refuses it") from None
            if fault.status == 400:
                raise SettingsError(f"KOMEK_PUBLIC_URL: Telegram refuses the webhook: {fault.description}") from None
            raise Away(f"Telegram does not answer ({fault})") from None

    async def close(self) -> None:
        """Close the line. The webhook stays: deleting it would lose what is said while we are down."""
        await self._post.close()
        if self._slow:
            await self._slow.close()

    async def send(self, out: Outbound) -> Receipt:
        """sendMessage, once. The receipts are those of `telegram_outbound.receipt`, and `retry` or `unknown` for the line."""
        try:
            return telegram_outbound.receipt(await self._post.post("/sendMessage", telegram_outbound.payload(out)))
        except Unreached:
            return Receipt("retry", cause="unreached")
        except (Lost, TooLarge):
            return Receipt("unknown", cause="lost")
        except ValueError:  # an address or a text that JSON cannot carry: not one of ours
            return Receipt("refused", cause="unsendable")

    async def fetch(self, media: Media) -> tuple[bytes, str]:
        """The file by getFile, at most 20 MB. Raises Gone for one too large, expired or refused; Away for anything else."""
        try:
            path = await self._path(media.handle)
            answer = await self._line().ask("GET", f"{self._files}/{quote(path)}", cap=FILE_LIMIT, total=60)
        except TooLarge:
            raise Gone("the file is too large") from None
        except (Unreached, Lost) as fault:
            raise Away(f"Telegram does not answer ({type(fault).__name__})") from None
        if answer.status != 200:
            raise _lost_file(answer.status, f"answer {answer.status}")
        return answer.body, media.mime or answer.headers.get("content-type", "application/octet-stream")

    async def poll(self, ear: Ear) -> None:
        """Fetch updates for ever. Run it only where `polls`; it takes a webhook away first, and loses nothing by that."""
        await self._stop_calls()
        async for updates in batches(self._post, self._patience):
            heard = await self._keep(updates, ear)
            await asyncio.gather(*(self._answered(each.query) for each in heard if each.query))

    def _admits(self, headers: Sequence[tuple[bytes, bytes]]) -> bool:
        """Whether this call is Telegram's."""
        told = dict(headers)
        json = told.get(b"content-type", b"").partition(b";")[0].strip().lower() == b"application/json"
        return json and hmac.compare_digest(told.get(_SECRET_HEADER, b""), self._secret)

    async def _heard(self, ear: Ear, request: Request) -> ASGIApp:
        """POST /in/telegram, for calls that are not plainly Telegram's, too: verify, keep, answer."""
        told = dict(request.headers.raw)
        if not hmac.compare_digest(told.get(_SECRET_HEADER, b""), self._secret):
            return door.refuse(self.name)
        if door.media_type(request) != "application/json":
            return door.refuse(self.name, 415)
        raw = await door.read(request)
        return door.refuse(self.name, 413) if raw is None else await self._taken(ear, raw)

    async def _taken(self, ear: Ear, raw: bytes) -> door.Said:
        """Keep, and answer at once: Telegram holds back the chat's next update until we do."""
        try:
            query = await self._kept(raw, ear)
        except Away:
            return door.AWAY
        # A method in the answer saves a call; its result is never seen, and does not matter here.
        wish = {"method": "answerCallbackQuery", "callback_query_id": query}
        return door.taken(msgspec.json.encode(wish)) if query else door.TAKEN

    async def _kept(self, raw: bytes, ear: Ear) -> str:
        """One update is heard, or buried where it cannot be read. The callback query that waits for a word. Raises Away."""
        heard = await self._read(raw, ear)
        if heard.event:
            await ear.hear((heard.event,))
        return heard.query

    async def _keep(self, updates: Sequence[bytes], ear: Ear) -> Sequence[Heard]:
        """A polled batch is heard, however long that takes: only then may the next be asked for."""
        heard = [await self._insist(partial(self._read, raw, ear)) for raw in updates]
        if events := [each.event for each in heard if each.event]:
            await self._insist(partial(ear.hear, events, insist=True))
        return heard

    async def _insist(self, keep: Callable[[], Awaitable[T]]) -> T:
        """Tried until the store takes it."""
        while True:
            try:
                return await keep()
            except Away:
                log.warning("the store is away; Telegram keeps what is said meanwhile")
                await asyncio.sleep(self._patience)

    async def _read(self, raw: bytes, ear: Ear) -> Heard:
        """What an update says; one that cannot be read is buried, so that it does not block its chat for a day."""
        try:
            return read(raw, self._id, datetime.now(UTC))
        except door.Unreadable as fault:
            await ear.bury(self.name, raw, str(fault))
            log.warning("an update is a dead letter: %s", fault)
            return Heard(None, pressed(raw))

    def _line(self) -> Line:
        """The general client, for files: made when first needed, as it takes 10 MB."""
        if self._slow is None:
            from bot.channels.http import Line

            self._slow = Line()
        return self._slow

    async def _path(self, handle: str) -> str:
        """Where the file lies. Raises Gone where Telegram says it never will give it, Away where it may."""
        try:
            found = await ask(self._post, "getFile", {"file_id": handle}, _File)
        except Failed as fault:
            if fault.status == 400 and "temporarily" not in fault.description:
                raise Gone("Telegram refuses the file") from None
            raise _lost_file(fault.status, str(fault)) from None
        if not found.file_path:
            raise Away("Telegram does not say where the file lies")
        return found.file_path

    async def _answered(self, query: str) -> None:
        """Stop the pressed button's clock. Too late or lost: no matter."""
        try:
            await ask(self._post, "answerCallbackQuery", {"callback_query_id": query}, bool)
        except Failed:
            log.info("a pressed button was not confirmed")

    async def _call_us(self) -> None:
        """Set the webhook. Several processes may start at once, and Telegram takes one call a second. Raises Failed."""
        wish = {
            "url": f"{self._settings.public_url.rstrip('/')}{PATH}",
            "secret_token": self._settings.telegram_secret,
            "allowed_updates": KINDS,
        }
        for tries_left in reversed(range(5)):
            try:
                await ask(self._post, "setWebhook", wish, bool)
                return
            except Failed as fault:
                if fault.status != 429 or fault.wait > LONGEST or not tries_left:
                    raise
                await asyncio.sleep(self._patience * max(fault.wait, 1))

    async def _stop_calls(self) -> None:
        """deleteWebhook, until Telegram hears it: polling beside a webhook is a 409. What waits there is kept."""
        while True:
            try:
                await ask(self._post, "deleteWebhook", {}, bool)
                return
            except Failed as fault:
                log.warning("polling Telegram: %s", fault)
                await asyncio.sleep(self._patience * max(fault.wait, 1))


def _lost_file(status: int, cause: str) -> Exception:
    """Gone for a file that Telegram no longer has, Away for everything that may pass."""
    return Gone(cause) if status in (403, 404, 410) else Away(cause)
