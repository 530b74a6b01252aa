"""Telegram. Read `telegram_inbound` for what is heard, `telegram_outbound` for what is said; this is the wiring.

python-telegram-bot reads the updates and sets up the bot. The two calls made for every message (sendMessage, getUpdates)
are made raw, because what counts there is the HTTP status and not an object.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.channels import door, telegram_outbound
from bot.channels.answer import Answer, Lost, TooLarge, Unreached
from bot.channels.contract import Away, Background, Ear, Gone
from bot.channels.post import PostLine
from bot.channels.telegram_inbound import FILE_LIMIT, read
from bot.channels.telegram_poll import KINDS, batches, pressed
from bot.channels.telegram_profile import introduce
from bot.channels.telegram_quick import read_quickly
from bot.channels.telegram_request import LineRequest
from bot.settings import Settings, SettingsError
from handlers.nouns import Inbound, Media, Outbound, Receipt

if TYPE_CHECKING:
    from bot.channels.http import Line

log = logging.getLogger(__name__)

PATH = "/in/telegram"
"""Where Telegram posts updates."""

_TOKEN = re.compile(r"(\d+):[A-Za-z0-9_-]+")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class _File(msgspec.Struct):
    """https://core.telegram.org/bots/api#file"""

    file_path: str = ""


class _Found(msgspec.Struct):
    """The answer to getFile."""

    result: _File | None = None
    description: str = ""


