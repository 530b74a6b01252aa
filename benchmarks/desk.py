"""How quick the desk is with 1,000,000 cases in PostgreSQL: `make bench-desk`. Each page must take less than 100 ms.

A page is asked for as a browser asks (`GET /console/…`), without the network: signed in, read from the database, rendered.
The cases are made in the database itself, with the weights below; some hundreds are filed as ever, sealed, for the cases' pages.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg
import click
import httpx
from starlette.applications import Starlette

from bot.settings import Settings
from console.app import routes
from console.desk import Desk
from handlers.nouns import AddToCase, Consent, OpenCase
from handlers.refs import case_id, case_ref
from relief.pack import load
from storage.cases import Cases
from storage.migrate import migrate
from storage.seal import Seal
from storage.sql.db import now
from storage.sql.finder import Finder
from storage.sql.sla import Clocks
from tests.servers import LivePostgres, folder

LIMIT = 100.0
"""Milliseconds that 95 of 100 pages may take at most."""
SECRET = "a secret for benchmarks only, not for anything else"  # noqa: S105 - opens nothing
AGENCIES = (
    "uz-migration",
    "kz-msc",
    "kg-sms",
    "az-sms",
    "tr-dgmm",
    "hu-oif",
    "uz-mfa",
    "kz-mfa",
    "kg-mfa",
    "az-mfa",
    "tr-mfa",
)
MINE = AGENCIES[0]
"""The agency that looks. It sees about every third case."""
VOCABULARY = 50_000
SAID = 14
"""Different words of a case. The commonest is in about every second case, the rarest in a few dozen."""
WARM = 5
"""Pages of each kind that are not counted."""
SEALED = 300
"""Cases filed as the clerk files them, at most."""

_SERVER = (
    "-c fsync=off -c full_page_writes=off -c max_connections=60 -c shared_buffers=1GB -c max_wal_size=8GB -c jit=off"
)

_CASES = """
INSERT INTO cases (id, ref, chat_ref, agency, status, priority, urgency, reasons, opened, touched, locale, host, nationality,
    place, outcome, last, since, ends, sorted, chat, facts, report)
SELECT md5(n::text), 'B' || n, md5('chat' || n), (%(agencies)s)[1 + floor(power(random(), 1.6) * %(several)s)::int],
    CASE WHEN r < 0.75 THEN (ARRAY['closed', 'decided'])[1 + (r < 0.1)::int]
         ELSE (ARRAY['received', 'reading', 'waiting', 'referred'])[1 + floor(random() * 4)::int] END,
    p, CASE p WHEN 'danger' THEN 0 WHEN 'normal' THEN 4 ELSE 1 + floor(random() * 3)::int END,
    CASE p WHEN 'normal' THEN '[]' ELSE '["minors","airport_zone"]' END,
    now() - r2 * interval '400 days', now() - r2 * interval '300 days',
    (ARRAY['ru', 'uz', 'kk', 'ky', 'az', 'tr', 'tk', 'en', 'hu'])[1 + floor(power(random(), 3) * 9)::int],
    (ARRAY['UZ', 'TR', 'KZ', 'KG', 'AZ', 'TM', 'HU'])[1 + floor(power(random(), 5) * 7)::int],
    (ARRAY['UZ', 'KG', 'KZ', 'AZ', 'TM', 'TR', 'RU', 'HU'])[1 + floor(power(random(), 4) * 8)::int],
    (ARRAY['city', 'airport_zone', 'border_point', 'other', 'detention', 'sea'])[1 + floor(power(random(), 4) * 6)::int],
    (ARRAY['covered', 'unclear', 'not_covered', 'covered_if', 'unknown', 'no_penalty'])[1 + floor(random() * 6)::int],
    2, CASE WHEN r >= 0.75 AND random() < 0.8 THEN now() - r2 * interval '20 days' END,
    CASE WHEN random() < 0.6 THEN current_date + floor(random() * 60)::int END, 'bench',
    decode(repeat(md5(n::text), 4), 'hex'), decode(repeat(md5(n::text), 16), 'hex'), decode(repeat(md5(n::text), 24), 'hex')
FROM (SELECT n, random() AS r, random() AS r2,
      CASE WHEN random() < 0.02 THEN 'danger' WHEN random() < 0.25 THEN 'urgent' ELSE 'normal' END AS p
      FROM generate_series(1, $1::int) n) AS made
"""

_SEATS = """
INSERT INTO case_agencies (agency, case_id, shut, status, level, due, opened, why, host, nationality, place, outcome, locale,
    holder, held_at, unread, newest)
