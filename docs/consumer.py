"""A whole program of an agency: it is told of new cases, reads each, and lets the person know that somebody has it.

Python's own library is all it needs. Set four variables and run it:

    KOMEK_URL=http://127.0.0.1:8080  KOMEK_KEY=kmk_…  KOMEK_HOOK_SECRET=whsec_…  PORT=9000  python docs/consumer.py

docs/api.md tells where the key and the secret come from. tests/api/test_consumer.py runs this very file.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Thread
from typing import Any

WINDOW = 300
"""Seconds that a signature is good for. An older one may be somebody's recording."""
WELCOME = "We have your report {ref} and are reading it now."
"""A real program says it in the person's language: the case's `locale`."""


def genuine(secret: str, header: str, body: bytes, now: float) -> bool:
    """Whether Kömek has signed exactly this body, and just now."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    seconds = parts.get("t", "")
    if not seconds.isdecimal() or abs(now - int(seconds)) > WINDOW:
        return False
    wanted = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, parts.get("v1", ""))


class Komek:
    """The calls that this program makes."""

    def __init__(self, url: str, key: str) -> None:
        """`url`: where Kömek is; `key`: one with the scopes cases:read and cases:write."""
        self.url = f"{url}/api/v1"
        self.key = key

    def call(self, method: str, path: str, body: object = None, **headers: str) -> dict[str, Any]:
        """One call. Waits and repeats where it is told to. Raises urllib.error.HTTPError for a problem."""
        data = None if body is None else json.dumps(body).encode()
        given = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **headers}
        request = urllib.request.Request(self.url + path, data, given, method=method)
        for _ in range(5):
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    found: dict[str, Any] = json.load(answer)
                    return found
            except urllib.error.HTTPError as problem:
                if problem.code not in (429, 503):
                    raise
                time.sleep(int(problem.headers.get("Retry-After", "1")))
        raise TimeoutError("Kömek has been busy for too long")

    def welcome(self, event: dict[str, Any]) -> None:
        """Read the case and answer. Done twice, it is done once: the event names the call."""
        path = "/cases/" + urllib.parse.quote(event["case"], safe="")
        for _ in range(5):
            case = self.call("GET", path)
            body = {"text": WELCOME.format(ref=case["key"]), "seen": case["seen"]}
            try:
                self.call("POST", path + "/replies", body, **{"Idempotency-Key": f"welcome-{event['event']}"})
            except urllib.error.HTTPError as problem:
                if problem.code != 409:  # 409: the person wrote meanwhile; read again, then answer
                    raise
            else:
                return


class Receiver(ThreadingHTTPServer):
    """Takes what Kömek tells, answers at once, and leaves the work to `work`: an answer has ten seconds."""

    def __init__(self, port: int, secret: str) -> None:
        """Listens on this machine alone: TLS and the way in from outside are a web server's in front of it."""
        super().__init__(("127.0.0.1", port), Hearing)
        self.secret = secret
        self.heard: SimpleQueue[dict[str, Any]] = SimpleQueue()

    def work(self, komek: Komek) -> None:
        """Handle events one after another. Here they wait in memory; a real program keeps them on disk before it answers."""
        known: set[str] = set()
        while True:
            event = self.heard.get()
            if event["event"] not in known and event["what"] == "opened":
                komek.welcome(event)
            known.add(event["event"])


class Hearing(BaseHTTPRequestHandler):
    """One delivery."""

    server: Receiver

    def do_POST(self) -> None:
        """204 for what is genuine, 400 for what is not."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        good = genuine(self.server.secret, self.headers.get("Komek-Signature", ""), body, time.time())
        if good:
            self.server.heard.put(json.loads(body))
        self.send_response(204 if good else 400)
        self.end_headers()

    def log_message(self, *words: object) -> None:
        """Nothing: the default writes every line to the screen."""


def main() -> None:
    """Listen and work until Ctrl-C."""
    receiver = Receiver(int(os.environ.get("PORT", "9000")), os.environ["KOMEK_HOOK_SECRET"])
    Thread(target=receiver.serve_forever, daemon=True).start()
    receiver.work(Komek(os.environ["KOMEK_URL"], os.environ["KOMEK_KEY"]))


if __name__ == "__main__":
    main()
