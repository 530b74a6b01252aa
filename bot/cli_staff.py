"""`komek staff`: who works at the desk. An account is made without a password; a one-time link lets its owner choose one."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar, get_args

import click

from bot.settings import Settings, SettingsError
from relief.pack import Pack, PackError, load
from storage.records import Role

if TYPE_CHECKING:  # the store is heavy, and every `komek` command reads this file
    from storage.cases import Cases
    from storage.officers import Officers

T = TypeVar("T")

DEMO_OFFICERS = 2
"""How many officers a demonstration has."""


@click.group()
def staff() -> None:
    """The officers of the agencies."""


@staff.command()
@click.argument("login")
@click.option("--agency", required=True, help="The agency's id in the pack.")
@click.option("--name", required=True, help="The officer's name as colleagues see it.")
@click.option("--role", type=click.Choice(get_args(Role)), default="officer", show_default=True)
def add(login: str, agency: str, name: str, role: Role) -> None:
    """Make an account and print its one-time sign-in link."""
    settings = Settings.read()
    known = _pack(settings).agencies
    if agency not in known:
        raise click.ClickException(f"the pack has no agency {agency!r}; it has {', '.join(sorted(known))}")

    async def make(officers: Officers) -> str:
        await officers.add(login, agency, name, role)
        return await officers.invite(login)

    click.echo(_told(settings, _run(settings, make)))


@staff.command("list")
def show() -> None:
    """All accounts: login, agency, role, whether it is in use, name."""

    async def everybody(officers: Officers) -> Sequence[str]:
        return [
            f"{o.login}\t{o.agency}\t{o.role}\t{'active' if o.active else 'disabled'}\t{o.name}"
            for o in await officers.everybody()
        ]

    for line in _run(Settings.read(), everybody):
        click.echo(line)


@staff.command()
@click.argument("login")
@click.option("--force", is_flag=True, help="Even if it is the last administrator of its agency.")
def disable(login: str, force: bool) -> None:
    """End an account and all its sessions, at once."""
    from storage.officers import Refused

    try:
        found = _run(Settings.read(), lambda officers: officers.disable(login, force=force))
    except Refused:
        message = f"{login} is the last administrator of its agency; make another one first, or say --force"
        raise click.ClickException(message) from None
    if not found:
        raise click.ClickException(f"nobody has the login {login!r}")
    click.echo(f"{login} is disabled and signed out everywhere.")


@staff.command()
@click.argument("login")
def signin(login: str) -> None:
    """Print a new one-time sign-in link; an earlier one ends."""
    settings = Settings.read()
    click.echo(_told(settings, _run(settings, lambda officers: officers.invite(login))))


def link(settings: Settings, token: str) -> str:
    """The address of a one-time sign-in."""
    return f"{desk(settings)}/welcome/{token}"


def desk(settings: Settings) -> str:
    """The desk's address, as an officer types it."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - read, not bound to
    shown = f"[{host}]" if ":" in host else host
    return f"{settings.public_url or f'http://{shown}:{settings.port}'}/console"


async def ensure_demo_officers(cases: Cases, settings: Settings, pack: Pack) -> list[tuple[str, str, str]]:
    """The demonstration's officers as (name, agency, link), made if they are missing.

    They work for the agencies that the pack names for it, as administrators: who tries the desk may see all of it.
    The link is a fresh one-time sign-in until the officer has chosen a password, and after that the desk's own address
    with the login in it.
    """
    found = []
    for agency in pack.cover.demo:
        login, name = f"demo-{agency}", f"Demo officer ({pack.agencies[agency].state})"
        if await cases.officers.find(login) is None:
            await cases.officers.add(login, agency, name, "administrator")
        known = await cases.officers.has_password(login)
        where = f"{desk(settings)}/ (login {login})" if known else link(settings, await cases.officers.invite(login))
        found.append((name, agency, where))
    return found


def _told(settings: Settings, token: str) -> str:
    """What is printed about a new link."""
    from storage.officers import INVITED

    return f"One-time sign-in, good for {INVITED.days} days:\n{link(settings, token)}"


def _pack(settings: Settings) -> Pack:
    """The pack. Raises SettingsError, one line."""
    try:
        return load(settings.pack)
    except PackError as fault:
        raise SettingsError(f"KOMEK_PACK: {fault}") from None


def _run(settings: Settings, act: Callable[[Officers], Awaitable[T]]) -> T:
    """Do something with the accounts. Raises ClickException or SettingsError: in one line, why it cannot be done."""
    return with_cases(settings, lambda cases: act(cases.officers))


def with_cases(settings: Settings, act: Callable[[Cases], Awaitable[T]], *, fitting: bool = True) -> T:
    """Do something with the store. Raises ClickException or SettingsError: in one line, why it cannot be done.

    `fitting`: only with the secret with which the audit was written; another one would break its chain.
    """
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return asyncio.run(_with_cases(settings, act, fitting=fitting))
    except (ValueError, LookupError) as fault:
        raise click.ClickException(str(fault)) from None
    except (SQLAlchemyError, OSError) as fault:
        raise SettingsError(f"KOMEK_DATABASE_URL: cannot be reached ({type(fault).__name__})") from None


async def _with_cases(settings: Settings, act: Callable[[Cases], Awaitable[T]], *, fitting: bool) -> T:
    """The store, opened as the service opens it."""
    from bot.app import database_url
    from storage.cases import Cases
    from storage.migrate import migrate
    from storage.seal import Seal

    secret, url = _secret(settings), database_url(settings)
    await migrate(url, settings.pool())
    seal = Seal(settings.keys() or {"none": secrets.token_bytes(32)})  # accounts need none: nothing of them is sealed
    cases = Cases(url, seal, settings.files(seal), secret=secret, pool=settings.pool())
    try:
        if fitting and not await cases.audit.fits():
            raise SettingsError(
                "KOMEK_SECRET_KEY: is not the one that the audit was written with (`komek audit verify`)"
            )
        return await act(cases)
    finally:
        await cases.close()


def _secret(settings: Settings) -> str:
    """The installation's secret key, with which the audit is written; a demonstration's is beside its data."""
    from bot.keys import demonstration

    if settings.database_url and not settings.secret_key:
        raise SettingsError("KOMEK_SECRET_KEY: the service's own, with which the audit is written")
    return settings.secret_key or demonstration(settings).secret_key
