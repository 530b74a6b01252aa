"""What a process loads that serves Telegram and the web: one of them must stay under 100 MB."""

from __future__ import annotations

import subprocess
import sys

DEARER = frozenset(
    (
        "aiohttp aiosqlite alembic asyncpg authlib holidays httpx jinja2 joserfc mako obstore phonenumbers pygments redis "
        "requests rich stdnum telegram twilio"
    ).split()
)
"""Libraries that are loaded when something asks for them (a file, a page, a webhook, a provider, a migration, a database), or
never: 1 to 25 MB each."""


def test_what_every_process_loads_is_what_every_process_needs() -> None:
    """The command line, the wiring of the installation and the channels that cost nothing extra."""
    program = "import sys, bot.cli, bot.app, bot.serve, bot.channels.telegram; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "starlette" in loaded
    assert loaded & DEARER == set()
