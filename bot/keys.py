"""Keys: an installation is given its own; a demonstration makes some once and keeps them beside its data."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path

import msgspec

from bot.settings import Settings, SettingsError

LEAST = 32
"""Characters of KOMEK_SECRET_KEY."""


def demonstration(settings: Settings) -> Settings:
    """`settings` with keys: its own where set, else those kept in `var_dir/keys.json`, made at the first start.

    Raises SettingsError with one line if the folder cannot be written or the file cannot be read.
    """
    kept = _kept(settings.var_dir / "keys.json")
    return msgspec.structs.replace(
        settings,
        secret_key=settings.secret_key or kept["secret_key"],
        data_keys=settings.data_keys or kept["data_keys"],
    )


def required(settings: Settings) -> Settings:
    """`settings`, whose keys a real installation must bring. Raises SettingsError naming the missing one."""
    if len(settings.secret_key) < LEAST:
        raise SettingsError(f"KOMEK_SECRET_KEY: at least {LEAST} characters; `openssl rand -hex 32` makes one")
    if not settings.keys():
        raise SettingsError("KOMEK_DATA_KEYS: none; `echo k1:$(openssl rand -base64 32)` makes one")
    return settings


def _kept(path: Path) -> dict[str, str]:
    """The keys of this demonstration."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write(path)
        kept: dict[str, str] = json.loads(path.read_text("utf-8"))
        return {name: kept[name] for name in ("secret_key", "data_keys")}
    except OSError as fault:
        raise SettingsError(f"KOMEK_VAR_DIR: {path}: {fault.strerror}") from None
    except (ValueError, KeyError):
        raise SettingsError(
            f"{path}: cannot be read; its data is lost with it. Move the folder away to begin anew"
        ) from None


def _write(path: Path) -> None:
    """New keys, for the owner's eyes only, there whole or not at all."""
    keys = {
        "secret_key": secrets.token_hex(32),
        "data_keys": f"demo:{base64.b64encode(secrets.token_bytes(32)).decode()}",
    }
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(keys, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
