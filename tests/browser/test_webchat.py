"""The web chat in a real browser, with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from bot.channels.webchat_files import FILE
from handlers.nouns import Outbound
from tests.browser.conftest import NewContext
from tests.waiting import wait_for
from tests.webchat.toy import EVIL, Site, running, settings

OURS, MINE = "#log .us .text", "#log .you .text"


@pytest.fixture
def site(empty_valkey: str) -> Iterator[Site]:
    """The web chat, running on an empty Valkey."""
    with running(empty_valkey) as started:
        yield started


@pytest.fixture
def context(new_context: NewContext) -> BrowserContext:
    """A person on a small phone."""
    return new_context()


@pytest.fixture
def page(site: Site, context: BrowserContext) -> Page:
    """The chat, opened for the first time, its line up."""
    return opened(site, context)


def opened(site: Site, context: BrowserContext) -> Page:
    """A page of the chat whose event stream is open."""
    page = context.new_page()
    with page.expect_response("**/chat/live*"):
        page.goto(f"{site.url}/chat")
    return page


def type_in(page: Page, words: str) -> None:
    """Type and send."""
    page.get_by_label("Your message").fill(words)
    page.get_by_role("button", name="Send", exact=True).click()


def test_without_javascript_everything_can_be_said(site: Site, new_context: NewContext, tmp_path: Path) -> None:
    """Start, words, a button and a file, by forms alone, each with its answer on the next page."""
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{site.url}/chat")
    page.get_by_role("button", name="Start").click()
    expect(page.locator(OURS)).to_have_text(["command: start"])
    type_in(page, "ask")
    page.get_by_role("button", name="Yes").click()
    expect(page.locator(OURS).last).to_have_text("choice: t:yes")
    photo = tmp_path / "passport.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n demo")
    page.get_by_text("Send a photo, a file").click()
    page.locator("#chosen").set_input_files(photo)
    page.get_by_role("button", name="Send the file").click()
    expect(page.locator(MINE)).to_have_text(["Start", "ask", "Yes", "passport.png"])
    expect(page.get_by_role("link", name="Show new messages")).to_be_visible()
    assert [event.kind for event in site.ear.heard] == ["command", "text", "choice", "media"]
    expect(page.get_by_role("button", name="Share my location")).to_have_count(0)


@pytest.mark.parametrize("scripted", [True, False])
def test_a_long_chat_opens_at_its_end(site: Site, new_context: NewContext, scripted: bool) -> None:
    """The newest words are what a person sees first, with and without JavaScript."""
    page = new_context(java_script_enabled=scripted).new_page()
    page.goto(f"{site.url}/chat")
    type_in(page, "hello")
    expect(page.locator(OURS)).to_have_count(1)
    for n in range(20):
        site.send(Outbound(f"00-x-{n}", site.ear.heard[0].chat, f"Word {n}"))
    type_in(page, "and now?")
    expect(page.locator(OURS).last).to_have_text("text: and now?")
    expect(page.locator(OURS).last).to_be_in_viewport()
    expect(page.locator(OURS).first).not_to_be_in_viewport()
    bottom, top = page.locator(OURS).last.bounding_box(), page.locator("footer").bounding_box()
    assert bottom is not None
    assert top is not None
    assert bottom["y"] + bottom["height"] <= top["y"]


def test_a_conversation_runs_live(site: Site, page: Page) -> None:
    """Words and buttons are answered without a page load; each is shown once; the input is ready for the next words."""
    page.get_by_role("button", name="Start").click()
    expect(page.locator(OURS)).to_have_text(["command: start"])
    type_in(page, "ask")
    page.get_by_role("button", name="No").click()
    expect(page.locator(OURS).last).to_have_text("choice: t:no")
    expect(page.locator(MINE)).to_have_text(["Start", "ask", "No"])
    expect(page.locator("#pending > *")).to_have_count(0)
    expect(page.locator("#welcome")).to_have_count(0)
    assert page.url == f"{site.url}/chat"


def test_a_double_click_is_one_answer(site: Site, page: Page) -> None:
    """A nervous finger says it once, on a choice and on Send; a later press of the same button is another answer."""
    type_in(page, "ask")
    page.get_by_role("button", name="Yes").dblclick()
    expect(page.locator(OURS).last).to_have_text("choice: t:yes")
    page.get_by_label("Your message").fill("hello")
    page.get_by_role("button", name="Send", exact=True).dblclick()
    expect(page.locator(OURS).last).to_have_text("text: hello")
    assert [event.body for event in site.ear.heard] == ["ask", "t:yes", "hello"]


def test_the_server_may_restart(site: Site, page: Page) -> None:
    """What is written meanwhile waits, says so, and arrives once; news after the restart come by themselves."""
    type_in(page, "hello")
    expect(page.locator(OURS)).to_have_text(["text: hello"])
    site.stop()
    type_in(page, "are you there?")
    expect(page.get_by_text("Not sent. Tap to try again.")).to_be_visible()
    expect(page.get_by_text("No connection. We keep trying")).to_be_visible()
    site.start()
    expect(page.locator(OURS).last).to_have_text("text: are you there?", timeout=15_000)
    expect(page.locator("#state")).to_be_hidden(timeout=15_000)
    site.send(Outbound("00-x-0", site.ear.heard[0].chat, "An officer has answered."))
    expect(page.locator(OURS).last).to_have_text("An officer has answered.", timeout=15_000)
    assert [event.body for event in site.ear.heard] == ["hello", "are you there?"]


def test_offline_messages_wait_in_order(site: Site, context: BrowserContext, page: Page) -> None:
    """Without a network everything written is kept and goes out in order, each once."""
    context.set_offline(True)
    for words in ("one", "two", "three"):
        type_in(page, words)
    expect(page.get_by_text("Not sent. Tap to try again.")).to_be_visible()
    assert not site.ear.heard
    context.set_offline(False)
    expect(page.locator(MINE)).to_have_text(["one", "two", "three"], timeout=15_000)
    expect(page.locator("#pending > *")).to_have_count(0)
    assert [event.body for event in site.ear.heard] == ["one", "two", "three"]


def test_what_is_unsent_or_unfinished_outlives_a_reload(site: Site, page: Page) -> None:
    """Old phones drop pages: what waits to be sent and what is half typed is still there."""
    site.ear.away = True
    type_in(page, "waiting")
    expect(page.get_by_text("Not sent. Tap to try again.")).to_be_visible()
    page.get_by_label("Your message").press_sequentially("half typed")
    page.reload()
    expect(page.get_by_label("Your message")).to_have_value("half typed")
    expect(page.get_by_text("Not sent. Tap to try again.")).to_be_visible()
    site.ear.away = False
    page.get_by_role("button", name="waiting").click()
    expect(page.locator(OURS)).to_have_text(["text: waiting"])
    assert len(site.ear.heard) == 1


def test_an_answer_lost_on_the_way_is_not_said_twice(site: Site, page: Page) -> None:
    """The server heard, the phone did not learn it: the retry carries the same id and is heard once."""
    dropped: list[int] = []

    def drop(route: Route) -> None:
        route.fetch()
        dropped.append(1)
        route.abort()

    page.route("**/chat/say", drop, times=1)
    type_in(page, "hello")
    expect(page.locator(OURS)).to_have_text(["text: hello"])
    expect(page.locator("#pending > *")).to_have_count(0)
    wait_for(lambda: site.ear.calls == 2, what="the retry")
    assert dropped == [1]
    assert len(site.ear.heard) == 1


def test_polling_where_streams_do_not_come_through(site: Site, context: BrowserContext) -> None:
    """A network that breaks event streams gets the news by asking."""
    context.route("**/chat/live*", lambda route: route.fulfill(status=502))
    page = context.new_page()
    page.goto(f"{site.url}/chat")
    type_in(page, "hello")
    expect(page.locator(OURS)).to_have_text(["text: hello"])
    site.send(Outbound("00-x-0", site.ear.heard[0].chat, "An officer has answered."))
    expect(page.locator(OURS).last).to_have_text("An officer has answered.", timeout=15_000)


def test_two_pages_of_one_person_show_the_same_and_forget_together(
    site: Site, context: BrowserContext, page: Page
) -> None:
    """What is said in one tab appears in the other; what is forgotten goes from both."""
    other = opened(site, context)
    type_in(page, "hello")
    for tab in (page, other):
        expect(tab.locator("#log .text")).to_have_text(["hello", "text: hello"])
    site.forget(site.ear.heard[0].chat)
    for tab in (page, other):
        expect(tab.locator("#log .text")).to_have_count(0)


def test_the_page_follows_the_conversations_language(empty_valkey: str, context: BrowserContext) -> None:
    """Once the conversation has a language the page's own words and dates have it too, at once, and nothing typed is lost."""
    with running(empty_valkey, settings(today="2020-05-08")) as site:
        page = opened(site, context)
        expect(page.get_by_role("note")).to_have_text(re.compile("May 8, 2020, Friday"))
        type_in(page, "türkçe")
        page.locator("#text").press_sequentially("half")
        expect(page.get_by_role("note")).to_have_text(re.compile("8 Mayıs 2020, Cuma"))
        expect(page.locator("html")).to_have_attribute("lang", "tr")
        expect(page.locator("#text")).to_have_value("half")
        expect(page.locator(MINE)).to_have_count(1)


