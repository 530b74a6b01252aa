"""The web chat: a browser's requests, a script's, a plain form's, and what no browser would send."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

from bot.channels.webchat_person import Doorkeeper, Person
from bot.settings import Settings
from tests.fuzz import mutation
from tests.fuzz.forms import PUBLIC
from tests.fuzz.world import ODD, TAGS, Input, Table, World, mark

SECRET = "k" * 40
COOKIE = "__Host-komek"
FORM = "application/x-www-form-urlencoded"
PEOPLE = 400
"""Browsers at a time: fewer than people elsewhere, since a page shows all that was said before."""
PACE = 400
"""Inputs after which one of them goes."""
SEEN = frozenset({200, 204, 303, 403})
HEARD = frozenset({200, 303, 400, 403, 409, 413})
"""What a form may be answered: heard (200 to the script, 303 to a page), or a sentence that says why not."""

_door = Doorkeeper(Settings(public_url=PUBLIC, secret_key=SECRET))
BUTTON = re.compile(rb'value=\\?"(\d+-\d+ [!-~]+?)\\?"')


def _somebody(world: World) -> tuple[str, str]:
    """Somebody's chat, as we name it, and their token: their mark is in it, so that it can be found where it should not be."""
    number = world.made // PACE + world.number(PEOPLE)
    chat = f"browser {number}"
    return chat, f"{mark(chat)}-{number:030d}"


def _browser(world: World, token: str) -> dict[str, str]:
    """What a browser says of itself."""
    headers = {
        "Cookie": f"{COOKIE}={token}",
        "Accept-Language": world.pick(LANGUAGES) if world.often(0.2) else world.pick(TAGS),
    }
    if world.often(0.5):
        headers["Sec-Fetch-Site"] = "same-origin"
    return headers


LANGUAGES = (
    "tr-TR,tr;q=0.9,en;q=0.8",
    "*",
    "en;q=nan,tr;q=inf",
    ";;;,,,",
    "x" * 5000,
    "en;q=-1",
    "uz-Cyrl-UZ;q=1e999",
    "ü",
    "en;q=1_0",
)
PLACES = ("", *"0-0 1-1 99999999999999999999-0 18446744073709551615-18446744073709551615 ٣-٤ ²-1 - 1- x \x00".split())


def look(world: World) -> Input:
    """A page, or its news."""
    chat, token = _somebody(world)
    path = world.pick(
        ("/chat", "/chat?all=yes", "/chat?start=abc", "/chat/leave", "/chat?start=" + quote(world.pick(ODD)[:500]))
    )
    if world.often(0.6):
        path = "/chat/news?" + urlencode({"after": world.pick(PLACES)})
    headers = _browser(world, token) | ({"Last-Event-ID": world.pick(PLACES[:5])} if world.often(0.1) else {})
    return Input("web: look", mutation.request("GET", path, headers), SEEN, chat)


def live(world: World) -> Input:
    """An open page, soon closed."""
    chat, token = _somebody(world)
    headers = _browser(world, token) | {"Last-Event-ID": world.pick(PLACES[:5])}
    return Input("web: live", mutation.request("GET", "/chat/live", headers), SEEN, chat, rough=True)


def _fields(world: World, token: str) -> dict[str, str]:
    """What every form of ours has."""
    return {"form": _door.form_token(Person(token, new=False)), "id": f"page-{world.made}-{world.number(3)}"}


def _said(world: World, chat: str) -> dict[str, str]:
    """Words, a button or the start."""
    draw = world.number(10)
    if draw < 4:
        return {"choice": world.button(chat, f"{world.pick(PLACES)} {world.pick(ODD)[:70]}")}
    return {"start": world.pick(("", "abc", *ODD))} if draw == 4 else {"text": world.words(chat)}


def say(world: World) -> Input:
    """A form as our page posts it."""
    chat, token = _somebody(world)
    fields, path = _fields(world, token) | _said(world, chat), "/chat/say"
    if world.often(0.1):
        point = {
            "lat": f"{world.chance.uniform(-91, 91):.6f}",
            "lon": world.pick(("1", "-181", "٣", "1.5", "", "nan", "-0")),
        }
        fields, path = _fields(world, token) | point, "/chat/place"
    raw = urlencode(fields, errors="surrogatepass").encode()
    found = _posted(world, "web: say", path, (chat, token), raw, {"Content-Type": FORM})
    world.recent.append(found)
    return found


def _posted(world: World, kind: str, path: str, who: tuple[str, str], raw: bytes, headers: dict[str, str]) -> Input:
    """By the script, or, now and then, by a page without it, which waits for our answer."""
    script = {"Accept": "application/json"} if world.often(0.95) else {}
    return Input(kind, mutation.request("POST", path, _browser(world, who[1]) | script | headers, raw), HEARD, who[0])


CHARSETS = tuple("utf-8 utf-7 utf-16 unicode_escape raw_unicode_escape idna hex undefined cp037 x".split())
NAMES = ("photo.jpg", "../../x", "ü.pdf", "", "\u202egpj.exe", "a" * 300, 'x"y', "\\ud800", "+2AA-", "=?utf-8?q?x?=")
FILES = (b"\xff\xd8\xff photo", b"%PDF-1.7", b"RIFF0000WEBP", b"", b"\x00" * 3000, b"<script>", b"OggS", b"x" * 200_000)