SELECT a, id, shut, status, urgency,
    CASE WHEN own AND since IS NOT NULL THEN since + random() * interval '5 days' ELSE '9999-01-01 00:00+00' END,
    opened, CASE priority WHEN 'normal' THEN 0 ELSE 18 END, host, nationality, place, outcome, locale,
    CASE WHEN shut = 0 AND random() < 0.1 THEN 'officer' || floor(random() * 60)::int ELSE '' END, NULL,
    since IS NOT NULL AND random() < 0.5, md5(id || 2)
FROM (SELECT *, CASE WHEN status IN ('closed', 'decided') THEN 1 ELSE 0 END AS shut FROM cases) AS c
CROSS JOIN LATERAL (
    SELECT c.agency AS a, TRUE AS own
    UNION SELECT other, FALSE FROM (SELECT (%(agencies)s)[1 + floor(random() * %(several)s + 0 * length(c.id))::int] AS other) o
    WHERE other <> c.agency
) AS seen
"""

_EVENTS = """
INSERT INTO events (id, case_id, seq, at, what, actor, agency, status, body, delivery, cause, tell)
SELECT md5(id || seq), id, seq, opened + seq * interval '1 hour', (ARRAY['opened', 'message'])[seq], 'citizen', '', status,
    decode(repeat(md5(id), 8), 'hex'), '', '', FALSE
FROM cases CROSS JOIN generate_series(1, 2) seq
"""

_WORDS = """
INSERT INTO case_words (word, case_id, "only")
SELECT DISTINCT mark, id, ''
FROM (SELECT id, floor(%(vocabulary)s * power(random(), 6))::int AS k FROM cases CROSS JOIN generate_series(1, %(said)s)) AS said
JOIN vocabulary ON n = k
UNION ALL
SELECT mark, id, '' FROM cases JOIN facts ON fact IN ('nationality=' || nationality, 'host=' || host)
"""

_INDEXES = """
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS made, c.conname AS constraint,
    pg_get_constraintdef(c.oid) AS said, i.indrelid::regclass::text AS of
FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u')
WHERE i.indrelid::regclass::text = ANY($1)
"""
_FILLED = ("case_agencies", "case_words")


class _Server(LivePostgres):
    """With the memory of a small server; nothing is made safe against a crash."""

    _quick = "-c fsync=off -c full_page_writes=off -c max_connections=60 -c shared_buffers=1GB -c max_wal_size=8GB -c jit=off"


class Asked(NamedTuple):
    """A kind of page: what it is called, and the addresses to ask for in turn."""

    name: str
    paths: Sequence[str]


class Result(NamedTuple):
    """What was measured of it, in milliseconds: the median, the 95th percentile, our own processor time."""

    name: str
    half: float
    most: float
    used: float


async def fill(url: str, many: int) -> None:
    """Make the cases. Nobody checks constraints meanwhile; indexes are made at the end."""
    list_ = "ARRAY['" + "', '".join(AGENCIES) + "']"
    given = {
        "agencies": list_,
        "several": len(AGENCIES),
        "said": SAID,
        "vocabulary": VOCABULARY,
    }
    finder = Finder(SECRET)
    line = await asyncpg.connect(url)
    await line.execute(
        "SET session_replication_role = replica; SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'"
    )
    await line.execute("CREATE TEMP TABLE vocabulary (n int PRIMARY KEY, mark bigint)")
    await line.execute("CREATE TEMP TABLE facts (fact text PRIMARY KEY, mark bigint)")
    words = [(n, finder.marks([word(n)])[0]) for n in range(VOCABULARY)]
    await line.copy_records_to_table("vocabulary", records=words)
    states = ("UZ", "TR", "KZ", "KG", "AZ", "TM", "HU", "RU")
    codes = [f"{name}={state}" for name in ("host", "nationality") for state in states]
    await line.copy_records_to_table("facts", records=[(code, finder.marks([code])[0]) for code in codes])
    indexes = await line.fetch(_INDEXES, _FILLED)
    for index in indexes:
        drop = f"ALTER TABLE {index['of']} DROP CONSTRAINT {index['constraint']}"
        await line.execute(drop if index["constraint"] else f"DROP INDEX {index['name']}")
    for name, statement in (("cases", _CASES), ("rows", _SEATS), ("events", _EVENTS), ("words", _WORDS)):
        began = time.perf_counter()
        await line.execute(statement % given, *([many] if name == "cases" else []), timeout=3600)
        click.echo(f"  {name}: {time.perf_counter() - began:.0f} s")
    began = time.perf_counter()
    for index in indexes:
        add = f"ALTER TABLE {index['of']} ADD CONSTRAINT {index['constraint']} {index['said']}"
        await line.execute(add if index["constraint"] else index["made"], timeout=3600)
    click.echo(f"  indexes: {time.perf_counter() - began:.0f} s")
    await line.close()
    line = await asyncpg.connect(url)
    await line.execute("VACUUM ANALYZE", timeout=3600)
    sizes = "SELECT relname, pg_size_pretty(pg_total_relation_size(oid)) FROM pg_class WHERE relname = ANY($1)"
    click.echo(
        "  "
        + ", ".join(f"{n} {s}" for n, s in await line.fetch(sizes, ["cases", "case_agencies", "events", "case_words"]))
    )
    await line.close()


def word(n: int) -> str:
    """The n-th word of the vocabulary, the commonest first; letters only."""
    return "w" + "".join("bcdfgjklmn"[int(digit)] + "a" for digit in str(n))


async def file(cases: Cases, many: int) -> list[str]:
    """So many cases filed as ever, each with messages: their references."""
    found = []
    for n in range(many):
        at = now()
        id = case_id(f"bench{n}", 1, at)
        report = {
            "place": "city",
            "place_name": "Tashkent",
            "contact": f"+99890{n:07d}",
            "note": f"{word(n)} {word(n * 7)}",
        }
        facts = {"host": "UZ", "nationality": "KZ", "permit": "visa"}
        case = OpenCase(
            id,
            case_ref(id),
            f"telegram:{n}",
            f"r{n}",
            at,
            "ru",
            (MINE, "kz-mfa"),
            "normal",
            facts,
            report,
            Consent("1", at),
        )
        said = [AddToCase(f"{id}-{k}", id, at, "message", f"Message {k} about {word(n + k)}") for k in range(12)]
        await cases.file([case, *said])
        found.append(case.ref)
    return found


async def later(http: httpx.AsyncClient, pages: int) -> str:
    """The address of a page deep in the queue."""
    path = "/console/"
    for _ in range(pages):
        text = (await http.get(path)).text
        path = text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&") or path
    return path


def questions(refs: Sequence[str], deep: str) -> Sequence[Asked]:
    """All that is measured."""
    return (
        Asked("queue, first page", ["/console/"]),
        Asked("queue, page 41", [deep]),
        Asked("queue, lines alone", ["/console/lines"]),
        Asked("queue, rare host", ["/console/?host=HU"]),
        Asked("queue, rare place", ["/console/?place=sea"]),
        Asked("queue, rare language", ["/console/?locale=hu"]),
        Asked("queue, host, reason and outcome", ["/console/?host=AZ&reason=minors&outcome=unclear"]),
        Asked("queue, mine", ["/console/?holder=mine"]),
        Asked("queue, unread", ["/console/?unread=1"]),
        Asked("queue, overdue", ["/console/?overdue=1"]),
        Asked("queue, closed", ["/console/?status=closed"]),
        Asked("queue, all statuses", ["/console/?status=all"]),
        Asked("search, reference", [f"/console/search?q={quote(ref)}" for ref in refs]),
        Asked("search, rare word", [f"/console/search?q={word(n)}" for n in range(VOCABULARY - 60, VOCABULARY)]),
        Asked("search, common word", [f"/console/search?q={word(n)}" for n in range(3)]),
        Asked("search, middling word", [f"/console/search?q={word(n)}" for n in range(400, 460)]),
        Asked("search, two middling words", [f"/console/search?q={word(n)}+{word(n + 100)}" for n in range(300, 360)]),
        Asked(
            "search, common and rare word", [f"/console/search?q={word(1)}+{word(n)}" for n in range(20_000, 20_060)]
        ),
        Asked(
            "search, a country's name",
            ["/console/search?q=Hungary", "/console/search?q=%D2%9A%D0%B0%D0%B7%D0%B0%D2%9B%D1%81%D1%82%D0%B0%D0%BD"],
        ),
        Asked("search, a word nobody said", ["/console/search?q=zzzzz"]),
        Asked("case page", [f"/console/cases/{quote(ref)}" for ref in refs]),
    )


async def ask(http: httpx.AsyncClient, path: str) -> httpx.Response:
    """A page, or the answer to the search form with these words."""
    words = parse_qs(urlsplit(path).query).get("q", [""])[0]
    if not words:
        return await http.get(path)
    return await http.post("/console/search", data={"form": http.headers["x-form"], "q": words}, follow_redirects=True)


async def measure(http: httpx.AsyncClient, asked: Asked, times: int) -> tuple[float, float, float]:
    """The median and the 95th percentile in milliseconds, after a few rounds of warming up; and our processor time a page."""
    took, used = [], 0.0
    for n in range(times + WARM):
        if n == WARM:
            used = time.process_time()
        began = time.perf_counter()
        answer = await ask(http, asked.paths[n % len(asked.paths)])
        took.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{asked.name}: answered {answer.status_code}")
    cuts = statistics.quantiles(took[WARM:], n=20)
    return cuts[9], cuts[18], (time.process_time() - used) * 1000 / times


async def store(cases: Cases, officer: str, times: int) -> Sequence[Result]:
    """The counts alone, as the queue's page asks for them."""
    known = await cases.officers.find(officer)
    if known is None:
        raise SystemExit("no officer")
    found = []
    kinds: dict[str, Callable[[], Awaitable[object]]] = {
        "all counts": lambda: cases.tallies(known),
        "counts by status": lambda: cases.counts(MINE),
    }
    for name, ask in kinds.items():
        took, used = [], time.process_time()
        for _ in range(times + WARM):
            began = time.perf_counter()
            await ask()
            took.append((time.perf_counter() - began) * 1000)
        cuts = statistics.quantiles(took[WARM:], n=20)
        found.append(Result(name, cuts[9], cuts[18], (time.process_time() - used) * 1000 / (times + WARM)))
    return found


