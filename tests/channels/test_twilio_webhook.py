"""What Twilio's webhooks promise: who is believed, what is kept, and what Twilio is told."""

from __future__ import annotations

import io
from collections.abc import Callable
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from bot.channels.twilio import STATUS_PATH, Twilio, channels
from bot.settings import Settings
from handlers.nouns import Outbound
from tests.channels.hearing import MemoryEar, serving
from tests.fakes.twilio import FakeTwilio, RequestValidator
from tests.waiting import wait_until

# Twice blank and once with spaces: they are signed as they stand.
FORM = {
    "MessageSid": "SM" + "1" * 32,
    "From": "whatsapp:+99450000000",
    "To": "whatsapp:+10000000000",
    "Body": " Salam ",
}
FORM |= {"ToCity": "", "FromCity": ""}
TYPE = {"Content-Type": "application/x-www-form-urlencoded"}


def _refused() -> float:
    """The count of refused calls."""
    return REGISTRY.get_sample_value("komek_webhook_refused_total", {"channel": "whatsapp"}) or 0.0


async def _raw(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, str, str]:
    """Status, type and text of the answer to exactly these bytes."""
    async with aiohttp.ClientSession() as client, client.post(url, data=io.BytesIO(body), headers=headers) as answer:
        return answer.status, answer.content_type, await answer.text()


def _sign(url: str, form: dict[str, str] = FORM, token: str = FakeTwilio.token, algorithm: str = "HMAC_SHA1") -> str:
    """A signature as Twilio makes it."""
    return str(RequestValidator(token).compute_signature(url, form, algorithm))


async def test_a_signed_form_is_heard_and_answered_empty(whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar) -> None:
    """200 with an empty TwiML, and the words as they are."""
    headers = TYPE | {"X-Twilio-Signature": _sign(account.webhook)}
    assert await _raw(account.webhook, urlencode(FORM).encode(), headers) == (200, "text/xml", "<Response/>")
    assert [(e.id, e.chat, e.body) for e in ear.events] == [(f"twilio:{FORM['MessageSid']}", FORM["From"], " Salam ")]


@pytest.mark.parametrize("query", ["", "?a=1&b=", "?name=%D2%9A%20x%2F", "?plus=a+b&a=1"])
async def test_the_address_is_signed_as_it_came(
    whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar, query: str
) -> None:
    """Path and query stay undecoded."""
    assert await account.post(account.webhook + query, FORM) == 200
    assert len(ear.events) == 1


_WRONG: dict[str, Callable[[str], dict[str, str]]] = {
    "missing": lambda url: {},
    "empty": lambda url: {"X-Twilio-Signature": ""},
    "nonsense": lambda url: {"X-Twilio-Signature": "x"},
    "not ascii": lambda url: {"X-Twilio-Signature": "ü" * 28},
    "another token": lambda url: {"X-Twilio-Signature": _sign(url, token="another")},
    "another scheme": lambda url: {"X-Twilio-Signature": _sign(url.replace("http:", "https:"))},
    "a trailing slash": lambda url: {"X-Twilio-Signature": _sign(url + "/")},
    "another query": lambda url: {"X-Twilio-Signature": _sign(url + "?x=1")},
    "another field": lambda url: {"X-Twilio-Signature": _sign(url, FORM | {"Body": "other"})},
    "one field less": lambda url: {"X-Twilio-Signature": _sign(url, {k: FORM[k] for k in list(FORM)[1:]})},
    "another algorithm": lambda url: {
        "X-Twilio-Signature": _sign(url),
        "X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=HMAC_SHA256",
    },
    "an unknown algorithm": lambda url: {
        "X-Twilio-Signature": _sign(url),
        "X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=NONE",
    },
}


@pytest.mark.parametrize("case", _WRONG)
@pytest.mark.parametrize("path", ["", "/status?m=o1"])
async def test_without_a_true_signature_nothing_is_kept_but_a_count(
    whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar, case: str, path: str
) -> None:
    """Missing, wrong, for another address or for other fields: 403 and one count."""
    before, url = _refused(), account.webhook + path
    status, _, text = await _raw(url, urlencode(FORM).encode(), TYPE | _WRONG[case](url))
    assert (status, text) == (403, "")
    assert ear.empty
    assert _refused() == before + 1


async def test_what_is_no_form_is_refused(whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar) -> None:
    """JSON, a thousand and one fields, and a body over 1 MiB cannot be Twilio's."""
    signed = {"X-Twilio-Signature": _sign(account.webhook, {})}
    assert (await _raw(account.webhook, b"{}", signed | {"Content-Type": "application/json"}))[0] == 403
    assert (await _raw(account.webhook, b"a=1&" * 1001, signed | TYPE))[0] == 403
    assert (await _raw(account.webhook, b"x" * (2**20 + 1), signed | TYPE))[0] == 413
    assert ear.empty


