"""The pages for lawyers: they hold all that the files hold, and stand in docs/law as the command writes them."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from click.testing import CliRunner

from bot.cli_relief import pack as commands
from locales import catalogues
from relief.pack import Pack
from relief.page import page, picture

DOCS = Path(__file__).parents[2] / "docs" / "law"
HOSTS = ("AZ", "KZ", "KG", "TR", "UZ", "HU", "TM")


@pytest.mark.parametrize("host", HOSTS)
def test_the_written_pages_are_up_to_date(pack: Pack, host: str) -> None:
    """docs/law holds what `komek pack page --write docs/law` writes now."""
    assert (DOCS / f"{host}.md").read_text("utf-8") == page(pack, host)
    assert (DOCS / f"{host}.svg").read_text("utf-8") == picture(pack, host)


@pytest.mark.parametrize("host", HOSTS)
def test_a_page_tells_every_measure_with_its_sources(pack: Pack, host: str) -> None:
    """Every measure, every source's address, every duty and every exclusion of a state stands on its page."""
    text = page(pack, host)
    for measure in (m for m in pack.measures if m.host == host):
        assert f"### {measure.id}. {measure.title}" in text
        assert all(source.url in text for source in measure.sources)
        assert all(e.text in text for e in measure.excludes)
        assert all(d.text in text for d in (*measure.duties, *(d for g in measure.grants for d in g.duties)))


@pytest.mark.parametrize("host", HOSTS)
def test_a_picture_shows_every_measure(pack: Pack, host: str) -> None:
    """The picture is XML, has a row for each measure, and nothing outside its frame."""
    root = ET.fromstring(picture(pack, host))  # noqa: S314 - our own text
    space = "{http://www.w3.org/2000/svg}"
    titles = [t.text or "" for t in root.iter(f"{space}title")]
    assert sorted(t.partition(":")[0] for t in titles) == sorted(m.id for m in pack.measures if m.host == host)
    for rect in root.iter(f"{space}rect"):
        assert 0 <= float(rect.get("x", "0")) <= float(rect.get("x", "0")) + float(rect.get("width", "0")) <= 1000


def test_pages_and_schemas_are_written_by_command(tmp_path: Path, pack: Pack) -> None:
    """`pack page` prints one page or writes them all, `pack schema` likewise; another state is refused in one line."""
    run = CliRunner().invoke
    assert run(commands, ["page", "TM"]).stdout == page(pack, "TM")
    assert run(commands, ["page", "--write", str(tmp_path / "law")]).exit_code == 0
    assert {p.name for p in (tmp_path / "law").iterdir()} == {f"{h}.{x}" for h in HOSTS for x in ("md", "svg")}
    refused = run(commands, ["page", "XX"])
    assert (refused.exit_code, refused.stderr.strip().count("\n")) == (2, 0)
    assert '"$schema"' in run(commands, ["schema"]).stdout
    assert run(commands, ["schema", "--write", str(tmp_path / "schema")]).exit_code == 0
    assert len(list((tmp_path / "schema").glob("*.json"))) == 8


def test_an_untranslated_title_is_a_fault_only_if_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Pack
) -> None:
    """With --locales each title that a catalogue lacks is a line; without it the catalogues do not matter."""
    titles = sorted({m.title for m in pack.measures})
    catalog = Catalog(locale="tr")
    for title in titles[1:]:
        catalog.add(title, string="…")
    path = tmp_path / "tr" / "LC_MESSAGES" / "komek.po"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_po(file, catalog)
    monkeypatch.setattr(catalogues, "HERE", tmp_path)
    lacking = CliRunner().invoke(commands, ["check", "--locales"])
    named = [m for m in pack.measures if m.title == titles[0]]
    assert lacking.stdout.splitlines() == [f"{m.host}/{m.id}.yaml: title: is not translated into tr" for m in named]
    assert lacking.exit_code == 1
    assert CliRunner().invoke(commands, ["check"]).exit_code == 0
