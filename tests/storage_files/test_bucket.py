"""Attachments in a bucket: sealed before they leave, whole or not there, and every trouble of the store named in one line."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from obstore.store import S3Store

from bot.settings import Settings, SettingsError
from handlers.nouns import Forget
from storage import bucket as bucket_module
from storage.cases import Cases
from storage.files import Files, Folder, Unreachable, files
from storage.migrate import migrate
from storage.records import Missing
from storage.seal import Seal, Sealed
from storage.sql import forgetting
from tests.chaos.proxy import Proxy
from tests.servers import LiveS3
from tests.storage_sql.sample import Clock, at, opened

CASE = opened()
WORDS = b"\xff\xd8\xff a demo photo"


@pytest.fixture
def reached(s3: LiveS3, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """This process reaches the store by its environment, as an operator sets it. Gives the patch, to set something wrong."""
    for name, value in s3.env.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.fixture
def bucket(reached: pytest.MonkeyPatch, seal: Seal, request: pytest.FixtureRequest) -> Files:
    """A store under a prefix of the test's own."""
    return files(f"s3://files/{request.node.name}", seal)


def looked_into(s3: LiveS3, prefix: str) -> dict[str, bytes]:
    """What really is in the bucket under this prefix."""
    store = S3Store(
        "files",
        prefix=prefix,
        endpoint=s3.url,
        client_options={"allow_http": True},
        access_key_id=s3.env["AWS_ACCESS_KEY_ID"],
        secret_access_key=s3.env["AWS_SECRET_ACCESS_KEY"],
    )
    found = [row["path"] for page in store.list() for row in page]
    return {path: bytes(store.get(path).bytes()) for path in found}