def test_markup_stays_text(site: Site, page: Page) -> None:
    """Whatever is written runs nowhere: live, in labels, and after a reload."""
    type_in(page, EVIL)
    expect(page.locator(MINE)).to_have_text([EVIL])
    type_in(page, "evil")
    page.get_by_role("button", name=EVIL[:80]).click()
    expect(page.locator(OURS).last).to_have_text("choice: t:evil")
    page.reload()
    expect(page.locator(OURS).nth(1)).to_have_text(EVIL)
    expect(page).to_have_title("Kömek: help for people stranded abroad")
    expect(page.locator("#log img, #log script")).to_have_count(0)


def test_a_location_is_shared_on_pressing_only(site: Site, new_context: NewContext) -> None:
    """The device is asked when the person presses the button, and its answer is heard."""
    context = new_context(geolocation={"latitude": 41.2995, "longitude": 69.2401}, permissions=["geolocation"])
    page = opened(site, context)
    type_in(page, "where")
    page.locator("#log").get_by_role("button", name="Share my location").click()
    expect(page.locator(MINE).last).to_have_text("My location")
    expect(page.locator("#pending > *")).to_have_count(0)
    assert site.ear.heard[-1].extras["lat"] == "41.299500"
    assert site.ear.heard[-1].kind == "location"