async def results(url: str, many: int, times: int) -> Sequence[Result]:
    """Fill the database if it is empty, ask everything so many times (2 or more). Raises SystemExit for a page that is none."""
    await migrate(url)
    pack = load("turkic-2020")
    with TemporaryDirectory() as files:
        clocks = Clocks.of(pack)
        cases = Cases(url, Seal({"b": b"b" * 32}), Path(files), clocks=clocks, secret=SECRET)
        line = await asyncpg.connect(url)
        if not await line.fetchval("SELECT count(*) FROM cases"):
            click.echo(f"Filling {many:,} cases")
            await fill(url, many)
        filed = [
            row["ref"] for row in await line.fetch("SELECT ref FROM cases WHERE last > 5 ORDER BY id LIMIT $1", SEALED)
        ]
        refs = filed or await file(cases, min(SEALED, 1 + many // 100))
        if not await cases.officers.find("bench"):
            await cases.officers.add("bench", MINE, "Bench Officer", "supervisor")
        token = await cases.officers.redeem(await cases.officers.invite("bench"), "a long bench passphrase")
        await line.execute("UPDATE case_agencies SET holder = (SELECT id FROM officers) WHERE holder = 'officer7'")
        await line.execute("VACUUM ANALYZE")
        n = await line.fetchrow(
            "SELECT count(*), count(*) FILTER (WHERE shut = 0) FROM case_agencies WHERE agency = $1", MINE
        )
        await line.close()
        click.echo(f"The agency that looks sees {n[0]:,} cases, {n[1]:,} of them open\n")
        app = Starlette(routes=routes(Desk(cases, Settings(secret_key=SECRET, second_factor="optional"), pack)))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://desk.test", cookies={"komek-desk": token or ""}
        ) as http:
            token = (await http.get("/console/")).text.partition('name="form" value="')[2].partition('"')[0]
            http.headers["x-form"] = token
            found = [Result(a.name, *await measure(http, a, times)) for a in questions(refs, await later(http, 40))]
        found += await store(cases, "bench", times)
        await cases.close()
    return found


def printed(found: Sequence[Result]) -> bool:
    """Print the table. Whether everything is quick enough."""
    click.echo(f"{os.cpu_count()} processors, {os.getloadavg()[0]:.1f} programs at work on them in the last minute")
    for name, half, most, used in found:
        click.echo(
            f"{name:34} p50 {half:6.1f} ms   p95 {most:6.1f} ms   ours {used:5.1f} ms{'   TOO SLOW' if most >= LIMIT else ''}"
        )
    return all(one.most < LIMIT for one in found)


def main() -> None:
    """Start a PostgreSQL of one's own, or use one that is empty; ends with 1 if a page is too slow."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=60, help="pages of each kind")
    parser.add_argument("--url", default="", help="a PostgreSQL database, empty or filled by an earlier run")
    given = parser.parse_args()
    if given.url:
        sys.exit(not printed(asyncio.run(results(given.url, given.cases, given.times))))
    with folder("bench-") as place:
        server = _Server(place)
        server.start()
        try:
            quick = printed(asyncio.run(results(server.url(), given.cases, given.times)))
        finally:
            server.kill()
    sys.exit(not quick)


if __name__ == "__main__":
    main()
