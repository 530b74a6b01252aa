"""Settings: the environment, prefix KOMEK_, read once. One wrong value is one line that names it."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from console.providers import Provider, ProviderError, providers
from storage.addresses import Network, networks

if TYPE_CHECKING:
    from storage.files import Files
    from storage.seal import Seal
    from storage.sql.db import Pool


class SettingsError(Exception):
    """A setting is missing or wrong. The message is one line for an operator; it never holds a secret's value."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an installation decides. DESIGN.md, section 5."""

    redis_url: str = ""
    """`redis://user:pass@host:port/db`, `rediss://…`, `unix://…`. A cluster is recognised by itself from any of its servers;
    name several with commas, `redis://user:pass@a:6379,b:6379`. Empty: an embedded Valkey under `var_dir` (demo, tests).
    """
    database_url: str = ""
    """`postgresql://user:pass@host/db` or `sqlite:///path`. Empty: SQLite under `var_dir`."""
    database_pool: int = 5
    """Connections to PostgreSQL that each process keeps open."""
    database_overflow: int = 10
    """So many more it opens while they are needed. All processes' pools and overflows together must stay below PostgreSQL's
    `max_connections`."""
    database_wait: float = 30.0
    """Seconds that a question waits for a free connection. Then officers are told to try again, and what was to be filed stays
    in its queue."""
    database_prepared: bool = True
    """`false` behind a pooler that gives each transaction another connection and keeps no prepared statements: PgBouncer with
    `pool_mode = transaction` before 1.21, or with `max_prepared_statements = 0`."""
    public_url: str = ""
    """The https address under which providers reach us, without a trailing slash. Signatures are checked against it."""
    secret_key: str = ""
    """Keys every reference, cookie and CSRF token. At least 32 characters."""
    data_keys: str = ""
    """`id:base64,id:base64,…`, 32 bytes each. The first seals, all open: put a new one first to rotate, and
    keep the old ones; what they have sealed (cases, files, webhooks) stays so.
    """
    pack: str = "turkic-2020"
    """The data pack: a folder under relief/packs, or a path."""
    today: date | None = None
    """The day the service believes it is, for demonstrations and tests. Unset: the real day."""
    telegram_token: str = ""
    """From @BotFather. Empty: no Telegram."""
    telegram_secret: str = ""
    """The webhook's secret token, 1-256 of A-Za-z0-9_-. Mandatory for webhooks; without it Telegram is polled."""
    telegram_api: str = "https://api.telegram.org"
    """The Bot API server."""
    telegram_rate: float = 30.0
    """Messages a second to all chats together; 0: no limit (own Bot API server, tests). Telegram allows about 30."""
    twilio_account_sid: str = ""
    """Empty: no WhatsApp and no SMS."""
    twilio_auth_token: str = ""
    """Signs webhooks and REST calls. `new,old` during a rotation: both are accepted inbound, the first is used outbound."""
    twilio_from: str = ""
    """`whatsapp:+…` and/or `+…` (SMS), separated by commas."""
    twilio_api: str = "https://api.twilio.com"
    """Twilio's REST API; content.twilio.com is derived from it unless it is not twilio.com."""
    whatsapp_rate: float = 80.0
    """Messages a second to all WhatsApp chats together; 0: no limit. A number sends 80 unless Meta has raised it; what is more
    stands in Twilio's line for up to four hours, where replies do not pass announcements."""
    twilio_content: str = ""
    """`name=HX…,name=HX…`: Content templates: `buttons1`…`buttons3`, `list1`…`list10`, `answer_ready` (and
    `answer_ready_tr` for one language). Absent: numbered text."""
    second_factor: Literal["", "optional", "leaders", "required"] = ""
    """Whose sign-in must have a second factor (a code from an app): `optional`: nobody's; `leaders`: supervisors' and
    administrators'; `required`: everybody's. Unset: `leaders`, in the demonstration `optional`. Who signs in at their agency's
    own provider (`KOMEK_OIDC`) has theirs there."""
    oidc: str = ""
    """OpenID Connect, for agencies that have it: JSON, `{"agency id": {"issuer": "https://…", "client_id": "…",
    "client_secret": "…"}}`; optional in each: `name` (what the button says), `login_claim` (the claim that holds the
    login: `preferred_username`). Register `KOMEK_PUBLIC_URL` + `/console/oidc/back` there. See docs/desk-people.md."""
    api_rate: float = 20.0
    """Calls a second that one key may make to `/api/v1`, with bursts of ten times as many; 0: no limit. Each web process counts
    for itself."""
    hook_networks: str = ""
    """Networks that webhooks may reach though they are not public: `10.1.0.0/16,127.0.0.0/8`. `http://` is taken for an
    address of this very machine alone, and only if it is in here."""
    attachments: str = ""
    """Where the files that people sent are kept, sealed: a folder, or `s3://bucket/prefix` on Amazon S3 or any store that speaks
    its protocol. How that is reached is said by `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION` and
    `AWS_ENDPOINT_URL`, or by the machine's role. Empty: `attachments` under `var_dir`. See docs/many-servers.md."""
    host: str = "127.0.0.1"
    """The address to listen on."""
    port: int = 8080
    """The port to listen on."""
    metrics_port: int = 0
    """The port of /health and /metrics, for parts without the web and for installations that keep /metrics from the public
    one: if set, /metrics is there alone. 0: /metrics is on `KOMEK_PORT`, and parts without the web have neither."""
    log: Literal["text", "json"] = "text"
    """How log lines look on standard error: `json` is one JSON object a line."""
    migrate: Literal["start", "wait"] = "start"
    """Who brings the tables up to date: `start`: whichever process starts; `wait`: `komek migrate` alone, and a process that
    needs newer tables waits for it, alive but not ready."""
    drain_seconds: float = 0.0
    """Seconds between a stop and the end of listening, in which /health/ready says no: more than a load balancer takes to
    see it."""
    var_dir: Path = Path("var")
    """Files of a one-machine installation: embedded Valkey, SQLite, attachments, generated keys."""

    def __repr__(self) -> str:
        """Nothing of it: half of these are secrets."""
        return "Settings(…)"

    @classmethod
    def read(cls, env: Mapping[str, str] = os.environ) -> Settings:
        """The settings in `env`. Raises SettingsError naming the first wrong one."""
        names = {f"KOMEK_{f.encode_name.upper()}": f.encode_name for f in msgspec.structs.fields(cls)}
        found = {names[k]: v for k, v in env.items() if k in names and v.strip()}
        try:
            return msgspec.convert(found, cls, strict=False, dec_hook=_decode)
        except msgspec.ValidationError as fault:
            raise SettingsError(_explain(fault)) from None

    def pool(self) -> Pool:
        """The connections to PostgreSQL. Raises SettingsError for numbers that cannot be."""
        from storage.sql.db import Pool

        if self.database_pool < 1 or self.database_overflow < 0 or self.database_wait <= 0:
            raise SettingsError("KOMEK_DATABASE_POOL, _OVERFLOW, _WAIT: at least 1, 0, and more than 0")
        return Pool(self.database_pool, self.database_overflow, self.database_wait, self.database_prepared)

    def files(self, seal: Seal) -> Files:
        """The store of the attachments, not yet reached. Raises SettingsError for an address that is none."""
        from storage.files import files

        try:
            return files(self.attachments or self.var_dir / "attachments", seal)
        except ValueError as fault:
            raise SettingsError(f"KOMEK_ATTACHMENTS: {fault}") from None

    def rates(self) -> Mapping[str, float]:
        """Messages a second by channel; what is not in it has no limit. SMS is Twilio's line alone."""
        return {"telegram": self.telegram_rate, "whatsapp": self.whatsapp_rate}

    def networks(self) -> tuple[Network, ...]:
        """`hook_networks` as networks. Raises SettingsError if one is none."""
        try:
            return networks(self.hook_networks)
        except ValueError:
            raise SettingsError("KOMEK_HOOK_NETWORKS: each network is written like 10.1.0.0/16") from None

    def providers(self) -> Mapping[str, Provider]:
        """The agencies' own sign-ins by agency. Raises SettingsError if the JSON is not as it should be."""
        try:
            found = providers(self.oidc)
        except ProviderError as fault:
            raise SettingsError(f"KOMEK_OIDC: {fault}") from None
        if found and not self.public_url:
            raise SettingsError("KOMEK_OIDC: needs KOMEK_PUBLIC_URL, to which the providers send officers back")
        return found

    def keys(self) -> dict[str, bytes]:
        """The data keys by id, the sealing one first. Raises SettingsError if one is not 32 bytes of base64."""
        out: dict[str, bytes] = {}
        for part in filter(None, self.data_keys.split(",")):
            name, _, text = part.strip().partition(":")
            try:
                key = base64.b64decode(text, validate=True)
            except ValueError:
                key = b""
            if not name or len(key) != 32:
                raise SettingsError("KOMEK_DATA_KEYS: each key is id:base64 of 32 bytes")
            out[name] = key
        return out


def _decode(kind: type, value: object) -> object:
    """Paths, which msgspec leaves to us."""
    return kind(value)


def _explain(fault: msgspec.ValidationError) -> str:
    """msgspec's `Invalid … - at `$.today`` as one line with the setting's public name, and never its value."""
    text, _, where = str(fault).partition(" - at `$.")
    return f"KOMEK_{where.rstrip('`').upper()}: {text}" if where else text
