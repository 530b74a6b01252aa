"""The chat without JavaScript: forms, redirects, and plain words when something does not work."""

from __future__ import annotations

import html
import re

import pytest

from bot.channels.webchat_files import FILE
from tests.servers import LiveValkey
from tests.waiting import wait_for
from tests.webchat.toy import EVIL, Site, Visitor, running, settings


def test_the_answer_is_on_the_page_that_follows_a_message(visitor: Visitor) -> None:
    """A typed message comes back with its answer in the same page."""
    assert visitor.post(text="hello").status_code == 200
    assert visitor.bubbles == ["hello", "text: hello"]


def test_start_button_begins_and_carries_a_deep_link(site: Site, visitor: Visitor) -> None:
    """The start button of an empty chat is heard as the command `start`, with the link's payload."""
    assert 'name="start"' in visitor.look("/chat?start=KM-2020-AB12")
    visitor.post(start="KM-2020-AB12")
    (event,) = site.ear.heard
    assert (event.kind, event.body, event.extras["start"]) == ("command", "start", "KM-2020-AB12")
    assert 'name="start"' not in visitor.page


def test_a_pressed_button_is_heard_as_its_token_and_shown_as_its_label(site: Site, visitor: Visitor) -> None:
    """The citizen's own bubble shows what they pressed, not what we call it."""
    visitor.post(text="ask")
    visitor.post(choice=visitor.buttons["Yes"])
    assert (site.ear.heard[-1].kind, site.ear.heard[-1].body) == ("choice", "t:yes")
    assert visitor.bubbles[-2:] == ["Yes", "choice: t:yes"]


def test_old_buttons_can_still_be_pressed(site: Site, visitor: Visitor) -> None:
    """A button of an earlier message still answers its own question."""
    visitor.post(text="ask")
    visitor.post(text="something else")
    visitor.post(choice=visitor.buttons["No"])
    assert site.ear.heard[-1].body == "t:no"


@pytest.mark.parametrize(
    "value", ["1-1 t:yes", "t:yes", "999 999", "1-1 " + "x" * 65, "9" * 20 + "-0 t:yes", "٣-٤ t:yes"]
)
def test_a_button_that_was_never_offered_is_nobodys_choice(site: Site, visitor: Visitor, value: str) -> None:
    """Tokens cannot be made up."""
    answer = visitor.post(choice=value)
    assert answer.status_code == 409
    assert "no longer works" in answer.text
    assert not site.ear.heard


def test_a_second_post_of_the_same_page_is_heard_once(site: Site, visitor: Visitor) -> None:
    """A double tap, or a retry on a poor network, is one message and one bubble."""
    fields = visitor.hidden
    visitor.post(text="hello")
    visitor.http.post("/chat/say", data=fields | {"text": "hello"})
    visitor.look()
    assert len(site.ear.heard) == 1
    assert visitor.bubbles == ["hello", "text: hello"]


def test_other_words_from_the_same_page_are_another_message(site: Site, visitor: Visitor) -> None:
    """Who goes back, changes their words and sends again is not taken for a retry."""
    fields = visitor.hidden
    visitor.post(text="hello")
    visitor.http.post("/chat/say", data=fields | {"text": "good-bye"})
    assert [event.body for event in site.ear.heard] == ["hello", "good-bye"]


def test_events_tell_who_and_how_without_the_address(site: Site, visitor: Visitor) -> None:
    """An event's id holds the keyed reference and never the cookie's token; the hint is the browser's language."""
    visitor.http.headers["Accept-Language"] = "fr;q=0.2, uz-Cyrl-UZ, tr;q=0.9"
    visitor.post(text="hello")
    (event,) = site.ear.heard
    token = visitor.http.cookies["komek"]
    assert event.chat == f"web:{token}"
    assert re.fullmatch(r"web:[a-z2-7]{26}:[0-9a-f]{32}", event.id)
    assert token not in event.id
    assert event.extras == {"hint": "uz_Cyrl"}


