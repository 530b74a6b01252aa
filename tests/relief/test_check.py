"""`pack check` and the strict reader: every planted fault is one line that names file and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from relief.check import check
from relief.pack import PackError, load

UZ3, HU1 = "measures/UZ/UZ-3.yaml", "measures/HU/HU-1.yaml"
KZ2, KZ6 = "measures/KZ/KZ-2.yaml", "measures/KZ/KZ-6.yaml"


def put(folder: Path, name: str, old: str, new: str) -> None:
    """Replace `old`, which must be there, in one file."""
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_shipped_pack_has_no_fault() -> None:
    """What we ship passes its own check."""
    assert check("turkic-2020")[1] == ()


@pytest.mark.parametrize(
    ("name", "old", "new", "line"),
    [
        (UZ3, "issuer:", "isuer:", "UZ/UZ-3.yaml: file: Object contains unknown field `isuer`"),
        (UZ3, "confidence: high", "confidence: sure", "UZ/UZ-3.yaml: confidence: Invalid enum value 'sure'"),
        (UZ3, "host: UZ", "host: UZ\nhost: HU", "UZ/UZ-3.yaml: line 1: host stands twice"),
        (UZ3, "decided: 2020-04-20", "decided: soon", "UZ/UZ-3.yaml: decided: Invalid RFC3339"),
        (UZ3, "permit: visa_free", "permit: wisa", "UZ/UZ-3.yaml: grants.when: permit cannot be wisa"),
        (UZ3, "expires: {from", "expiry: {from", "UZ/UZ-3.yaml: covers: there is no fact expiry"),
        (UZ3, "host: UZ", "host: XX", "UZ/UZ-3.yaml: host: XX is no host of this pack"),
        (
            HU1,
            "to: {event: hu-danger-1-ended",
            "to: {event: hu-danger",
            "HU/HU-1.yaml: covers: there is no event hu-danger",
        ),
        (HU1, "id: HU-1", "id: HU-2", "HU/HU-2.yaml: id: HU-2 stands in HU-1.yaml too"),
        (HU1, "after: hu-danger-1-ended", "after: nothing", "HU/HU-1.yaml: duties: there is no event nothing"),
        ("pack.yaml", "lead: hu-oif", "lead: hu-oi", "pack/pack.yaml: hosts.HU.lead: there is no agency hu-oi"),
        (
            "emergency.yaml",
            'number: "112", confidence: high',
            'number: "112"',
            "pack/emergency.yaml: AZ[0]: Object missing",
        ),
        (UZ3, "expires: {from", "expires: {form", "UZ/UZ-3.yaml: covers.expires: Object contains unknown field `form`"),
        (
            "pack.yaml",
            "expires: {kind: date}",
            "expires: {kind: day}",
            "pack/pack.yaml: questions.expires.kind: Invalid",
        ),
        ("agencies/hu-oif.yaml", "confidence: high", "confidenc: high", "agencies/hu-oif.yaml: file: Object"),
        # What can be read, and is still wrong:
        (
            UZ3,
            "known_from: 2020-04-20",
            "known_from: 2020-04-19",
            "UZ/UZ-3.yaml: known_from: 2020-04-19 is before decided",
        ),
        (UZ3, "supersedes: [UZ-2]", "supersedes: [UZ-9]", "UZ/UZ-3.yaml: supersedes: there is no measure UZ-9"),
        (UZ3, "supersedes: [UZ-2]", "supersedes: [HU-1]", "UZ/UZ-3.yaml: supersedes: HU-1 is a measure of HU"),
        (UZ3, "supersedes: [UZ-2]", "supersedes: [UZ-4]", "UZ/UZ-3.yaml: supersedes: the chain runs in a circle"),
        (
            UZ3,
            "to: 2020-06-01",
            "to: 2020-03-01",
            "UZ/UZ-3.yaml: expires: the window from 2020-03-16 to 2020-03-01 is empty",
        ),
        (UZ3, "until: 2020-06-01", "until: 2020-04-01", "UZ/UZ-3.yaml: until: 2020-04-01 had passed"),
        (
            UZ3,
            "url: https://www.gazeta.uz",
            "url: www.gazeta.uz",
            "UZ/UZ-3.yaml: sources: number 1 has an url that is no web",
        ),
        (UZ3, "publisher: Gazeta.uz", 'publisher: ""', "UZ/UZ-3.yaml: sources: number 1 has no publisher"),
        (
            UZ3,
            "until: [2020-06-01]",
            "until: [2020-06-02]",
            "UZ/UZ-3.yaml: examples: first day known: until 2020-06-01 and not",
        ),
        (
            UZ3,
            "relief: covered",
            "relief: no_penalty",
            "UZ/UZ-3.yaml: examples: first day known: no_penalty and not covered",
        ),
        (
            "pack.yaml",
            "    lead: hu-oif",
            "    lead: hu-oif\n    gap: Nothing.",
            "pack/pack.yaml: hosts.HU.gap: is told",
        ),
        (
            "ordinary.yaml",
            "days: {KG: 90, UZ: 90}",
            "days: {KG: 90, UZ: 90, TR: 60}",
            "pack/ordinary.yaml: AZ visa_free: TR stands in two rules of the same days",
        ),
        (
            "ordinary.yaml",
            "Citizens of {country} may stay {days} days in",
            "Citizens of these states may stay {days} days in",
            "pack/ordinary.yaml: UZ visa_free: text: has not just the placeholders ['country', 'days', 'host']",
        ),
        (
            "ordinary.yaml",
            "days: {KG: 90, UZ: 90}",
            "days: {KG: 90, UZ: 0}",
            "pack/ordinary.yaml: AZ visa_free: days: counted days, and none or no limit, are told in different words",
        ),
        (UZ3, "review_by: 2020-06-01\n", "", "UZ/UZ-3.yaml: review_by: is missing"),
        (KZ2, "beside: [KZ-1]\n", "", "KZ/KZ-2.yaml: beside: overlaps with KZ-1 and does not say so"),
        (KZ2, "beside: [KZ-1]", "beside: [KZ-1, UZ-1]", "KZ/KZ-2.yaml: beside: there is no measure UZ-1 of KZ"),
        (KZ6, "comment: One", "note: One", "KZ/KZ-6.yaml: line 1: note stands twice"),
        (
            KZ6,
            "comment: One regional source. ",
            'comment: "" # ',
            "KZ/KZ-6.yaml: sources: none has a date, and no comment",
        ),
        (
            UZ3,
            "id: a day before the window, as_of: 2020-05-08, facts: {host: UZ, permit: visa, expires: 2020-03-15}",
            "id: long before the window, as_of: 2020-05-08, facts: {host: UZ, permit: visa, expires: 2020-03-01}",
            "UZ/UZ-3.yaml: examples: no case on the window's day before (expires 2020-03-15)",
        ),
        (
            UZ3,
            "id: a day before it was known, as_of: 2020-04-19",
            "id: the day it was known, as_of: 2020-04-20",
            "UZ/UZ-3.yaml: examples: no case before it was known (2020-04-20)",
        ),
        (
            KZ6,
            "id: last day, as_of: 2021-01-05",
            "id: almost the last day, as_of: 2021-01-04",
            "KZ/KZ-6.yaml: examples: no case asked on its last day (2021-01-05)",
        ),
        ("pack.yaml", "  - {send: [host]}", "", "pack/pack.yaml: routing: no rule takes what the others leave"),
    ],
)
def test_a_planted_fault_is_named(folder: Path, name: str, old: str, new: str, line: str) -> None:
    """One fault, one line, with its file and field."""
    put(folder, name, old, new)
    faults = check(folder)[1]
    assert any(fault.startswith(line) for fault in faults), faults
    assert all("\n" not in fault for fault in faults)


def test_an_event_that_nobody_refers_to_is_named(folder: Path) -> None:
    """An event without a measure is a forgotten reference."""
    (folder / "events/lone.yaml").write_text(
        "{id: lone, state: KG, title: Alone, says: [{known_from: 2020-05-08, confidence: low, comment: Nothing}]}",
        "utf-8",
    )
    assert check(folder)[1] == ("events/lone.yaml: id: no measure refers to this event",)


@pytest.mark.parametrize("name", ["pack.yaml", "places.yaml", "ordinary.yaml", "emergency.yaml"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    """A pack without one of its files is not read."""
    (folder / name).unlink()
    with pytest.raises(PackError, match=name):
        load(folder)


@pytest.mark.parametrize("damage", ["[", "- 1", "just words", "a: &x [*x]", "a: !!python/name:os.system x"])
def test_no_text_breaks_the_reader(folder: Path, damage: str) -> None:
    """Whatever stands in a file, the reader answers with a fault."""
    (folder / UZ3).write_text(damage, "utf-8")
    with pytest.raises(PackError, match=r"UZ-3\.yaml"):
        load(folder)


def test_an_unknown_pack_is_named() -> None:
    """A wrong name is a clear line."""
    with pytest.raises(PackError, match=r"nowhere: pack.yaml: there is no such pack"):
        load("nowhere")


def test_yes_and_no_are_words(folder: Path) -> None:
    """YAML's `yes` and `NO` stay words: the answer, and Norway."""
    put(folder, UZ3, "  expires: {from: 2020-03-16", "  nationality: [NO, TR]\n  expires: {from: 2020-03-16")
    measure = next(m for m in load(folder).measures if m.id == "UZ-3")
    assert measure.covers["nationality"].is_ == ("NO", "TR")