async def test_a_file_is_sealed_bound_and_under_the_folders_name(
    bucket: Files, s3: LiveS3, seal: Seal, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Nothing in clear is in the bucket, no id leads out of its prefix, and a folder copied into a bucket is the same store."""
    prefix = request.node.name
    for _ in range(2):  # the same file again is the same object
        await bucket.put("../../case-1/passport", WORDS)
    assert await bucket.get("../../case-1/passport") == WORDS
    ((path, kept),) = looked_into(s3, prefix).items()
    assert not [word for word in (WORDS, b"demo", b"case", b"passport") if word in kept or word in path.encode()]
    folder = Folder(tmp_path, seal)
    await folder.put("../../case-1/passport", WORDS)
    file = tmp_path / path
    assert file.is_file()
    file.write_bytes(kept)
    assert await folder.get("../../case-1/passport") == WORDS
    file.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    with pytest.raises(Sealed):
        await folder.get("../../case-1/passport")


async def test_what_is_not_there_is_missing_and_removed_without_complaint(bucket: Files) -> None:
    """As in a folder."""
    await bucket.put("one", WORDS)
    for _ in range(2):
        await bucket.remove("one")
        with pytest.raises(FileNotFoundError):
            await bucket.get("one")


async def test_the_largest_file_that_a_provider_gives(
    bucket: Files, s3: LiveS3, request: pytest.FixtureRequest
) -> None:
    """20 MB, as one object."""
    large = os.urandom(20_000_000)
    await bucket.put("large", large)
    assert await bucket.get("large") == large
    ((_, kept),) = looked_into(s3, request.node.name).items()
    assert len(kept) - len(large) < 100


@pytest.mark.parametrize(
    ("name", "value", "cause"),
    [
        ("AWS_ACCESS_KEY_ID", "AKIA00000000000DEMO", "InvalidAccessKeyId"),
        ("AWS_SECRET_ACCESS_KEY", "not-the-secret", "SignatureDoesNotMatch"),
        ("BUCKET", "no-such-bucket", "NoSuchBucket"),
    ],
)
async def test_a_wrong_setting_is_named_in_one_line(
    reached: pytest.MonkeyPatch, seal: Seal, name: str, value: str, cause: str
) -> None:
    """At every call, with the store's own word for it, without a secret; no call takes it for a file that is not there."""
    reached.setenv(name, value)
    store = files(f"s3://{os.environ.get('BUCKET', 'files')}/wrong", seal)
    for call in (store.check(), store.put("a", WORDS), store.get("a"), store.remove("a")):
        with pytest.raises(Unreachable) as raised:
            await call
        assert str(raised.value) == f"the store of the attachments refuses us: {cause}"
        assert raised.value.refused


async def test_a_store_that_is_away_is_away_and_comes_back(s3: LiveS3, reached: pytest.MonkeyPatch, seal: Seal) -> None:
    """No wrong setting is suspected; the same client goes on when the store is back, and an upload cut half way left nothing."""
    async with Proxy(s3.port) as line:
        reached.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{line.port}")
        store = files("s3://files/away", seal)
        await store.check()
        line.target = 1  # nobody listens there
        line.cut()
        for call in (store.check(), store.put("a", WORDS), store.get("a"), store.remove("a")):
            with pytest.raises(Unreachable) as raised:
                await call
            assert not raised.value.refused
        assert looked_into(s3, "away") == {}
        line.target = s3.port
        await store.put("a", WORDS)
        assert await store.get("a") == WORDS


async def test_a_store_that_says_nothing_is_not_waited_for(s3: LiveS3, reached: pytest.MonkeyPatch, seal: Seal) -> None:
    """It takes the call and never answers: what carries no file gives up soon."""
    reached.setattr(bucket_module, "QUICK_SECONDS", 0.2)
    async with Proxy(s3.port) as line:
        reached.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{line.port}")
        store = files("s3://files/silent", seal)
        line.hold()
        for call in (store.check(), store.remove("a")):
            with pytest.raises(Unreachable, match="is away: no answer"):
                await call


@pytest.mark.parametrize("where", ["s3://", "s3:///files", "s3://key:secret@files", "ftp://files/x", "s3://files?x=1"])
def test_an_address_that_is_none_is_refused_at_the_start(where: str) -> None:
    """In one line that names the setting and quotes nothing."""
    with pytest.raises(SettingsError, match=r"^KOMEK_ATTACHMENTS: ") as raised:
        Settings(attachments=where).files(Seal({"a": bytes(32)}))
    assert "secret" not in str(raised.value)


@pytest.fixture
async def cases(sqlite_url: str, seal: Seal, bucket: Files, clock: Clock) -> AsyncIterator[Cases]:
    """A case store whose files are in the bucket."""
    await migrate(sqlite_url)
    store = Cases(sqlite_url, seal, bucket, {}, clock, secret="k" * 32)
    yield store
    await store.close()


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until it is put forward."""
    return Clock()


FORGET = Forget("forget", CASE.chat, CASE.chat_ref, (CASE.id,), at(9))


async def test_forgetting_reaches_the_bucket(cases: Cases, s3: LiveS3, request: pytest.FixtureRequest) -> None:
    """A stored file goes at the next look for work."""
    await cases.file([CASE])
    (fetch,) = await cases.pending_media(1)
    assert await cases.stored(fetch.id, WORDS, "image/jpeg")
    assert len(looked_into(s3, request.node.name)) == 1
    await cases.file([FORGET])
    await cases.pending_media(1)
    assert looked_into(s3, request.node.name) == {}


async def test_forgetting_waits_for_no_store(
    cases: Cases, s3: LiveS3, reached: pytest.MonkeyPatch, seal: Seal, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """The clerk files on while the bucket is away; the file goes when it is back, and one line said so."""
    await cases.file([CASE])
    (fetch,) = await cases.pending_media(1)
    async with Proxy(s3.port) as line:
        reached.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{line.port}")
        cases._db.files = files("s3://files/waits", seal)
        assert await cases.stored(fetch.id, WORDS, "image/jpeg")
        line.target = 1
        line.cut()
        with pytest.raises(Unreachable):  # to an officer: try again, not "there is none"
            await cases.attachment("uz.mfa", CASE.ref, fetch.id)
        await cases.file([FORGET])
        with caplog.at_level(logging.WARNING):
            for _ in range(3):
                assert await cases.pending_media(1) == []
        with pytest.raises(Missing):
            await cases.attachment("uz.mfa", CASE.ref, fetch.id)
        line.target = s3.port
        assert len(looked_into(s3, "waits")) == 1
        clock.forward(seconds=forgetting.AGAIN.total_seconds())
        await cases.pending_media(1)
        assert looked_into(s3, "waits") == {}
    said = "forgotten files are still there: the store of the attachments is away: no answer"
    assert [record.getMessage() for record in caplog.records].count(said) == 1


@pytest.mark.parametrize("dies", [False, True])
async def test_a_file_on_its_way_while_its_person_is_forgotten_is_removed(
    cases: Cases, s3: LiveS3, clock: Clock, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, dies: bool
) -> None:
    """By the one who brought it; and if that process died just then, by the next look after all uploads have ended."""
    await cases.file([CASE])
    (fetch,) = await cases.pending_media(1)
    bring = cases._db.files.put

    async def slowly(id: str, content: bytes, /) -> None:
        await cases.file([FORGET])
        await bring(id, content)
        if dies:
            raise RuntimeError("killed")

    monkeypatch.setattr(cases._db.files, "put", slowly)  # between the file's arrival and its row
    if not dies:
        assert not await cases.stored(fetch.id, WORDS, "image/jpeg")
        assert looked_into(s3, request.node.name) == {}
        return
    with pytest.raises(RuntimeError):
        await cases.stored(fetch.id, WORDS, "image/jpeg")
    assert len(looked_into(s3, request.node.name)) == 1
    assert await cases.pending_media(1) == []
    clock.forward(seconds=forgetting.LANDED.total_seconds())
    await cases.pending_media(1)
    assert looked_into(s3, request.node.name) == {}