def test_nothing_is_taken_while_the_store_is_away_and_the_words_stay(site: Site, visitor: Visitor) -> None:
    """503 in plain words with the typed text in the input; trying the same again works and shows it once."""
    site.ear.away = True
    answer = visitor.post(text="I am at the <border>")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "I am at the &lt;border&gt;</textarea>" in answer.text
    assert "please try again" in answer.text
    assert visitor.bubbles == []
    site.ear.away = False
    visitor.post(text="I am at the <border>")
    assert len(site.ear.heard) == 1
    assert len(visitor.bubbles) == 2


def test_redis_away_is_said_in_plain_words(valkey_server: LiveValkey) -> None:
    """A dead store is 503 on every page, never an error page, and the chat is there again afterwards."""
    with running(valkey_server.url) as site:
        visitor = Visitor(site)
        visitor.look()
        visitor.post(text="hello")
        valkey_server.kill()
        assert visitor.http.get("/chat").status_code == 503
        answer = visitor.post(text="still me")
        assert answer.status_code == 503
        assert "still me</textarea>" in answer.text
        assert visitor.http.get("/chat/news?after=0-0").status_code == 503
        valkey_server.start()
        wait_for(lambda: visitor.http.get("/chat").status_code == 200, what="the chat's return")
        visitor.post(text="still me")
        assert visitor.bubbles == ["hello", "text: hello", "still me", "text: still me"]
        visitor.http.close()


def test_history_outlives_a_restart(site: Site, visitor: Visitor) -> None:
    """The chat is kept by the store, not by the process."""
    visitor.post(text="hello")
    site.stop()
    site.start()
    visitor.look()
    assert visitor.bubbles == ["hello", "text: hello"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://["},
    ],
)
def test_another_sites_form_is_refused(site: Site, visitor: Visitor, headers: dict[str, str]) -> None:
    """A forged origin is 403 even with everything else right."""
    answer = visitor.http.post("/chat/say", data=visitor.hidden | {"text": "hello"}, headers=headers)
    assert answer.status_code == 403
    assert not site.ear.heard


def test_a_form_without_our_token_is_refused(site: Site, visitor: Visitor) -> None:
    """A form's token belongs to one person; nobody else's and no made-up one is taken, on any route."""
    other = Visitor(site)
    other.look()
    for path in ("/chat/say", "/chat/file", "/chat/place", "/chat/leave"):
        for token in ("", "0" * 32, "ü", other.hidden["form"]):
            assert visitor.http.post(path, data=visitor.hidden | {"form": token, "text": "x"}).status_code == 403
    assert not site.ear.heard
    other.http.close()


def test_who_brings_no_cookie_is_told_so(site: Site) -> None:
    """Without a cookie nobody can be answered: said in words, with the text kept."""
    visitor = Visitor(site)
    visitor.look()
    fields = visitor.hidden
    visitor.http.cookies.clear()
    answer = visitor.http.post("/chat/say", data=fields | {"text": "hello"})
    assert answer.status_code == 403
    assert "allow cookies" in answer.text
    assert "hello</textarea>" in answer.text
    visitor.http.close()


def test_a_file_is_kept_sealed_and_named_for_what_it_is(site: Site, visitor: Visitor) -> None:
    """Kind and type come from the bytes; the name loses its folders; the bubble shows the name."""
    visitor.upload(b"\xff\xd8\xff\xe0 a photo", "../../C:\\me\\pass\u202eport.html")
    (event,) = site.ear.heard
    assert event.media is not None
    assert (event.media.kind, event.media.mime, event.media.name) == ("photo", "image/jpeg", "passport.html")
    assert visitor.bubbles[0] == "passport.html"


def test_a_file_that_is_a_page_is_no_page(site: Site, visitor: Visitor) -> None:
    """What is not known by its bytes is never given a type that a browser would run."""
    visitor.upload(b"<html><script>alert(1)</script>", "photo.jpg")
    assert site.ear.heard[0].media is not None
    assert site.ear.heard[0].media.mime == "application/octet-stream"