async def test_a_shared_key_signs_with_sha256(whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar) -> None:
    """The header names the algorithm."""
    assert await account.post(account.webhook, FORM, algorithm="HMAC_SHA256") == 200
    assert len(ear.events) == 1


async def test_during_a_rotation_both_tokens_are_believed(account: FakeTwilio, ear: MemoryEar, free_port: int) -> None:
    """`new,old`: what either signed is heard; a third is not."""
    account.token = "new-demo-token"
    both = {
        "KOMEK_TWILIO_AUTH_TOKEN": "new-demo-token, old-demo-token",
        "KOMEK_PUBLIC_URL": f"http://127.0.0.1:{free_port}",
    }
    channel = channels(Settings.read(account.env | both))[0]
    async with serving(channel.routes(ear), free_port):
        found = [await account.post(account.webhook, FORM, token=f"{t}-demo-token") for t in ("new", "old", "older")]
        assert (await channel.send(Outbound("o1", "whatsapp:+99450000000", "Hello"))).outcome == "sent"
    await channel.close()
    assert found == [200, 200, 403]


async def test_behind_a_proxy_the_public_address_counts(account: FakeTwilio, ear: MemoryEar, free_port: int) -> None:
    """Twilio signs the public https address, whatever host and scheme arrive."""
    account.reach = {"https://demo.example": f"http://127.0.0.1:{free_port}"}
    channel = channels(Settings.read(account.env | {"KOMEK_PUBLIC_URL": "https://demo.example/"}))[0]
    async with serving(channel.routes(ear), free_port):
        assert await account.post("https://demo.example/in/twilio", FORM) == 200
        assert await account.post("https://demo.example/in/twilio?x=%2F", FORM) == 200


async def test_while_the_store_is_away_twilio_comes_again(
    whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar
) -> None:
    """503, which `#rp=all` repeats; the message arrives once."""
    ear.away, account.retries = True, 1000
    await account.citizen().says("Salam")
    await wait_until(lambda: ear.refused > 1, what="two refusals")
    ear.away = False
    await account.settled()
    assert [e.body for e in ear.events] == ["Salam"]
    assert set(account.refusals) == {503}


async def test_what_cannot_be_read_is_buried_and_accepted(
    whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar
) -> None:
    """A signed form without a message id gets its 200 and is kept as it came."""
    assert await account.post(account.webhook, {"From": "whatsapp:+1", "Body": "x"}) == 200
    assert ear.buried[0][0] == "whatsapp"
    assert ear.buried[0][1] == b"From=whatsapp%3A%2B1&Body=x"


STATUSES = (
    "queued sending sent failed delivered undelivered receiving received "
    "accepted scheduled read partially_delivered canceled"
)


@pytest.mark.parametrize("status", [*STATUSES.split(), "a-status-of-next-year"])
async def test_every_status_is_taken(whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar, status: str) -> None:
    """All of Twilio's statuses, and one unknown, reach the outbound message they are about."""
    citizen = account.citizen()
    await whatsapp.send(Outbound("o/1 ə&m=2", citizen.chat, "Hello"))
    assert await account.tells(await citizen.reply(), status, error=63016) == 200
    assert ear.receipts == [("o/1 ə&m=2", status, "63016")]


async def test_a_status_without_our_id_is_of_no_use(whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar) -> None:
    """It gets its 200 and leaves nothing."""
    url = account.webhook.removesuffix("/in/twilio") + STATUS_PATH
    assert await account.post(url, {"MessageSid": "SM1", "MessageStatus": "sent"}) == 200
    assert await account.post(f"{url}?m=o1", {"MessageSid": "SM1"}) == 200
    assert ear.empty


async def test_a_status_waits_for_the_store(whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar) -> None:
    """While the store is away a status is 503."""
    ear.away = True
    url = account.webhook.removesuffix("/in/twilio") + STATUS_PATH
    assert await account.post(f"{url}?m=o1", {"MessageSid": "SM1", "MessageStatus": "sent"}) == 503


_names = st.sampled_from(
    "MessageSid SmsSid From To ExternalUserId Body NumMedia MediaUrl0 MediaContentType0 ButtonPayload ListId Latitude "
    "Longitude OptOutType SmsStatus MessageType Label".split()
) | st.text(max_size=6)
_values = st.sampled_from(["SM1", "whatsapp:+1", "whatsapp:US.a", "+1", "1", "99", "-1", "²", "nan", "STOP"]) | st.text(
    max_size=9
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(form=st.dictionaries(_names, _values, max_size=8), path=st.sampled_from(["", "/status?m=o1", "/status"]))
async def test_any_signed_form_is_accepted(
    whatsapp: Twilio, account: FakeTwilio, ear: MemoryEar, form: dict[str, str], path: str
) -> None:
    """Whatever Twilio may ever send, it gets a 200, and what is heard has an address of ours."""
    assert await account.post(account.webhook + path, form) == 200
    assert all(e.chat.startswith(("whatsapp:", "sms:")) for e in ear.events)
