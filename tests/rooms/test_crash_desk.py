"""Killed at any step on the desk's side of the path, a process loses nothing and doubles nothing, in real books.

A step is a Redis command, the commit of a transaction that writes, or a post to the agency's webhook; the life ends before it
or after it. So it ends between the books' commit and the effect's end, between an agency's stream and the mark, between
an officer's answer and the news of it, between a webhook's 2xx and our note of it. What the next life leaves in every table is
what a clean run leaves.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from sqlalchemy import Connection
from sqlalchemy.event import listen

from bot.channels.contract import Away
from bot.fetcher import fetch
from bot.poster import Poster
from handlers.nouns import Effect, Inbound, Media, OpenCase, Session, Step
from storage.addresses import networks
from storage.cases import Cases
from storage.machines import Post, Result
from storage.migrate import migrate
from storage.queues import Lanes
from storage.redis import Redis, as_bytes, as_list
from storage.seal import Seal
from tests.rooms import toy
from tests.rooms.life import Cut, Fuse, Life, Mind, Tripwire, dead_name, lane, life, waiting
from tests.servers import folder
from tests.storage_sql.sample import Clock, added, opened, rows

AGENCY = "uz.mfa"
HERE = networks("127.0.0.0/8")
FILE = Media("document", "demo file", "application/pdf", "demo.pdf", 20)
CASE: OpenCase = msgspec.structs.replace(opened(), chat="toy:1", agencies=(AGENCY,), media=(FILE,))
EFFECTS: dict[str, Sequence[Effect]] = {
    "open": (CASE,),
    "more": tuple(
        msgspec.structs.replace(added(CASE, n, what), media=None) for n, what in enumerate(("message", "human"))
    ),
    "file": (msgspec.structs.replace(added(CASE, 9, "media"), media=FILE),),
}
STORY = [toy.event(n, body) for n, body in enumerate(EFFECTS)]
ROUNDS = 3
"""So often everything is looked at, until nothing can be left: an answer's fate is news of the third order."""


def think(session: Session | None, event: Inbound) -> Step:
    """The toy conversation, which opens a real case and adds to it."""
    step = toy.think(session, event)
    return msgspec.structs.replace(step, effects=tuple(EFFECTS.get(event.body, ())))


class Hand(Poster):
    """A poster whose receiver takes everything and remembers what it was given."""

    def __init__(self, cases: Cases, fuse: Fuse, given: list[str]) -> None:
        super().__init__(cases, HERE, Clock())
        self._fuse, self._given = fuse, given

    async def _send(self, post: Post) -> Result:
        done, heard = self._fuse.step()
        if done:
            self._given.append(post.event)
        if not heard:
            raise Cut
        return Result(good=True, code=200)


class Books(NamedTuple):
    """Everything a run leaves behind."""

    tables: dict[str, list[dict[str, object]]]
    said: list[str]
    published: list[str]
    posted: Counter[str]


