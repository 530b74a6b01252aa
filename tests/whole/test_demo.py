"""`komek demo` in a real browser: the whole dialogue, the officer's queue, the answer in the chat, all there after a restart."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from locales.say import voice
from tests.browser.conftest import NewContext, browser, new_context
from tests.whole.service import KOMEK, Service

__all__ = ["browser", "new_context"]

pytestmark = pytest.mark.timeout(240)
SAY = voice("tr").gettext
PASSWORD = "a long demo password"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Service]:
    """The demonstration, in an empty folder."""
    service = Service(tmp_path, ("demo",), {})
    service.start()
    yield service
    if service.alive:
        service.interrupt()


def press(page: Page, label: str) -> None:
    """Press this button of our newest message, and wait for what we say to it."""
    with answered(page):
        page.locator(".msg.us").last.get_by_role("button", name=label, exact=True).click()


def write(page: Page, text: str) -> None:
    """Type, send, and wait for what we say to it."""
    with answered(page):
        page.locator("#text").fill(text)
        page.locator("#say button").click()


@contextmanager
def answered(page: Page) -> Iterator[None]:
    """A turn: it is over when a new message of ours is there."""
    before = page.locator(".msg.us").count()
    yield
    page.locator(f".msg.us >> nth={before}").wait_for()


def hears(page: Page, text: str) -> None:
    """Wait until the newest message of ours says this."""
    expect(page.locator(".msg.us").last).to_contain_text(text)


def report_in_turkish(page: Page) -> str:
    """From the first word to the case number: a Turkish citizen in Tashkent."""
    with answered(page):
        page.locator("#welcome button").click()
    press(page, "Türkçe")
    press(page, SAY("No. Check if I may stay"))
    press(page, "Özbekistan")
    press(page, "Türkiye")
    press(page, SAY("Visa"))
    write(page, "20 Mayıs 2020")
    hears(page, "1 Haziran 2020 Pazartesi".replace("2020 ", "2020, "))
    picture(page, "chat")
    press(page, SAY("Send a report"))
    press(page, SAY("I agree"))
    press(page, SAY("For me"))
    press(page, SAY("Airport waiting zone"))
    press(page, SAY("Skip"))
    press(page, SAY("Doctor or medicine"))
    press(page, SAY("Done"))
    press(page, "3")
    hears(page, SAY("How many of them are under 18?"))
    press(page, "1")
    press(page, SAY("In this chat only"))
    write(page, "12 numaralı kapıdayız, çocuğun ateşi var.")
    press(page, SAY("Done"))
    hears(page, "12 numaralı kapıdayız")
    press(page, SAY("Send it now"))
    hears(page, SAY("It is with:"))
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3}", page.locator(".msg.us").last.inner_text())
    assert found
    return found[0]


def sign_in(context: BrowserContext, service: Service) -> Page:
    """The officer of Uzbekistan, by the one-time link that the demonstration printed."""
    link = re.search(r"uz-migration:\s+(http\S+)", service.log)
    assert link, service.log
    desk = context.new_page()
    desk.goto(link[1])
    for field in desk.locator("input[type=password]").all():
        field.fill(PASSWORD)
    desk.locator("main button").last.click()
    return desk


def test_a_whole_story_in_a_browser(demo: Service, new_context: NewContext) -> None:
    """Dialogue in Turkish, case in the right queue, reply in the chat; after Ctrl-C and a new start all is still there."""
    chat = new_context(locale="tr-TR", viewport={"width": 390, "height": 800}).new_page()
    chat.goto(f"{demo.url}/chat")
    expect(chat.locator(".banner")).to_contain_text("2020")
    ref = report_in_turkish(chat)
    officer = new_context(viewport={"width": 1100, "height": 800})
    desk = sign_in(officer, demo)
    desk.goto(f"{demo.url}/console/")
    expect(desk.locator("body")).to_contain_text("2020")
    desk.get_by_role("link", name=ref).first.click()
    expect(desk.locator("body")).to_contain_text("12 numaralı kapıdayız")
    desk.locator("textarea").first.fill("Doktor yolda. Kapıda bekleyin.")
    desk.locator("form:has(textarea) button").first.click()
    hears(chat, "Doktor yolda. Kapıda bekleyin.")
    hears(chat, ref)
    desk.goto(desk.url.partition("?")[0].partition("#")[0])
    picture(desk, "console")

    assert demo.interrupt() == 0
    assert "Stopped" in demo.log
    demo.start()
    chat.goto(f"{demo.url}/chat")
    expect(chat.locator("#log")).to_contain_text("Doktor yolda")
    write(chat, "Teşekkürler, doktor geldi.")
    hears(chat, ref)
    desk.goto(f"{demo.url}/console/")
    desk.get_by_role("link", name=ref).first.click()
    expect(desk.locator("body")).to_contain_text("Teşekkürler, doktor geldi.")
    assert "Traceback" not in demo.log
    for private in ("kapıdayız", "Doktor", "Teşekkürler"):
        assert private not in demo.log


def picture(page: Page, name: str) -> None:
    """A screenshot for the README, where KOMEK_PICTURES names a folder."""
    folder = os.environ.get("KOMEK_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png")


def test_a_taken_port_is_named_in_one_line(tmp_path: Path) -> None:
    """No stack trace: which port, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run({"KOMEK_PORT": str(port), "KOMEK_VAR_DIR": str(tmp_path / "var")})
    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KOMEK_TODAY", "yesterday"),
        ("KOMEK_PORT", "many"),
        ("KOMEK_PACK", "no-such-pack"),
        ("KOMEK_DATABASE_URL", "mysql://nobody"),
        ("KOMEK_REDIS_URL", "redis://127.0.0.1:1/0"),
        ("KOMEK_TELEGRAM_TOKEN", "not a token"),
        ("KOMEK_DATA_KEYS", "k1:short"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(tmp_path: Path, name: str, value: str) -> None:
    """The setting's name and the cause; never its value, which may be a secret."""
    done = run({name: value, "KOMEK_VAR_DIR": str(tmp_path / "var")})
    assert done.returncode == 2, done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("komek:")]
    assert len(said) == 1
    assert name in said[0] or "Redis at 127.0.0.1:1" in said[0]
    assert "Traceback" not in done.stderr


def run(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`komek demo`, which should end by itself."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("KOMEK_")}
    return subprocess.run([KOMEK, "demo"], env=kept | env, capture_output=True, text=True, timeout=60, check=False)