@pytest.mark.parametrize("size", [FILE + 1, 3 * FILE])
def test_a_too_large_file_is_answered_in_plain_words(site: Site, visitor: Visitor, size: int) -> None:
    """The browser hears our words, not a broken line."""
    answer = visitor.upload(bytes(size))
    assert answer.status_code == 413
    assert "larger than 10 MB" in answer.text
    assert not site.ear.heard


def test_the_largest_file_is_taken(site: Site, visitor: Visitor) -> None:
    """10 MB means 10 MB."""
    assert visitor.upload(bytes(FILE)).status_code == 200
    assert site.ear.heard[0].media is not None
    assert site.ear.heard[0].media.size == FILE


def test_no_file_and_a_broken_form_are_answered_in_plain_words(visitor: Visitor) -> None:
    """Nothing chosen, an empty form and bytes that are no form: 400 with a sentence."""
    assert "no file to send" in visitor.http.post("/chat/file", data=visitor.hidden, files={"x": b""}).text
    assert visitor.http.post("/chat/say", data=visitor.hidden).status_code == 400
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert visitor.http.post("/chat/file", content=b"--y\r\nnonsense", headers=broken).status_code == 400
    assert (
        visitor.http.post("/chat/file", content=b"", headers={"Content-Type": "multipart/form-data"}).status_code == 400
    )


def test_what_no_store_can_keep_is_left_out(site: Site, visitor: Visitor) -> None:
    """A form may name an encoding that holds lone surrogates, which UTF-8 has not."""
    fields = visitor.hidden | {"text": "he\\ud800llo"}
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{fields[name]}\r\n' for name in fields]
    kind = {"Content-Type": "multipart/form-data; boundary=b; charset=unicode_escape"}
    body = "".join([*parts, "--b--\r\n"]).encode()
    assert visitor.http.post("/chat/say", content=body, headers=kind).status_code == 200
    assert [event.body for event in site.ear.heard] == ["hello"]


def test_a_too_long_message_is_given_back(site: Site, visitor: Visitor) -> None:
    """Over 4,000 characters: 413, and the words are still in the input. The longest in any alphabet goes through."""
    answer = visitor.post(text="x" * 4001)
    assert answer.status_code == 413
    assert "x" * 4001 + "</textarea>" in answer.text
    assert visitor.post(text="😀" * 4000).status_code == 200
    assert len(site.ear.heard[0].body) == 4000


@pytest.mark.parametrize(
    ("lat", "lon", "status"),
    [("41.26", "69.21", 200), ("91", "0", 400), ("0", "x", 400), ("", "", 400), ("٣", "٣", 400)],
)
def test_a_place_is_heard_as_a_location(site: Site, visitor: Visitor, lat: str, lon: str, status: int) -> None:
    """A place on earth is taken, anything else is not."""
    assert visitor.post("/chat/place", lat=lat, lon=lon).status_code == status
    assert [(e.kind, e.extras) for e in site.ear.heard] == [("location", {"lat": lat, "lon": lon})] * (status == 200)


def test_markup_is_shown_as_text(visitor: Visitor) -> None:
    """What anybody writes stays text: in bubbles, labels, file names and the input."""
    visitor.post(text=EVIL)
    visitor.post(text="evil")
    visitor.upload(b"x", "<b>bold</b>.txt")
    assert "<script>document" not in visitor.page
    assert "<img src=x" not in visitor.page
    assert "<b>bold" not in visitor.page
    assert html.unescape(visitor.bubbles[0]) == EVIL
    assert html.unescape(visitor.bubbles[3]) == EVIL


def test_sources_are_links(visitor: Visitor) -> None:
    """A web address in our words can be followed, without the full stop, and tells the other side nothing of us."""
    visitor.post(text="source")
    assert '<a href="https://example.org/law?a=1&amp;b=2" rel="noopener noreferrer nofollow"' in visitor.bubbles[-1]
    assert visitor.bubbles[-1].endswith("</a>.")