def test_a_refused_location_is_said_in_words(page: Page) -> None:
    """A device that does not tell leaves the person a way on."""
    type_in(page, "where")
    page.locator("#log").get_by_role("button", name="Share my location").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("Please write the name of the place"))


def test_a_photo_is_sent_on_choosing_and_a_huge_one_is_not(site: Site, page: Page, tmp_path: Path) -> None:
    """One step for a photo; a file above 10 MB costs no data, only a sentence."""
    photo, huge = tmp_path / "visa.png", tmp_path / "huge.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n demo")
    huge.write_bytes(bytes(FILE + 1))
    page.get_by_text("Send a photo, a file").click()
    page.locator("#chosen").set_input_files(photo)
    expect(page.locator(MINE)).to_have_text(["visa.png"])
    page.get_by_text("Send a photo, a file").click()
    page.locator("#chosen").set_input_files(huge)
    expect(page.get_by_role("alert")).to_have_text(re.compile("larger than 10 MB"))
    assert [event.kind for event in site.ear.heard] == ["media"]


def test_a_refusal_gives_the_words_back(page: Page) -> None:
    """What cannot be taken at all is explained, and the typed words return to the input."""
    page.context.add_cookies([{"name": "komek", "value": "A" * 43, "url": page.url}])
    type_in(page, "hello")
    expect(page.get_by_role("alert")).to_have_text(re.compile("Your message was not sent"))
    expect(page.get_by_label("Your message")).to_have_value("hello")


