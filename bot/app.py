"""The wiring: settings to an open installation, its rooms at work and its pages served.

The channels are named here, and nowhere else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from subprocess import SubprocessError
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from bot import metrics
from bot.channels import door
from bot.channels.contract import Away, Channel, Ear
from bot.channels.webchat import WebChat
from bot.ear import utc_now
from bot.forgetting import Forgetful
from bot.health import Health, health
from bot.poster import Poster
from bot.rooms import ALL, House, Part, Plan, rooms
from bot.settings import Settings, SettingsError
from bot.thinking import Thinking
from console.api.door import Api
from console.api.door import routes as api_routes
from console.app import routes as console_routes
from console.desk import Desk
from relief.pack import Pack, PackError, load
from storage import migrate as migration
from storage.cases import Cases
from storage.files import Unreachable
from storage.migrate import migrate
from storage.seal import Seal
from storage.sql import db
from storage.sql.sla import Clocks
from storage.store import connect
from storage.webchat import WebHistory

log = logging.getLogger(__name__)

LAPSE_SECONDS = 3600.0
"""How often cases are looked through: closed ones whose time is over, old ones that newer rules would sort otherwise."""
IDLE_SECONDS = 60.0
"""How often held cases are looked through for those whose holder is away."""
RETRY_SECONDS = 15.0
"""How long until a provider that could not be reached at the start is asked again."""


class Installation(NamedTuple):
    """An open installation."""

    settings: Settings
    pack: Pack
    cases: Cases
    house: House
    channels: Mapping[str, Channel]
    app: ASGIApp
    desk: Desk
    health: Health


@asynccontextmanager
async def installation(settings: Settings, parts: frozenset[Part] = ALL) -> AsyncIterator[Installation]:
    """Everything open and at work until the block ends. Raises SettingsError or Lost, one line that names the cause."""
    async with AsyncExitStack() as stack:
        pack = _pack(settings)
        seal = Seal(settings.keys())
        url = settings.redis_url or await _embedded(stack, settings)
        redis = await connect(url)
        stack.push_async_callback(redis.close)
        chats = await connect(url)
        stack.push_async_callback(chats.close)
        cases = await _cases(settings, seal, pack)
        stack.push_async_callback(cases.close)
        if parts & {"web", "clerk"}:
            await _files_there(cases)
        web = WebChat(settings, WebHistory(chats, seal, settings.secret_key))
        channels = _channels(settings, web)
        thinking = Thinking(pack, settings.secret_key, {n: c.limits for n, c in channels.items()}, settings.today)
        poster = Poster(cases, settings.networks(), utc_now)
        stack.push_async_callback(poster.close)
        plan = Plan(
            redis=redis,
            seal=seal,
            secret=settings.secret_key,
            think=thinking.think,
            render=thinking.render,
            sorry=thinking.sorry,
            channels=channels,
            cases=Forgetful(cases, web),
            books=cases,
            poster=poster,
            rates=settings.rates(),
            totals=cases.totals,
            parts=parts,
        )
        for channel in channels.values():
            stack.push_async_callback(channel.close)
        house = await stack.enter_async_context(rooms(plan))
        if "clerk" in parts:
            _task(stack, _sweep(cases.lapse, LAPSE_SECONDS))
            _task(stack, _sweep(cases.refresh, LAPSE_SECONDS))
            _task(stack, _sweep(cases.sweep, LAPSE_SECONDS))
            _task(stack, _sweep(cases.idle, IDLE_SECONDS))
        await _open_channels(stack, channels, house.ear, parts)
        desk = Desk(cases, settings, pack, networks=settings.networks())
        state = health(redis, cases, house.owner)
        pages = state.routes(counts=not settings.metrics_port)
        app = _app(desk, Api(desk, settings.api_rate), channels.values(), house, pages)
        yield Installation(settings, pack, cases, house, channels, app, desk, state)


def database_url(settings: Settings) -> str:
    """The database to use: the one set, else SQLite beside the other files of this machine."""
    return settings.database_url or f"sqlite:///{(settings.var_dir / 'komek.sqlite').absolute()}"


async def _embedded(stack: AsyncExitStack, settings: Settings) -> str:
    """The address of a Valkey of our own, for as long as the installation is open."""
    from bot.valkey import valkey

    return await stack.enter_async_context(valkey(settings.var_dir / "valkey"))


def _pack(settings: Settings) -> Pack:
    """The data pack. A fault in it is the operator's to see, in one line."""
    try:
        return load(settings.pack)
    except PackError as fault:
        raise SettingsError(f"KOMEK_PACK: {fault}") from None


