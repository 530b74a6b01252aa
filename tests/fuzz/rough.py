"""What is no HTTP, or not quite: sent on lines of their own, by people who hang up."""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz import forms, updates
from tests.fuzz.world import Input, Table, World

ANY = frozenset(range(200, 500))


def _length(world: World, data: bytes) -> bytes:
    """Another Content-Length."""
    wrong = world.pick((b"5", b"-1", b"99999", b"18446744073709551616", b"x", b"", b"1, 1", b"+3", b"0x10"))
    return data.replace(b"Content-Length: ", b"Content-Length: " + wrong + b"\r\nX: ", 1)


def _chunked(world: World, data: bytes) -> bytes:
    """In pieces whose sizes are right, wrong or none."""
    head, _, body = data.partition(b"\r\n\r\n")
    head = head.replace(b"Content-Length: ", b"Transfer-Encoding: chunked\r\nX: ", 1)
    size = world.pick(
        (b"%x" % len(body), b"%x" % (len(body) + 5), b"1", b"zz", b"", b"-1", b"ffffffffffffffffff", b"5;a=b")
    )
    return (
        head
        + b"\r\n\r\n"
        + size
        + b"\r\n"
        + body
        + world.pick((b"\r\n0\r\n\r\n", b"", b"\r\n0\r\nTrailer: x\r\n\r\n", b"0"))
    )


def _header(world: World, data: bytes) -> bytes:
    """A header that no client sends."""
    line, _, rest = data.partition(b"\r\n")
    wrong = world.pick(
        (
            b"X: " + b"x" * world.pick((10, 70_000)),
            b"X: y\r\n" * 3000 + b"X: y",
            b"X\x00Y: z",
            b"X: \x00",
            b": x",
            b"X",
            b" folded",
            b"X : y",
            b"X: y\n",
            b"Content-Length: 1",
            b"Transfer-Encoding: chunked",
            b"Transfer-Encoding: gzip, x",
            b"Expect: 100-continue",
            b"Expect: x",
            b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==",
            b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x",
            b"Connection: close",
            b"Content-Encoding: gzip",
        )
    )
    return line + b"\r\n" + wrong + b"\r\n" + rest


def _line(world: World, data: bytes) -> bytes:
    """Another first line."""
    _, _, rest = data.partition(b"\r\n")
    wrong = world.pick(
        (
            b"POST /in/telegram",
            b"POST /in/telegram HTTP/9.9",
            b"POST /in/telegram HTTP/1.0",
            b"post /in/telegram HTTP/1.1",
            b"POST  /in/telegram  HTTP/1.1",
            b"POST http://evil.example/in/telegram HTTP/1.1",
            b"POST in/telegram HTTP/1.1",
            b"POST /in/tele\xc3\xbcgram HTTP/1.1",
            b"POST /in/telegram\x00 HTTP/1.1",
            b"CONNECT komek.example:443 HTTP/1.1",
            b"OPTIONS * HTTP/1.1",
            b"PRI * HTTP/2.0",
            b"GET /" + b"x" * world.pick((10, 70_000)) + b" HTTP/1.1",
            b"GET /chat?%zz=%&&==[ HTTP/1.1",
            b"GET ?x HTTP/1.1",
            b"GET //// HTTP/1.1",
            b"\r\n\r\nGET /chat HTTP/1.1",
            b"",
        )
    )
    return wrong + b"\r\n" + rest


WAYS: Table[Callable[[World, bytes], bytes]] = Table(
    {
        "half": (3, lambda world, data: data[: world.number(len(data))]),
        "length": (3, _length),
        "chunked": (3, _chunked),
        "header": (4, _header),
        "first line": (3, _line),
        "twice at once": (1, lambda world, data: data * world.pick((2, 5))),
        "bare line ends": (1, lambda world, data: data.replace(b"\r\n", b"\n")),
        "noise": (1, lambda world, data: world.chance.randbytes(world.number(2000))),
        "TLS": (1, lambda world, data: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + world.chance.randbytes(300)),
        "proxy": (1, lambda world, data: b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + data),
        "other protocols": (
            1,
            lambda world, data: world.pick((b"*1\r\n$4\r\nPING\r\n", b"EHLO x\r\n", b"\x00", b"SSH-2.0-x\r\n")),
        ),
    }
)


def any_(world: World) -> Input:
    """A right message, carried wrongly."""
    carried = (updates.right if world.often(0.6) else forms.right)(world)
    way, do = WAYS.draw(world)
    return Input(f"wire: {way}", do(world, carried.data), ANY, carried.chat, rough=True)
