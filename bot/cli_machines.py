"""`komek key` and `komek hook`: other programs of the agencies, their keys to the API and their webhooks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar, get_args

import click

from bot import keys
from bot.cli_staff import with_cases
from bot.settings import Settings, SettingsError
from relief.pack import PackError, load
from storage.machines import Hook, Key, Scope

if TYPE_CHECKING:  # the store is heavy, and every `komek` command reads this file
    from storage.cases import Cases

T = TypeVar("T")

agency_option = click.option("--agency", required=True, help="The agency's id in the pack.")


@click.group()
def key() -> None:
    """Keys of agencies' programs to the API (docs/api.md)."""


@key.command("make")
@agency_option
@click.option("--name", required=True, help="What the program is called.")
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice(get_args(Scope)), help="May be given often."
)
@click.option("--days", default=365, show_default=True, help="For how many days it is good.")
def make_key(agency: str, name: str, scopes: tuple[Scope, ...], days: int) -> None:
    """Make a key and print it: this is the only time that it is shown."""
    settings = _settings()
    _known(settings, agency)
    made, token = _run(settings, lambda cases: cases.keys.make(agency, name, scopes, days))
    click.echo(f"{token}\nKey {made.id} of {agency}, good until {_day(made.expires)}. It is not shown again.")


@key.command("list")
def list_keys() -> None:
    """All keys: id, agency, whether it is good, until when, last use, scopes, name."""
    settings = _settings()
    for one in _run(settings, lambda cases: cases.keys.all()):
        click.echo(_key_line(one))


@key.command("revoke")
@click.argument("id")
def revoke_key(id: str) -> None:
    """End a key, at once."""
    if not _run(_settings(), lambda cases: cases.keys.revoke(None, id)):
        raise click.ClickException("no key of this id is in use")
    click.echo(f"{id} is revoked.")


@click.group()
def hook() -> None:
    """Webhooks of agencies' programs (docs/api.md)."""


@hook.command("make")
@agency_option
@click.option("--url", required=True, help="Where it is told, https://…")
@click.option(
    "--event", "events", multiple=True, help="What it is told of (docs/queue.md); none: everything. May be given often."
)
def make_hook(agency: str, url: str, events: tuple[str, ...]) -> None:
    """Make a webhook and print the secret that signs what it is sent: this is the only time that it is shown."""
    settings = _settings()
    _known(settings, agency)
    allowed = settings.networks()
    id, secret = _run(settings, lambda cases: cases.hooks.make(agency, url, events, allowed))
    click.echo(f"{secret}\nWebhook {id} of {agency}. The secret is not shown again.")


@hook.command("list")
def list_hooks() -> None:
    """All webhooks: id, agency, how it fares, how many deliveries wait, address."""
    for one in _run(_settings(), lambda cases: cases.hooks.all(None)):
        click.echo(f"{one.id}\t{one.agency}\t{_state(one)}\t{one.waiting} waiting\t{one.url or '-'}")


@hook.command("log")
@click.argument("id")
def log_hook(id: str) -> None:
    """A webhook's last deliveries, the newest first: id, when, event, state, attempts, HTTP status or cause."""
    for one in _run(_settings(), lambda cases: cases.hooks.log(None, id)):
        answer = one.code or one.cause or "-"
        click.echo(f"{one.id}\t{_day(one.made)}\t{one.what}\t{one.state}\t{one.attempts}\t{answer}")


@hook.command("resend")
@click.argument("delivery")
def resend_hook(delivery: str) -> None:
    """Send a delivery again; its id is as `log` shows it."""
    id = _run(_settings(), lambda cases: cases.hooks.resend(None, delivery))
    click.echo(f"{delivery} is sent to {id} again.")


@hook.command("start")
@click.argument("id")
def start_hook(id: str) -> None:
    """Send again to a webhook that was stopped or switched off, beginning with what still waits."""
    _run(_settings(), lambda cases: cases.hooks.start(None, id))
    click.echo(f"{id} is told again.")


@hook.command("remove")
@click.argument("id")
def remove_hook(id: str) -> None:
    """End a webhook, with its secret and its log."""
    _run(_settings(), lambda cases: cases.hooks.remove(None, id))
    click.echo(f"{id} is removed.")


def _key_line(one: Key) -> str:
    """A key in a line."""
    state = "revoked" if one.revoked else f"until {_day(one.expires)}"
    used = _day(one.used) if one.used else "never used"
    return f"{one.id}\t{one.agency}\t{state}\t{used}\t{','.join(one.scopes)}\t{one.name}"


def _state(one: Hook) -> str:
    """How a webhook fares."""
    if one.disabled:
        return "off"
    if not one.url:
        return "its data key is gone"
    return f"failing since {_day(one.failing)}" if one.failing else "well"


def _day(at: datetime) -> str:
    """A moment to the minute, UTC."""
    return f"{at:%Y-%m-%d %H:%M}"


def _settings() -> Settings:
    """The settings with the service's own keys, since webhooks' addresses and secrets are sealed; else the demonstration's."""
    settings = Settings.read()
    return keys.required(settings) if settings.database_url else keys.demonstration(settings)


def _known(settings: Settings, agency: str) -> None:
    """Raises ClickException for an agency that the pack does not have."""
    try:
        known = load(settings.pack).agencies
    except PackError as fault:
        raise SettingsError(f"KOMEK_PACK: {fault}") from None
    if agency not in known:
        raise click.ClickException(f"the pack has no agency {agency!r}; it has {', '.join(sorted(known))}")


def _run(settings: Settings, act: Callable[[Cases], Awaitable[T]]) -> T:
    """Do something with the store. Raises ClickException or SettingsError: in one line, why it cannot be done."""
    from storage.records import Missing

    try:
        return with_cases(settings, act)
    except Missing as fault:
        raise click.ClickException(str(fault)) from None