class World:
    """What outlives every process: the stores, the provider, the agency's receiver, the page before the officer."""

    def __init__(self, redis_url: str, database: Path, seal: Seal) -> None:
        self.redis_url, self.database, self.seal = redis_url, database, seal
        self.provider = toy.Toy()
        self.given: list[str] = []
        self.seen = ""

    @asynccontextmanager
    async def cases(self, fuse: Fuse) -> AsyncIterator[Cases]:
        """The books, with a fuse at each commit that writes."""
        books = Cases(
            f"sqlite:///{self.database}", self.seal, self.database.parent / "files", clock=Clock(), secret="k" * 32
        )

        def commit(connection: Connection) -> None:
            done, heard = fuse.step()
            if not heard:
                if done:
                    connection.connection.commit()
                raise Cut

        listen(books._db._writer.sync_engine, "commit", commit)
        try:
            yield books
        finally:
            await books.close()

    async def work(self, fuse: Fuse, name: str) -> None:
        """One process: what people say, the desk's day, until nothing is left to do."""
        others = asyncio.all_tasks()
        store, watch = Tripwire(self.redis_url, fuse), Redis(self.redis_url)
        await store.open()
        await watch.open()
        async with self.cases(fuse) as books:
            one = life(store, self.seal, self.provider, books, name, mind=Mind(think=think), hands=True)._replace(
                worked=[lane()]
            )
            await one.owner.renew()
            fuse.armed = True
            try:
                for event in STORY:
                    await one.ear.hear([event])
                await self._settle(one, books, Lanes(watch, self.seal), fuse)
                await self._answer(books)
                await self._settle(one, books, Lanes(watch, self.seal), fuse)
            finally:
                await one.sender.landed()
                await store.close()
                await watch.close()
                await asyncio.gather(*asyncio.all_tasks() - others, return_exceptions=True)

    async def _settle(self, one: Life, books: Cases, watch: Lanes, fuse: Fuse) -> None:
        """Everybody works until nothing is left."""
        for _ in range(ROUNDS):
            await one.clerk.look()
            await one.live(watch)
            await fetch(books, {"toy": self.provider})
            await Hand(books, fuse, self.given).work()

    async def _answer(self, books: Cases) -> None:
        """The officer sends the form; the browser sends the same once more, if no answer came."""
        officer = await books.officers.find("demo")
        assert officer
        self.seen = self.seen or (await books.case(AGENCY, CASE.id)).seen
        await books.reply(officer, CASE.id, "Come to desk 7.", self.seen)

    async def books(self) -> Books:
        """What is left."""
        redis = Redis(self.redis_url)
        await redis.open()
        assert await waiting(Lanes(redis, self.seal)) == 0
        entries = as_list(await redis.call("XRANGE", f"agency:{AGENCY}", "-", "+"))
        published = [msgspec.json.decode(as_bytes(as_list(as_list(row)[1])[1]))["event"] for row in entries]
        await redis.close()
        async with self.cases(Fuse(-1, late=False)) as books:
            tables = await rows(books)
        for name, column in (("hook_deliveries", "attempts"), ("events", "delivered_at")):
            for row in tables[name]:
                row[column] = bool(row[column])  # once or twice, now or then
        for row in tables["hook_deliveries"]:
            row["place"] = 0  # among what was filed in one go, which a kill may divide
        return Books(tables, [out.text for out in self.provider.sent], published, Counter(self.given))


@pytest.fixture
async def empty_books(seal: Seal, tmp_path: Path) -> Path:
    """A database with an officer and the agency's webhook, and nothing else yet."""
    file = tmp_path / "empty.sqlite3"
    await migrate(f"sqlite:///{file}")
    books = Cases(f"sqlite:///{file}", seal, tmp_path / "files", clock=Clock(), secret="k" * 32)
    await books.officers.add("demo", AGENCY, "Demo officer")
    await books.hooks.make(AGENCY, "http://127.0.0.1:9/demo", [], HERE)
    await books.close()
    return file


async def _run(redis_url: str, empty: Path, seal: Seal, fuse: Fuse) -> Books:
    """One run of the story, in which the first process may be killed, and another then begins anew."""
    store = Redis(redis_url)
    await store.open()
    await store.call("FLUSHALL")
    await store.call("CONFIG", "SET", "appendfsync", "no")  # here it is we who are killed, not Valkey
    with folder("crash-") as place:
        world = World(redis_url, place / "books.sqlite3", seal)
        shutil.copy(empty, world.database)
        with suppress(Cut, Away):
            await world.work(fuse, dead_name(1))
        if fuse.blown:
            await world.work(Fuse(-1, late=False), dead_name(2))
        end = await world.books()
    await store.call("CONFIG", "SET", "appendfsync", "always")
    await store.close()
    return end


@pytest.mark.timeout(400)
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
async def test_a_kill_at_any_step_leaves_the_books_of_a_clean_run(
    empty_valkey: str, empty_books: Path, seal: Seal, late: bool
) -> None:
    """Every table the same; every case event in the agency's stream once; at most the post in the air, and the message in
    the air, are made twice.
    """
    clean = await _run(empty_valkey, empty_books, seal, Fuse(-1, late))
    assert [row["delivery"] for row in clean.tables["events"] if row["what"] == "reply"] == ["sent"]
    assert {row["state"] for row in clean.tables["attachments"]} == {"stored"}
    assert set(clean.posted.values()) == {1}
    assert sorted(clean.published) == sorted(str(row["id"]) for row in clean.tables["events"]) == sorted(clean.posted)
    for k in itertools.count():
        fuse = Fuse(k, late)
        end = await _run(empty_valkey, empty_books, seal, fuse)
        if not fuse.blown:
            break
        assert [name for name, rows in end.tables.items() if rows != clean.tables[name]] == [], k
        assert [text for text, _ in itertools.groupby(end.said)] == clean.said, k
        assert end.published == clean.published, k
        again = end.posted - clean.posted
        assert again.total() <= 1, k
        assert end.posted - again == clean.posted, k
    assert k > 40