def test_the_keyboard_is_enough(site: Site, new_context: NewContext) -> None:
    """Everything by Tab, Enter and Space; the focus stays where the person left it."""
    page = opened(site, new_context(viewport={"width": 1200, "height": 800}))
    page.get_by_label("Your message").focus()
    page.keyboard.type("ask")
    page.keyboard.press("Enter")
    expect(page.locator(OURS)).to_have_count(1)
    expect(page.get_by_label("Your message")).to_be_focused()
    for _ in range(2):
        page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Yes")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator(OURS).last).to_have_text("choice: t:yes")
    expect(page.get_by_role("button", name="Yes")).to_be_focused()


def test_leaving_leaves_nothing_in_the_browser(site: Site, page: Page) -> None:
    """On a shared phone: asked first, then an empty chat, and nothing unsent of the person before."""
    type_in(page, "hello")
    expect(page.locator(OURS)).to_have_count(1)
    page.get_by_label("Your message").press_sequentially("half typed")
    page.get_by_role("link", name="Leave").click()
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("button", name="Start")).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_value("")
    expect(page.locator("#log > *")).to_have_count(0)


def test_every_control_has_a_name_and_a_role(site: Site, page: Page) -> None:
    """A screen reader finds a log that announces, and no nameless control."""
    type_in(page, "ask")
    expect(page.get_by_role("button", name="Yes")).to_be_visible()
    type_in(page, "where")
    expect(page.locator(OURS)).to_have_count(2)
    page.get_by_text("Send a photo, a file").click()
    tree = page.locator("body").aria_snapshot()
    assert not re.findall(r"^\s*- (?:button|textbox|link|log|combobox)(?: \[[^]]*\])*:?$", tree, re.MULTILINE), tree
    assert "log" in tree
    assert page.get_by_role("log").get_attribute("aria-live") == "polite"
    assert page.locator("article[lang=en]").count() == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_and_size_suit_tired_eyes_and_thumbs(
    site: Site, new_context: NewContext, scheme: Literal["light", "dark"]
) -> None:
    """WCAG 2.2 AA: every text at least 4.5:1 on its ground; every button at least 44 px high; nothing runs off a phone."""
    page = opened(site, new_context(color_scheme=scheme))
    type_in(page, "ask")
    expect(page.locator(OURS)).to_have_count(1)
    type_in(page, "source")
    expect(page.locator(OURS)).to_have_count(2)
    page.get_by_text("Send a photo, a file").click()
    poor = page.evaluate(CONTRAST)
    assert poor == []
    for box in page.locator("button:visible, summary, textarea, input[type=file], .quiet").all():
        size = box.bounding_box()
        assert size is not None
        assert size["height"] >= 44, box
    assert page.evaluate("() => document.documentElement.scrollWidth") == 360


CONTRAST = """() => {
  const parts = (c) => c.match(/[\\d.]+/g).map(Number);
  const light = (c) => parts(c).slice(0, 3).map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = getComputedStyle(e).backgroundColor;
      if (parts(c).length === 3 || parts(c)[3] === 1) return c;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.querySelectorAll("h1, p, .text, .text a, button, summary, label, textarea, .quiet, small")]
    .filter((e) => e.offsetHeight > 2 && (e.textContent.trim() || e.placeholder))
    .map((e) => {
      const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
      return [e.tagName + "." + e.className, (a + 0.05) / (b + 0.05)];
    })
    .filter(([, ratio]) => ratio < 4.5);
}"""
