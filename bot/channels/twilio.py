"""Twilio: WhatsApp and SMS, two channels over one account. `channels(settings)` gives those that have a sender.

Read `twilio_inbound` for what is heard, `twilio_outbound` for what is said, `twilio_signature` for who may post,
`twilio_sweep` for what the webhooks lost; this is the wiring.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot import metrics
from bot.channels import door, twilio_inbound, twilio_media, twilio_outbound
from bot.channels.answer import Answer, Lost, TooLarge, Unreached
from bot.channels.contract import Away, Background, Ear, Gone
from bot.channels.http import Line
from bot.channels.twilio_signature import Form, form, proven
from bot.channels.twilio_sweep import FIRST, OVERLAP, missed
from bot.settings import Settings, SettingsError
from handlers.nouns import Inbound, Media, Outbound, Receipt

log = logging.getLogger(__name__)

PATH = "/in/twilio"
"""Where Twilio posts messages."""

STATUS_PATH = "/in/twilio/status"
"""Where Twilio posts what became of ours; `?m=` is our message's id."""

CARD_TIME = 4.0
"""Seconds for a contact card, which is read while Twilio waits for its 200. It waits 15."""


def channels(settings: Settings, every: float = 180.0) -> tuple[Twilio, ...]:
    """WhatsApp and SMS, each if KOMEK_TWILIO_FROM names a sender for it; the first has the webhooks and the sweep.

    `every`: seconds between two sweeps. Raises SettingsError, one line, for settings that cannot work.
    """
    account = Account(settings, every)
    return tuple(Twilio(name, account, first=i == 0) for i, name in enumerate(account.senders))


class Account:
    """One Twilio account: its line, its credentials, its senders by channel name."""

    def __init__(self, settings: Settings, every: float = 180.0) -> None:
        """Raises SettingsError for settings that cannot work."""
        self.sid, self.api = settings.twilio_account_sid, settings.twilio_api.rstrip("/")
        self.tokens = tuple(filter(None, (token.strip() for token in settings.twilio_auth_token.split(","))))
        self.senders = _senders(settings.twilio_from)
        self.content = _content(settings.twilio_content)
        self.public = settings.public_url.rstrip("/")
        self.every = every
        if not re.fullmatch(r"AC[0-9A-Za-z]{32}", self.sid):
            raise SettingsError("KOMEK_TWILIO_ACCOUNT_SID: AC and 32 letters or digits")
        if not self.tokens:
            raise SettingsError("KOMEK_TWILIO_AUTH_TOKEN: missing")
        if not self.public:
            raise SettingsError("KOMEK_PUBLIC_URL: needed with Twilio, whose signatures cover it")
        self.path = f"/2010-04-01/Accounts/{self.sid}"
        login = base64.b64encode(f"{self.sid}:{self.tokens[0]}".encode()).decode()
        self.headers = {"Authorization": f"Basic {login}", "Accept": "application/json"}
        self.line = Line()

    async def call(self, method: str, path: str, data: Mapping[str, str] | None = None) -> Answer:
        """One call with our credentials, always to the API's own host. Raises Unreached, Lost or TooLarge."""
        return await self.line.ask(method, self.api + path, data=data, headers=self.headers)

    async def get(self, path: str) -> bytes:
        """The body of a 200. Raises Away for everything else."""
        try:
            answer = await self.call("GET", path)
        except (Unreached, Lost, TooLarge) as fault:
            raise Away(f"Twilio does not answer ({type(fault).__name__})") from None
        if answer.status != 200:
            raise Away(f"Twilio answers {answer.status}")
        return answer.body

    async def open(self) -> None:
        """See that the credentials work. Raises SettingsError where they do not, Away where Twilio cannot be reached."""
        try:
            status = (await self.call("GET", f"{self.path}.json")).status
        except (Unreached, Lost, TooLarge) as fault:
            raise Away(f"Twilio does not answer ({type(fault).__name__})") from None
        if status in (401, 403, 404):
            raise SettingsError("KOMEK_TWILIO_ACCOUNT_SID, KOMEK_TWILIO_AUTH_TOKEN: Twilio refuses them")
        if status != 200:
            raise Away(f"Twilio answers {status}")


