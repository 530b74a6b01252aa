"""Twilio's forms: messages of both channels and what became of ours, signed. https://www.twilio.com/docs/messaging"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from bot.channels.twilio import PATH, STATUS_PATH
from bot.channels.twilio_signature import form
from tests.fakes.twilio import FakeTwilio, RequestValidator
from tests.fuzz import mutation
from tests.fuzz.world import FORBIDDEN, ODD, OK, Input, Table, World, mark

PUBLIC = "https://komek.example"
TYPE = "application/x-www-form-urlencoded"
FILES = f"https://api.twilio.com/2010-04-01/Accounts/{FakeTwilio.sid}/Messages/MM1/Media/"

Fields = dict[str, str]
_validator = RequestValidator(FakeTwilio.token)


def _address(world: World) -> str:
    """Somebody's address."""
    number = world.somebody()
    draw = world.number(20)
    if draw < 12:
        return f"whatsapp:+99855{number:07d}"
    if draw < 14:
        return f"whatsapp:UZ.{number}{mark(str(number))}"
    if draw < 19:
        return f"+99855{number:07d}"
    return world.pick(
        ("", "whatsapp:", "sms:", "whatsapp:+1 2", "messenger:5", "+", "ALPHA", "whatsapp::", "x" * 200, "\x00+1")
    )


def _chat(address: str) -> str:
    """The chat's address."""
    return address if address.startswith("whatsapp:") else f"sms:{address}"


def _base(world: World) -> Fields:
    """What every message has."""
    sid, sender = f"SM{world.made:032d}", _address(world)
    to = FakeTwilio.senders["whatsapp" if sender.startswith("whatsapp") else "sms"]
    base = {
        "MessageSid": sid,
        "SmsSid": sid,
        "SmsMessageSid": sid,
        "AccountSid": FakeTwilio.sid,
        "From": sender,
        "To": to,
    }
    more = {"ExternalUserId": f"whatsapp:UZ.{world.number(999)}"} if world.often(0.1) else {}
    return (
        base
        | more
        | {"NumMedia": "0", "NumSegments": "1", "SmsStatus": "received", "ApiVersion": "2010-04-01", "Body": ""}
    )


def _text(world: World, base: Fields) -> Fields:
    profile = {"ProfileName": mark(_chat(base["From"])), "WaId": base["From"][-12:]}
    return base | {"Body": world.words(_chat(base["From"]))} | profile


def _press(world: World, base: Fields) -> Fields:
    token = world.button(_chat(base["From"]), world.pick(ODD))
    return base | {"Body": "x", world.pick(("ButtonPayload", "ListId")): token, "ButtonText": "x"}


def _location(world: World, base: Fields) -> Fields:
    point = {
        "Latitude": str(world.chance.uniform(-95, 95)),
        "Longitude": world.pick(("0", "200", "nan", "inf", "", "1e1", "٣")),
    }
    return base | point | {"Label": mark(_chat(base["From"])), "Address": ""}


MIMES = ("image/jpeg", "text/vcard", "audio/ogg; codecs=opus", "application/pdf", "video/mp4", "", "x", "ü/ü")


def _media(world: World, base: Fields) -> Fields:
    count = world.pick((1, 1, 1, 2, 10, 11, 0))
    found = base | {"NumMedia": world.pick((str(count), str(count), str(count), "999", "-1", "٣", "1e3", "x" * 9))}
    for i in range(count):
        address = (
            FILES + f"ME{world.number(10**6)}"
            if world.often(0.9)
            else world.pick(("http://[", "file:///etc/passwd", "", "//x"))
        )
        found |= {f"MediaUrl{i}": address, f"MediaContentType{i}": world.pick(MIMES)}
    return found | {"Body": world.words(_chat(base["From"]))} if world.often(0.3) else found


def _status(world: World, base: Fields) -> Fields:
    states = ("queued", "sent", "delivered", "read", "failed", "undelivered", "x", "", "KNRY", "\x00", "İ" * 99)
    code = {"ErrorCode": world.pick(("63016", "0", "", "x"))} if world.often(0.3) else {}
    return {"MessageSid": base["MessageSid"], world.pick(("MessageStatus", "SmsStatus")): world.pick(states)} | code


KINDS: Table[Callable[[World, Fields], Fields]] = Table(
    {
        "text": (40, _text),
        "press": (25, _press),
        "location": (6, _location),
        "media": (8, _media),
        "opt-out": (
            3,
            lambda world, base: (
                base | {"Body": "STOP", "OptOutType": world.pick(("STOP", "START", "HELP", "stop", "x"))}
            ),
        ),
        "empty": (2, lambda world, base: base | {"MessageType": world.pick(ODD)}),
        "misplaced status": (2, _status),
    }
)

