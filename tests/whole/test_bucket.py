"""The whole way of a photo into a bucket and out of it, while the bucket is away for some of it; and a start with a wrong key."""

from __future__ import annotations

from pathlib import Path

import pytest
from obstore.store import S3Store

from tests.chaos.proxy import Proxy
from tests.servers import LiveS3
from tests.waiting import WaitUntil
from tests.whole.conftest import opened
from tests.whole.service import Service
from tests.whole.test_providers import at_the_desk, dialogue

pytestmark = pytest.mark.timeout(240)
PHOTO = b"\xff\xd8\xff demo photo"


async def test_a_photo_waits_for_a_bucket_that_is_away(
    s3: LiveS3,
    empty_valkey: str,
    postgres_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    wait_until: WaitUntil,
) -> None:
    """Sent while nothing can be stored, it is at the desk once the bucket is back; the dialogue never felt it."""
    for name, value in s3.env.items():
        monkeypatch.setenv(name, value)
    async with Proxy(s3.port) as line:
        env = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{line.port}"}
        async with opened(empty_valkey, postgres_database, tmp_path, env=env, ATTACHMENTS="s3://files/whole") as whole:
            line.target = 1  # nobody listens there
            line.cut()
            citizen = whole.telegram.citizen(8)
            ref = await dialogue(citizen)
            await citizen.sends_photo(PHOTO)
            said = "attachments waits: the store of the attachments is away: no answer"
            await wait_until(lambda: said in whole.service.log, 60, "the wait in the log")
            line.target = s3.port
            assert await at_the_desk(whole, ref, wait_until) == PHOTO
            assert whole.service.log.count(said) == 1
            assert "Traceback" not in whole.service.log
    store = S3Store("files", prefix="whole", client_options={"allow_http": True})
    (kept,) = [row["path"] for page in store.list() for row in page]
    assert PHOTO not in bytes(store.get(kept).bytes())
    assert not (tmp_path / "var" / "attachments").exists()


def test_a_wrong_key_stops_the_start_with_one_line(
    s3: LiveS3, empty_valkey: str, sqlite_url: str, tmp_path: Path, data_keys: str
) -> None:
    """It names the setting and the store's own word."""
    settings = {"REDIS_URL": empty_valkey, "DATABASE_URL": sqlite_url, "SECRET_KEY": "k" * 40, "DATA_KEYS": data_keys}
    env = s3.env | {"AWS_SECRET_ACCESS_KEY": "not-the-secret"}
    service = Service(tmp_path, ("run",), settings | {"ATTACHMENTS": "s3://files"}, env=env)
    with pytest.raises(AssertionError):
        service.start()
    said = [line for line in service.log.splitlines() if "KOMEK" in line]
    refusal = "KOMEK_ATTACHMENTS: the store of the attachments refuses us: SignatureDoesNotMatch"
    assert [line.endswith(refusal) for line in said] == [True]
    assert "not-the-secret" not in service.log