class Twilio:
    """The WhatsApp or the SMS channel (contract.Channel)."""

    def __init__(self, name: str, account: Account, first: bool) -> None:
        """`first`: whether the account's webhooks and its sweep are this channel's."""
        self.name = name
        self.limits = twilio_outbound.limits(name, account.content)
        self._account = account
        self._first = first

    @property
    def loops(self) -> Sequence[Background]:
        """The sweep: one of an account's channels sweeps for all."""
        return (self.sweep,) if self._first else ()

    def routes(self, ear: Ear) -> Sequence[BaseRoute]:
        """The account's webhooks, once."""

        async def message(request: Request) -> Response:
            """POST /in/twilio."""
            return await self._posted(request, ear, self._message)

        async def status(request: Request) -> Response:
            """POST /in/twilio/status?m=…"""
            return await self._posted(request, ear, _status)

        found = (Route(PATH, message, methods=["POST"]), Route(STATUS_PATH, status, methods=["POST"]))
        return found if self._first else ()

    async def open(self) -> None:
        """Check the credentials. Raises SettingsError or Away, one line; nothing is left open then."""
        try:
            if self._first:
                await self._account.open()
        except (SettingsError, Away):
            await self.close()
            raise

    async def close(self) -> None:
        """Close the line, which the account's channels share: the last thing that any of them does."""
        await self._account.line.close()

    async def send(self, out: Outbound) -> Receipt:
        """One Messages POST, never repeated here: the API has no idempotency key."""
        account = self._account
        fields = twilio_outbound.payload(out, account.senders[self.name], account.content, account.public + STATUS_PATH)
        if fields is None:
            return Receipt("refused", cause="no_template")
        try:
            return twilio_outbound.receipt(await account.call("POST", f"{account.path}/Messages.json", fields))
        except Unreached:
            return Receipt("retry", cause="unreached")
        except (Lost, TooLarge):
            return Receipt("unknown", cause="lost")
        except ValueError:  # a text that no form can carry: not one of ours
            return Receipt("refused", cause="unsendable")

    async def fetch(self, media: Media) -> tuple[bytes, str]:
        """The file, at most 16 MB. Raises Gone for one that is not ours to have, too large or deleted; Away otherwise."""
        return await self._fetch(media, total=60.0)

    async def sweep(self, ear: Ear) -> None:
        """Hear what the webhooks lost, every few minutes, for ever. A fault is one log line, and the next sweep reaches back."""
        since = datetime.now(UTC) - FIRST
        while True:
            now = datetime.now(UTC)
            try:
                await self.sweep_once(ear, since, now)
                since = now - OVERLAP
            except (Away, msgspec.MsgspecError) as fault:
                log.warning("the sweep of Twilio's list failed (%s)", type(fault).__name__)
                metrics.PROVIDER.labels(self.name, "poll").inc()
            await asyncio.sleep(self._account.every)

    async def sweep_once(self, ear: Ear, since: datetime, now: datetime) -> None:
        """One sweep over all senders. Raises Away, or msgspec's error for a list that is not Twilio's."""
        for channel, sender in self._account.senders.items():
            events = await missed(self._account.get, self._account.path, sender, since, now)
            mine = [await self._card(event) for event in events if event.chat.startswith(f"{channel}:")]
            if mine:
                await ear.hear(mine, insist=True)

    async def _posted(self, request: Request, ear: Ear, keep: _Keep) -> Response:
        """Verify, keep, answer at once with an empty TwiML. Whatever is not proven is refused before it is looked at."""
        raw = await door.read(request)
        if raw is None:
            return door.refuse(self.name, 413)
        fields = form(raw) if door.media_type(request) == "application/x-www-form-urlencoded" else None
        if fields is None or not proven(request, fields, self._account.public, self._account.tokens):
            return door.refuse(self.name)
        try:
            await keep(request, fields, raw, ear)
        except Away:
            return door.away()
        return Response("<Response/>", media_type="text/xml")

    async def _message(self, request: Request, fields: Form, raw: bytes, ear: Ear) -> None:
        """A message is heard, or buried where it cannot be read. Raises Away."""
        try:
            events = twilio_inbound.read(fields, datetime.now(UTC))
        except door.Unreadable as fault:
            return await ear.bury(self.name, raw, str(fault))
        return await ear.hear([await self._card(event) for event in events])

    async def _card(self, event: Inbound) -> Inbound:
        """A contact card as a contact; as a document where it cannot be read now."""
        if event.media is None or not twilio_inbound.is_card(event):
            return event
        try:
            body, _ = await self._fetch(event.media, total=CARD_TIME)
        except (Away, Gone):
            return event
        return twilio_inbound.as_contact(event, body)

    async def _fetch(self, media: Media, total: float) -> tuple[bytes, str]:
        """The file's bytes and type."""
        account = self._account
        headers = {"Authorization": account.headers["Authorization"]}
        answer = await twilio_media.fetch(account.line, account.api, account.path, media.handle, headers, total)
        return answer.body, media.mime or answer.headers.get("content-type", "application/octet-stream")


class _Keep(Protocol):
    """What is done with a form that is proven."""

    async def __call__(self, request: Request, fields: Form, raw: bytes, ear: Ear) -> None:
        """Keep it. Raises Away."""


async def _status(request: Request, fields: Form, raw: bytes, ear: Ear) -> None:
    """What became of a message of ours. Any status is taken; one without our id or a status is of no use."""
    ours, status = request.query_params.get("m", ""), fields.get("MessageStatus") or fields.get("SmsStatus") or ""
    if ours and status:
        await ear.receipt(door.clean(ours), door.clean(status).lower(), door.clean(fields.get("ErrorCode") or ""))


def _senders(text: str) -> dict[str, str]:
    """`whatsapp:+…,+…` by channel name."""
    found = [part.strip() for part in text.split(",") if part.strip()]
    senders = {"whatsapp" if part.startswith("whatsapp:") else "sms": part for part in found}
    if not senders or len(senders) != len(found) or any(not re.fullmatch(r"(whatsapp:)?\+?\w+", p) for p in found):
        raise SettingsError("KOMEK_TWILIO_FROM: `whatsapp:+…` and/or `+…`, separated by a comma, one of each")
    return {name: senders[name] for name in ("whatsapp", "sms") if name in senders}


def _content(text: str) -> dict[str, str]:
    """`name=HX…,name=HX…` as a table."""
    pairs = [part.strip().partition("=") for part in text.split(",") if part.strip()]
    if any(not re.fullmatch(r"HX[0-9A-Za-z]{32}", sid) for _, _, sid in pairs):
        raise SettingsError("KOMEK_TWILIO_CONTENT: name=HX and 32 letters or digits, separated by commas")
    return {name: sid for name, _, sid in pairs}