OURS = (
    "00-aaaaaaaaaaaaaaaaaaaaaaaa-0",
    "63-b-1",
    "64-b-1",
    "07-",
    "-",
    "",
    "x",
    "٠٧-x-1",
    "07-\x00",
    "07-" + "y" * 3000,
    "07- x\r\n",
)


def _target(world: World, status: float = 0.0) -> str:
    """Path and query: of the address for `status`es in this share of the cases."""
    if world.often(status):
        query = urlencode({"m": world.pick(OURS)})
        return (
            f"{STATUS_PATH}?{query}"
            if world.often(0.9)
            else world.pick((STATUS_PATH, f"{STATUS_PATH}?m=1&m=2", f"{STATUS_PATH}?%ff=%"))
        )
    return (
        PATH
        if world.often(0.9)
        else PATH + world.pick(("?", "?a=1&b=", "?x=%D2%9A%20x%2F", "?bodySHA256=x", "?[", "?%00", "?;"))
    )


def _signed(target: str, raw: bytes) -> str:
    """The signature over address and fields."""
    return str(_validator.compute_signature(PUBLIC + target.removesuffix("?"), form(raw) or {}))


def _posted(world: World, kind: str, target: str, raw: bytes, chat: str) -> Input:
    """With a signature. More than 1 MiB is too long, and what is no form can prove nothing."""
    may = frozenset({413}) if len(raw) > 2**20 else OK if form(raw) is not None else FORBIDDEN
    headers = {
        "Content-Type": world.pick((TYPE, TYPE, f"{TYPE}; charset=UTF-8")),
        "X-Twilio-Signature": _signed(target, raw),
    }
    return Input(kind, mutation.request("POST", target, headers, raw), may, chat)


def right(world: World) -> Input:
    """A message as Twilio posts it."""
    base = _base(world)
    kind, make = KINDS.draw(world)
    found = _posted(
        world, f"twilio: {kind}", _target(world), urlencode(make(world, base)).encode(), _chat(base["From"])
    )
    world.recent.append(found)
    return found


def status(world: World) -> Input:
    """What became of a message, ours or not."""
    fields = _status(world, _base(world))
    return _posted(world, "twilio: status", _target(world, 1.0), urlencode(fields).encode(), "")


def bent(world: World) -> Input:
    """A form with wrong, missing, doubled or strange fields, truly signed."""
    base = _base(world)
    kind, make = KINDS.draw(world)
    pairs = list(make(world, base).items())
    for _ in range(1 + world.number(3)):
        at = world.number(len(pairs))
        name, value = pairs[at]
        changed: Sequence[list[tuple[str, str]]] = (
            [],
            [(name, value), (name, world.pick(ODD))],
            [(name, world.pick(ODD))],
            [(world.pick(ODD), value)],
            [(name + "0", "")],
        )
        pairs[at : at + 1] = world.pick(changed) if len(pairs) > 1 else [(name, "")]
    raw = urlencode(pairs, errors="surrogatepass").encode()
    return _posted(world, f"twilio: {kind}, bent", _target(world, 0.2), raw, _chat(base["From"]))


def torn(world: World) -> Input:
    """Other bytes, signed as they are."""
    base = _base(world)
    raw = mutation.torn(world, urlencode(_text(world, base)).encode())
    return _posted(world, "twilio: torn", _target(world, 0.2), raw, _chat(base["From"]))


def unproven(world: World) -> Input:
    """Right, but for the proof."""
    base = _base(world)
    raw, target = urlencode(_text(world, base)).encode(), _target(world, 0.2)
    true = _signed(target, raw)
    headers = {
        "Content-Type": TYPE,
        "X-Twilio-Signature": world.pick(("", "x", true[:-2], true.swapcase(), "ü", "=" * 3000)),
    }
    if world.often(0.3):
        settings = world.pick(("algorithm=HMAC_SHA256", "algorithm=NONE", "key=x,algorithm=", "=,=,,", "ü"))
        headers = {"Content-Type": TYPE, "X-Twilio-Webhooks-Signature-Settings": settings, "X-Twilio-Signature": "x"}
    elif world.often(0.3):
        headers = {
            "Content-Type": world.pick(("application/json", "text/plain", "", "multipart/form-data")),
            "X-Twilio-Signature": true,
        }
    return Input("twilio: unproven", mutation.request("POST", target, headers, raw), FORBIDDEN, _chat(base["From"]))
