"""A peer: the dialogue of `people.py` as one would write it with aiogram 3 after its documentation. Its own environment
(requirements-bench.txt) runs it: `python peer_aiogram.py OPTIONS.json`.

FSM with its states in RedisStorage, a handler for each step, a webhook on aiohttp, one INSERT at the end. It says what our
service said in the same turn, with the same buttons, but knows no law, no languages, no queue and no seal.
`tuned`: uvloop, and each keyboard built once instead of each time.
https://docs.aiogram.dev/en/latest/dispatcher/webhook.html, …/finite_state_machine/index.html, …/utils/keyboard.html
"""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import asyncpg
from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram.fsm.storage.redis import RedisStorage
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.utils.keyboard import InlineKeyboardBuilder
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

PATH = "/webhook"
SECRET = "Peer-secret_1"  # noqa: S105 - opens nothing
TABLE = "CREATE TABLE IF NOT EXISTS reports (id bigserial PRIMARY KEY, chat bigint, answers jsonb, at timestamptz DEFAULT now())"


class Dialogue:
    """The handlers. Step n is answered by reply n: its text and the rows of its buttons' labels."""

    def __init__(self, steps: list[str], replies: list[tuple[str, list[list[str]]]], *, tuned: bool) -> None:
        """`steps`: `say` or `press` for each turn."""
        self._steps = steps
        self._replies = replies
        self._states = [State(f"step{n}", group_name="Report") for n in range(len(steps))]
        self._markup: Callable[[int], InlineKeyboardMarkup | None] = cache(self._build) if tuned else self._build
        self.pool: Any = None
        """asyncpg's, once the program has started."""

    def router(self) -> Router:
        """A handler for each turn."""
        router = Router()
        router.message.register(self._start, CommandStart())
        last = len(self._steps) - 1
        for n, verb in enumerate(self._steps):
            if n == last:
                router.callback_query.register(self._finish, self._states[n], F.data.startswith(f"{n}:"))
            elif n and verb == "press":
                router.callback_query.register(partial(self._pressed, n), self._states[n], F.data.startswith(f"{n}:"))
            elif n:
                router.message.register(partial(self._said, n), self._states[n], F.text)
        return router

    async def _start(self, message: Message, state: FSMContext) -> None:
        """The first word."""
        await state.clear()
        await self._ask(message, state, 0)

    async def _pressed(self, n: int, query: CallbackQuery, state: FSMContext) -> None:
        """A button of step n."""
        await query.answer()
        await state.update_data({str(n): query.data})
        await self._ask(query.message, state, n)

    async def _said(self, n: int, message: Message, state: FSMContext) -> None:
        """The words of step n."""
        await state.update_data({str(n): message.text})
        await self._ask(message, state, n)

    async def _finish(self, query: CallbackQuery, state: FSMContext) -> None:
        """*Send it*: the report is stored."""
        await query.answer()
        answers = json.dumps(await state.get_data())
        await self.pool.execute("INSERT INTO reports (chat, answers) VALUES ($1, $2)", query.message.chat.id, answers)
        await state.clear()
        await query.message.answer(self._replies[-1][0])

    async def _ask(self, message: Message, state: FSMContext, n: int) -> None:
        """Reply n, which asks for step n + 1."""
        await state.set_state(self._states[n + 1])
        await message.answer(self._replies[n][0], reply_markup=self._markup(n))

    def _build(self, n: int) -> InlineKeyboardMarkup | None:
        """The buttons of reply n."""
        rows = self._replies[n][1]
        if not rows:
            return None
        builder = InlineKeyboardBuilder()
        for k, label in enumerate(label for row in rows for label in row):
            builder.add(InlineKeyboardButton(text=label, callback_data=f"{n + 1}:{k}"))
        return builder.adjust(*(len(row) for row in rows)).as_markup()


def main() -> None:
    """Read the options, serve."""
    options = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    if options["tuned"]:
        import uvloop

        uvloop.install()
    bot = Bot(options["token"], session=AiohttpSession(api=TelegramAPIServer.from_base(options["api"])))
    dispatcher = Dispatcher(storage=RedisStorage.from_url(options["redis"]))
    dialogue = Dialogue(options["steps"], options["replies"], tuned=options["tuned"])
    dispatcher.include_router(dialogue.router())
    dispatcher.startup.register(_opening(bot, dialogue, options))
    app = web.Application()
    SimpleRequestHandler(dispatcher, bot, secret_token=SECRET).register(app, path=PATH)
    setup_application(app, dispatcher, bot=bot)
    web.run_app(app, host="127.0.0.1", port=options["port"], print=None, access_log=None)


def _opening(bot: Bot, dialogue: Dialogue, options: dict[str, Any]) -> Callable[[], Awaitable[None]]:
    """What is done before the first update."""

    async def opening() -> None:
        dialogue.pool = await asyncpg.create_pool(options["database"], min_size=2, max_size=10)
        await dialogue.pool.execute(TABLE)
        await bot.set_webhook(f"http://127.0.0.1:{options['port']}{PATH}", secret_token=SECRET)

    return opening


if __name__ == "__main__":
    main()