async def _cases(settings: Settings, seal: Seal, pack: Pack) -> Cases:
    """The case store, its tables made or brought up to date."""
    url = database_url(settings)
    try:
        if url.startswith("sqlite"):
            settings.var_dir.mkdir(parents=True, exist_ok=True)
        files, pool = settings.files(seal), settings.pool()
        changing = [migrate(url, pool)] if settings.migrate == "start" else []
        clocks, *_ = await asyncio.gather(_clocks(settings, pack), *changing)
        names = {name: agency.name for name, agency in pack.agencies.items()}
        cases = Cases(url, seal, files, names, clocks=clocks, secret=settings.secret_key, pool=pool)
    except (ValueError, SQLAlchemyError, OSError) as fault:
        raise _unfit(fault) from None
    metrics.show_connections(cases.connections)
    return cases


async def behind(settings: Settings) -> str:
    """Why the tables are too old for this version, in one line; nothing if they are not. Raises SettingsError."""
    engine = None
    try:
        engine = db.connect(database_url(settings), db.Pool(prepared=settings.pool().prepared))
        async with engine.connect() as connection:
            return migration.behind(await migration.standing(connection))
    except (ValueError, SQLAlchemyError, OSError) as fault:
        raise _unfit(fault) from None
    finally:
        if engine:
            await engine.dispose()


def _unfit(fault: Exception) -> SettingsError:
    """What is wrong with the database, in one line without its password."""
    if isinstance(fault, ValueError):
        return SettingsError(f"KOMEK_DATABASE_URL: {fault}")
    return SettingsError(f"KOMEK_DATABASE_URL: the database cannot be had now ({type(fault).__name__})")


async def _clocks(settings: Settings, pack: Pack) -> Clocks:
    """The agencies' calendars, with the holidays of these years read."""
    clocks = Clocks.of(pack, settings.today)
    try:
        await asyncio.to_thread(clocks.read, utc_now().date())
    except (OSError, SubprocessError) as fault:
        raise SettingsError(f"the public holidays cannot be read: {type(fault).__name__}") from None
    return clocks


async def _files_there(cases: Cases) -> None:
    """A store of files that refuses us is the operator's to see at once; one that is away is waited for when it is needed."""
    try:
        await cases.reachable()
    except Unreachable as fault:
        if fault.refused:
            raise SettingsError(f"KOMEK_ATTACHMENTS: {fault}") from None
        log.warning("%s", fault)


def _channels(settings: Settings, web: WebChat) -> dict[str, Channel]:
    """The channels that are set up, by name. A new channel is two lines here; one that is not set up costs no memory."""
    found: list[Channel] = [web]
    if settings.telegram_token:
        from bot.channels.telegram import Telegram

        found.append(Telegram(settings))
    if settings.twilio_account_sid:
        from bot.channels.twilio import channels

        found.extend(channels(settings))
    return {channel.name: channel for channel in found}


async def _open_channels(
    stack: AsyncExitStack, channels: Mapping[str, Channel], ear: Ear, parts: frozenset[Part]
) -> None:
    """Open each; a provider that cannot be reached now is tried again, and keeps nobody else from working."""
    for channel in channels.values():
        if not parts & {"web", "sender"}:
            continue
        try:
            await channel.open()
        except Away as fault:
            log.warning("%s is not reachable yet: %s", channel.name, fault)
            metrics.PROVIDER.labels(channel.name, "open").inc()
            _task(stack, _open_later(channel))
        for background in channel.loops if "web" in parts else ():
            _task(stack, background(ear))


async def _open_later(channel: Channel) -> None:
    """Ask again until the provider is there, or refuses for good."""
    while True:
        await asyncio.sleep(RETRY_SECONDS)
        try:
            await channel.open()
        except Away:
            metrics.PROVIDER.labels(channel.name, "open").inc()
            continue
        except SettingsError as fault:
            log.warning("%s stays closed: %s", channel.name, fault)
        return


async def _sweep(work: Callable[[], Awaitable[int]], seconds: float) -> None:
    """Do this until there is nothing left to do, and again and again. Any number of processes may; a database that is away
    is asked later.
    """
    while True:
        try:
            while await work():
                continue
        except (SQLAlchemyError, OSError) as fault:
            log.warning("the cases were not looked through: %s", type(fault).__name__)
        await asyncio.sleep(seconds)


def _task(stack: AsyncExitStack, work: Awaitable[None]) -> None:
    """Run beside everything else, and end with it."""
    task = asyncio.ensure_future(work)

    async def end() -> None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    stack.push_async_callback(end)


def _app(desk: Desk, api: Api, channels: Iterable[Channel], house: House, pages: Iterable[BaseRoute]) -> ASGIApp:
    """All pages and webhooks."""
    routes: list[BaseRoute] = [Route("/", _front, methods=["GET"]), *pages]
    for channel in channels:
        routes.extend(channel.routes(house.ear))
    hooks = {r.path: r.endpoint for r in routes if isinstance(r, Route) and isinstance(r.endpoint, door.Hook)}
    routes.extend(console_routes(desk))
    routes.extend(api_routes(api))
    return door.Front(Starlette(routes=routes), hooks)


async def _front(request: Request) -> Response:
    """The front door is the chat."""
    return RedirectResponse("/chat", 307)