def test_leaving_asks_and_then_forgets_the_cookie_only(site: Site, visitor: Visitor) -> None:
    """On a shared phone the next person finds an empty chat."""
    visitor.post(text="hello")
    visitor.look("/chat/leave")
    assert "Leave the chat on this device?" in visitor.page
    before = visitor.http.cookies["komek"]
    visitor.post("/chat/leave")
    assert visitor.bubbles == []
    assert visitor.http.cookies["komek"] != before


def test_forgetting_empties_the_chat(site: Site, visitor: Visitor) -> None:
    """Told to forget, nothing of the chat is left to see."""
    visitor.post(text="hello")
    site.forget(site.ear.heard[0].chat)
    visitor.look()
    assert visitor.bubbles == []


def test_every_answer_is_kept_to_itself(visitor: Visitor) -> None:
    """The strict headers are on every answer, the cookie is closed to scripts, and only static files may be kept."""
    paths = ("/chat", "/chat/leave", "/chat/news?after=0-0", "/chat/static/none.js", "/chat/static/chat.js")
    for path in paths:
        got = visitor.http.get(path).headers
        assert got["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert got["x-content-type-options"] == "nosniff"
        assert got["referrer-policy"] == "no-referrer"
        assert got["cache-control"] == (
            "public, max-age=31536000, immutable" if path.endswith("chat.js") else "no-store"
        )
    cookie = visitor.http.get("/chat").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age=2592000" in cookie
    assert "Secure" not in cookie


def test_the_cookie_is_bound_to_an_https_host(empty_valkey: str) -> None:
    """Under https the cookie is Secure and no neighbouring host can plant one."""
    with running(empty_valkey, settings(public_url="https://help.example")) as site, Visitor(site).http as http:
        cookie = http.get("/chat").headers["set-cookie"]
    assert cookie.startswith("__Host-komek=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_the_page_speaks_the_conversations_language(site: Site) -> None:
    """The browser's wish among the languages offered, until the conversation has one; bubbles name their language."""
    visitor = Visitor(site, Accept_Language="xx, <b>, de;q=bad")
    assert '<html lang="en">' in visitor.look()
    visitor.post(text="türkçe")
    assert '<html lang="tr">' in visitor.page
    assert 'lang="tr">' in visitor.page
    visitor.http.close()


def test_the_demonstration_says_its_day(empty_valkey: str) -> None:
    """While the day is set, every page says so."""
    with running(empty_valkey, settings(today="2020-05-08")) as site, Visitor(site).http as http:
        assert "Demonstration: this service believes it is May 8, 2020, Friday." in http.get("/chat").text


def test_a_page_without_script_looks_again_only_while_an_answer_is_due(site: Site, visitor: Visitor) -> None:
    """The refresh is there after the person's own words and gone once we have spoken, so that no typing is lost."""
    assert "http-equiv" not in visitor.page
    site.ear.deaf = True
    visitor.post(text="hello")
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in visitor.page
    site.ear.deaf = False
    visitor.post(text="anybody?")
    assert "http-equiv" not in visitor.page


def test_a_page_shows_the_last_bubbles_and_all_on_asking(site: Site, visitor: Visitor) -> None:
    """A long chat does not make a heavy page."""
    for n in range(30):
        visitor.http.post(
            "/chat/say", data=visitor.hidden | {"text": f"message {n}"}, headers={"Accept": "application/json"}
        )
    visitor.look()
    assert len(visitor.bubbles) == 50
    assert "Show earlier messages" in visitor.page
    visitor.look("/chat?all=yes")
    assert len(visitor.bubbles) == 60
    assert "Show earlier messages" not in visitor.page


def test_the_whole_page_is_light(visitor: Visitor) -> None:
    """Page, style, script and sign together stay under 30 KB."""
    parts = re.findall(r'(?:href|src)="(/chat/static/[^"]+)"', visitor.page)
    assert len(set(parts)) == 3
    assert len(visitor.page.encode()) + sum(len(visitor.http.get(part).content) for part in set(parts)) < 30_000