class Telegram:
    """The Telegram channel (contract.Channel). With a secret and a public URL it is called; otherwise run `poll`."""

    name = "telegram"
    limits = telegram_outbound.LIMITS

    def __init__(self, settings: Settings, patience: float = 1.0) -> None:
        """`patience`: seconds before the first repetition after a fault. Raises SettingsError for an impossible token."""
        token = _TOKEN.fullmatch(settings.telegram_token)
        if not token:
            raise SettingsError("KOMEK_TELEGRAM_TOKEN: not as @BotFather writes it, number:letters")
        if settings.telegram_secret and not _SECRET.fullmatch(settings.telegram_secret):
            raise SettingsError("KOMEK_TELEGRAM_SECRET: 1-256 of A-Z a-z 0-9 _ -")
        self._id = int(token[1])
        self._settings = settings
        self._patience = patience
        self._root = f"{settings.telegram_api.rstrip('/')}/bot{settings.telegram_token}"
        self._files = f"{settings.telegram_api.rstrip('/')}/file/bot{settings.telegram_token}"
        self._slow: Line | None = None
        self._post = PostLine(self._root)
        request = LineRequest(self._post, self._root)
        self._bot = Bot(
            settings.telegram_token,
            base_url=f"{settings.telegram_api.rstrip('/')}/bot",
            base_file_url=f"{settings.telegram_api.rstrip('/')}/file/bot",
            request=request,
            get_updates_request=request,
        )
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

        async def hear(request: Request) -> Response:
            """POST /in/telegram."""
            return await self._heard(request, ear)

        return () if self.polls else (Route(PATH, door.Hook(hear), methods=["POST"]),)

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
        await introduce(self._bot)

    async def _start(self) -> None:
        """`open`, as far as it must succeed."""
        try:
            await self._bot.initialize()
            self.username = self._bot.username
            if not self.polls:
                await self._call_us()
        except InvalidToken:
            raise SettingsError("KOMEK_TELEGRAM_TOKEN: Telegram refuses it") from None
        except BadRequest as fault:
            raise SettingsError(f"KOMEK_PUBLIC_URL: Telegram refuses the webhook: {fault.message}") from None
        except TelegramError as fault:
            raise Away(f"Telegram does not answer ({type(fault).__name__})") from None

    async def close(self) -> None:
        """Close the line. The webhook stays: deleting it would lose what is said while we are down."""
        await self._bot.shutdown()
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
            path = _path(await self._call("getFile", msgspec.json.encode({"file_id": media.handle})))
            answer = await self._line().ask("GET", f"{self._files}/{quote(path)}", cap=FILE_LIMIT, total=60)
        except TooLarge:
            raise Gone("the file is too large") from None
        except (Unreached, Lost) as fault:
            raise Away(f"Telegram does not answer ({type(fault).__name__})") from None
        if answer.status != 200:
            raise _lost_file(answer.status)
        return answer.body, media.mime or answer.headers.get("content-type", "application/octet-stream")

    async def poll(self, ear: Ear) -> None:
        """Fetch updates for ever. Run it only where `polls`; it takes a webhook away first, and loses nothing by that."""
        await self._stop_calls()
        async for updates in batches(self._ask, self._patience):
            await self._keep(updates, ear)
            await asyncio.gather(*(self._answered(query) for raw in updates if (query := pressed(raw))))

    async def _heard(self, request: Request, ear: Ear) -> Response:
        """Verify, keep, and answer at once: Telegram holds back the chat's next update until we do."""
        secret = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not hmac.compare_digest(secret.encode(), self._settings.telegram_secret.encode()):
            return door.refuse(self.name)
        if door.media_type(request) != "application/json":
            return door.refuse(self.name, 415)
        raw = await door.read(request)
        if raw is None:
            return door.refuse(self.name, 413)
        try:
            query = await self._kept(raw, ear)
        except Away:
            return door.away()
        # A method in the answer saves a call; its result is never seen, and does not matter here.
        return JSONResponse({"method": "answerCallbackQuery", "callback_query_id": query}) if query else Response()

    async def _kept(self, raw: bytes, ear: Ear) -> str:
        """One update is heard, or buried where it cannot be read. The callback query that waits for a word. Raises Away."""
        quick = read_quickly(raw, self._id, datetime.now(UTC))
        event = quick.event if quick else await self._read(raw, ear)
        if event:
            await ear.hear((event,))
        return quick.query if quick else pressed(raw)

    async def _keep(self, updates: Sequence[bytes], ear: Ear) -> None:
        """A polled batch, tried until the store takes it: only then may the next be asked for."""
        while True:
            try:
                events = [event for raw in updates if (event := await self._read(raw, ear))]
                return await ear.hear(events, insist=True) if events else None
            except Away:
                log.warning("the store is away; Telegram keeps %d updates meanwhile", len(updates))
                await asyncio.sleep(self._patience)

    async def _read(self, raw: bytes, ear: Ear) -> Inbound | None:
        """The event in an update; one that cannot be read is buried, so that it does not block its chat for a day."""
        try:
            return read(msgspec.json.decode(raw), self._id, datetime.now(UTC))
        except (door.Unreadable, msgspec.MsgspecError, UnicodeError, RecursionError) as fault:
            cause = str(fault) if isinstance(fault, door.Unreadable) else "not JSON"
            await ear.bury(self.name, raw, cause)
            return None

    def _line(self) -> Line:
        """The general client, for files and polling: made when first needed, as it takes 10 MB."""
        if self._slow is None:
            from bot.channels.http import Line

            self._slow = Line()
        return self._slow

    async def _call(self, method: str, body: bytes, total: float | None = None) -> Answer:
        """One raw call. Raises Unreached, Lost or TooLarge."""
        headers = {"Content-Type": "application/json"}
        return await self._line().ask("POST", f"{self._root}/{method}", data=body, headers=headers, total=total)

    async def _ask(self, method: str, body: object, total: float | None = None) -> Answer:
        """One raw call with a JSON body."""
        return await self._call(method, msgspec.json.encode(body), total)

    async def _answered(self, query: str) -> None:
        """Stop the pressed button's clock. Too late or lost: no matter."""
        try:
            await self._ask("answerCallbackQuery", {"callback_query_id": query})
        except (Unreached, Lost, TooLarge):
            log.info("a pressed button was not confirmed")

    async def _call_us(self) -> None:
        """Set the webhook. Several processes may start at once, and Telegram takes one call a second."""
        for _ in range(5):
            try:
                await self._bot.set_webhook(
                    f"{self._settings.public_url.rstrip('/')}{PATH}",
                    secret_token=self._settings.telegram_secret,
                    allowed_updates=KINDS,
                    drop_pending_updates=False,
                )
                return
            except RetryAfter:
                await asyncio.sleep(self._patience)
        raise NetworkError("setWebhook is limited again and again")

    async def _stop_calls(self) -> None:
        """deleteWebhook, until Telegram hears it: polling beside a webhook is a 409."""
        while True:
            try:
                await self._bot.delete_webhook(drop_pending_updates=False)
                return
            except TelegramError as fault:
                log.warning("polling Telegram: deleteWebhook failed (%s)", type(fault).__name__)
                await asyncio.sleep(self._patience)


def _path(answer: Answer) -> str:
    """Where the file lies. Raises Gone where Telegram says it never will give it, Away where it may."""
    try:
        found = msgspec.json.decode(answer.body, type=_Found)
    except msgspec.MsgspecError:
        found = _Found()
    if answer.status == 200 and found.result and found.result.file_path:
        return found.result.file_path
    if answer.status == 400 and "temporarily" not in found.description:
        raise Gone("Telegram refuses the file")
    raise _lost_file(answer.status)


def _lost_file(status: int) -> Exception:
    """Gone for a file that Telegram no longer has, Away for everything that may pass."""
    return Gone(f"answer {status}") if status in (403, 404, 410) else Away(f"answer {status}")