def file(world: World) -> Input:
    """A file, in a multipart form that is mostly right."""
    chat, token = _somebody(world)
    parts = [
        f'form-data; name="{name}"\r\n\r\n'.encode() + value.encode() for name, value in _fields(world, token).items()
    ]
    head = f'form-data; name="{world.pick(("file", "file", "file", "text", ""))}"; filename="{world.pick(NAMES)}"\r\n'
    parts.append(head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + world.pick(FILES) + mark(chat).encode())
    if world.often(0.2):
        parts.append(b'form-data; name="text"\r\n\r\n' + world.pick((b"\\ud800", b"+2AA-", b"\xff\xfe", b"words")))
    raw = b"".join(b"--b\r\nContent-Disposition: " + part + b"\r\n" for part in parts) + b"--b--\r\n"
    if world.often(0.2):
        raw = mutation.torn(world, raw)
    kind = "multipart/form-data; boundary=b" + (f"; charset={world.pick(CHARSETS)}" if world.often(0.5) else "")
    if world.often(0.1):
        kind = world.pick(
            (
                "multipart/form-data",
                "multipart/form-data; boundary=",
                "multipart/form-data; boundary=ü",
                "multipart/form-data;" * 99,
            )
        )
    path = world.pick(("/chat/file", "/chat/file", "/chat/say", "/chat/place"))
    return _posted(world, "web: file", path, (chat, token), raw, {"Content-Type": kind})


ORIGINS = (
    "null",
    PUBLIC,
    "https://evil.example",
    "http://[",
    "https://[::1",
    "//",
    "ü",
    "x" * 9000,
    "https://komek.example@evil",
)
COOKIES = (
    "",
    "=",
    f"{COOKIE}=x",
    f"{COOKIE}={'x' * 44}",
    f'{COOKIE}="\\777"',
    ";" * 2000,
    f"{COOKIE}",
    "ü=ü",
    "a=b; " * 3000,
    "komek=\x80",
)


def odd(world: World) -> Input:
    """A form that is another's, or broken, or brought by nobody."""
    (chat, token), path = _somebody(world), world.pick(("/chat/say", "/chat/place", "/chat/file", "/chat/leave"))
    fields = _fields(world, token) | _said(world, chat)
    for name in list(fields):
        if world.often(0.3):
            fields[name] = world.pick(ODD)
    raw = urlencode(fields, errors="surrogatepass").encode()
    raw = mutation.torn(world, raw) if world.often(0.3) else raw
    headers = {"Content-Type": world.pick((FORM, FORM, "text/plain", "application/json", ""))}
    for name, values in (("Origin", ORIGINS), ("Cookie", COOKIES), ("Sec-Fetch-Site", ("cross-site", "none", "", "ü"))):
        if world.often(0.3):
            headers[name] = world.pick(values)
    headers = {"Cookie": f"{COOKIE}={token}"} | headers | {"Accept": world.pick(("application/json", "text/html", "ü"))}
    # Whoever comes without their cookie or proof is nobody, and sees what they typed and nothing else.
    return Input("web: odd", mutation.request("POST", path, headers, raw), HEARD, chat)


def leave(world: World) -> Input:
    """The chat is left on this device."""
    chat, token = _somebody(world)
    return _posted(
        world,
        "web: leave",
        "/chat/leave",
        (chat, token),
        urlencode(_fields(world, token)).encode(),
        {"Content-Type": FORM},
    )


PATHS = (
    *"/ /chat/ /chat//say /chat/static/chat.js /chat/static/..%2f..%2fsettings.py /chat/static/%00 /chat/static/ü /in/".split(),
    *"/in/telegram/ /in/%74elegram /health/live /metrics /favicon.ico /%ff /%00 //evil.example/chat /.git/config /?[".split(),
    *"/chat/say /chat/live/x /; /chat?".split(),
    "/chat/static/" + "x" * 5000,
    "/chat?" + "a=b&" * 2000,
)
METHODS = ("GET", "GET", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "POST", "TRACE")


def elsewhere(world: World) -> Input:
    """Any other address, in any way."""
    headers = {"If-None-Match": world.pick(("*", '"x"', "ü")), "Range": "bytes=0-1,5-x"} if world.often(0.3) else {}
    headers |= {"Host": world.pick(("[", "evil.example", "", "a:b:c", "ü"))} if world.often(0.1) else {}
    data = mutation.request(world.pick(METHODS), quote(world.pick(PATHS), safe="/%?=&;["), headers)
    return Input(
        "web: elsewhere", data, frozenset({200, 204, 303, 304, 307, 308, 400, 401, 403, 404, 405, 413, 415, 422})
    )


KINDS = Table(
    {
        "say": (50, say),
        "look": (16, look),
        "file": (8, file),
        "odd": (10, odd),
        "elsewhere": (8, elsewhere),
        "live": (2, live),
        "leave": (3, leave),
    }
)


def any_(world: World) -> Input:
    """One of them."""
    return KINDS.draw(world)[1](world)
