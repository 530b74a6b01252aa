"""What is done to right inputs: to their structure, to their bytes; and the bare HTTP that carries them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.fuzz.world import ODD, World

RAW = (
    "1e999",
    "-1e999",
    "NaN",
    "-Infinity",
    "1" + "0" * 400,
    "-1" + "0" * 5000,
    "0.1e-400",
    "1e2",
    "1.0",
    "-0",
    "01",
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\u0000"',
    '"\\u202e\\u200b"',
    '"\\x"',
    "[" * 400 + "]" * 400,
    '{"a":' * 300 + "1" + "}" * 300,
    "true",
    "false",
    "null",
    '""',
    "[]",
    "{}",
    "[null]",
    "-1",
    "0",
    "253402300799",
    "253402300800",
    "-62135596800",
    "-62135596801",
    "9223372036854775807",
    "1000000000000000000000",
    '{"id":1}',
    '{"id":1,"type":"private"}',
    '"private"',
    '"1"',
    '{"a":1,"a":2}',
)
"""JSON as it stands."""


def bent(world: World, value: Any) -> bytes:
    """JSON of `value` with one to three places changed: another type, missing, nested, doubled, or no JSON at all."""
    wounds: dict[str, str] = {}
    for _ in range(1 + world.number(3)):
        _wound(world, value, wounds)
    text = json.dumps(value, ensure_ascii=world.often(0.7))
    for name, raw in wounds.items():
        text = text.replace(f'"{name}"', raw)
    return text.encode("utf-8", "surrogatepass")


def _wound(world: World, value: Any, wounds: dict[str, str]) -> None:
    """One place. Where what is found there is no container, it is changed; else we may go deeper."""
    while isinstance(value, dict | list) and value:
        at = world.pick(list(value)) if isinstance(value, dict) else world.number(len(value))
        inner = value[at]
        if isinstance(inner, dict | list) and inner and world.often(0.75):
            value = inner
            continue
        draw = world.number(10)
        if draw == 0:
            del value[at]
        elif draw == 1:
            value[at] = [inner]
        elif draw == 2:
            value[at] = {"x": inner}
        elif draw == 3:
            value[at] = str(inner)
        elif draw == 4:
            value[at] = world.pick(ODD)
        elif draw == 5 and isinstance(value, dict):
            value[world.pick(ODD)[:50]] = inner
        elif draw == 6 and isinstance(value, dict):
            name = f"@wound {len(wounds)}@"
            again = json.dumps(inner, default=str)
            wounds[name] = f"{again},{json.dumps(at)}:{world.pick(RAW)}"  # the same key twice
            value[at] = name
        else:
            name = f"@wound {len(wounds)}@"
            wounds[name] = world.pick(RAW)
            value[at] = name
        return


def _cut(world: World, data: bytes) -> bytes:
    return data[: world.number(len(data) + 1)]


def _flip(world: World, data: bytes) -> bytes:
    out = bytearray(data or b" ")
    for _ in range(1 + world.number(8)):
        out[world.number(len(out))] = world.number(256)
    return bytes(out)


def _stuff(world: World, data: bytes) -> bytes:
    at = world.number(len(data) + 1)
    return data[:at] + world.chance.randbytes(world.number(64)) + data[at:]


TEARS: tuple[Callable[[World, bytes], bytes], ...] = (
    _cut,
    _cut,
    _flip,
    _flip,
    _stuff,
    lambda world, data: data + data,
    lambda world, data: data[::-1],
    lambda world, data: gzip.compress(data, 1),
    lambda world, data: data.decode("utf-8", "replace").encode("utf-16"),
    lambda world, data: data.decode("utf-8", "replace").encode("latin-1", "replace"),
    lambda world, data: b"\xef\xbb\xbf" + data,
    lambda world, data: b"\xed\xa0\x80" + data,
    lambda world, data: b"",
    lambda world, data: world.chance.randbytes(world.number(300)),
    lambda world, data: b"[" * world.pick((10, 5000, 50_000)),
    lambda world, data: b" " * (2**20 + 1) if world.often(0.02) else b" " * 1000,
)


def torn(world: World, data: bytes) -> bytes:
    """Other bytes. Marks go first: one that is torn may be anybody's, as an address may."""
    return world.pick(TEARS)(world, data.replace(b"KNRY", b"torn"))


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """A request as a well-behaved client writes it, whatever stands in it."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: komek.example",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
    return head.encode("utf-8", "surrogatepass") + body
