"""The worked cases: of this folder, of the pack's own files, and of the project's facts where they lie beside the tree."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
import msgspec
import pytest
import yaml

from relief.answer import until_of
from relief.assess import assess
from relief.pack import Pack, load

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "facts" / "relief-examples.yaml"


class Case(msgspec.Struct):
    """One worked case."""

    id: str
    as_of: date
    facts: dict[str, object]
    outcome: list[str]
    until: list[object] = []


def cases(path: Path) -> list[Case]:
    """The cases of a file; none if it is not there."""
    return msgspec.convert(yaml.safe_load(path.read_text("utf-8")), list[Case]) if path.exists() else []


def check(pack: Pack, case: Case) -> None:
    """Outcome and last day are among the right ones."""
    answer = assess(pack, {name: str(value) for name, value in case.facts.items()}, case.as_of)
    assert answer.outcome in case.outcome
    assert not case.until or until_of(answer) in [str(day) for day in case.until]


@pytest.mark.parametrize("case", cases(HERE / "examples.yaml"), ids=lambda case: case.id)
def test_worked_case(pack: Pack, case: Case) -> None:
    """A worked case comes out as derived from the tables."""
    check(pack, case)


@pytest.mark.parametrize("case", cases(SHARED), ids=lambda case: case.id)
def test_case_of_the_facts(pack: Pack, case: Case) -> None:
    """A worked case of the facts' own file comes out right."""
    check(pack, case)


def test_states_without_measures_are_unclear(pack: Pack) -> None:
    """A state of which the pack holds nothing is never answered with a no: its service must be asked."""
    for host in pack.hosts:
        if any(m.host == host and m.side == "host" for m in pack.measures):
            continue
        answer = assess(pack, {"host": host, "nationality": "UZ", "permit": "visa"}, date(2020, 5, 8))
        assert answer.outcome == "unclear"
        assert answer.note
        assert answer.ask in pack.agencies


@pytest.mark.parametrize(
    ("facts", "left"),
    [
        ({"host": "UZ", "nationality": "KG", "permit": "visa_free", "expires": "2020-04-20"}, ()),
        ({"host": "UZ", "nationality": "KG", "permit": "work_permit", "expires": "2020-04-20"}, ()),
        (
            {"host": "HU", "nationality": "KG", "permit": "residence_temporary", "expires": "2020-05-01"},
            ("changed_conditions",),
        ),
        ({"host": "HU", "nationality": "KG", "permit": "visa_short", "expires": "2020-05-01"}, ("unable_to_leave",)),
        ({"host": "HU", "nationality": "KG", "permit": "work_permit", "expires": "2020-05-01"}, ()),
        ({"host": "HU", "nationality": "KG", "permit": "none"}, ()),
        ({"host": "UZ"}, ("permit", "expires")),
        ({"host": "KG", "nationality": "TR", "permit": "visa", "expires": "2020-04-20"}, ()),
        ({"host": "TR", "nationality": "KG", "permit": "visa_free", "expires": "2020-05-01"}, ("unable_to_leave",)),
        ({"host": "KZ", "nationality": "TR", "permit": "visa_free", "expires": "2020-05-01"}, ("unable_to_leave",)),
        (
            {"host": "AZ", "nationality": "TR", "permit": "visa_free", "expires": "2020-05-01"},
            ("registered", "fee_paid_days", "unable_to_leave"),
        ),
    ],
)
def test_the_fewest_questions(pack: Pack, facts: dict[str, str], left: tuple[str, ...]) -> None:
    """On the demonstration's day at most one question is left after host, nationality, permit and expiry; in Azerbaijan three."""
    assert assess(pack, facts, date(2020, 5, 8)).needs == left


@pytest.mark.parametrize(("told", "most"), [((), 4.0), (("host", "nationality"), 3.0)])
def test_mean_number_of_questions(
    pack: Pack, capsys: pytest.CaptureFixture[str], told: tuple[str, ...], most: float
) -> None:
    """Asking what `needs` names first leads every example person to their answer in few questions; the mean is printed."""
    people = cases(SHARED) or cases(HERE / "examples.yaml")
    asked = [_questions(pack, case, told) for case in people]
    mean = sum(asked) / len(asked)
    with capsys.disabled():
        given = f" after {' and '.join(told)}" if told else ""
        click.echo(f"\n{len(people)} example persons, {mean:.2f} questions each{given}, {max(asked)} at most")
    assert mean < most


def _questions(pack: Pack, case: Case, told: tuple[str, ...]) -> int:
    """How many questions an example person is asked, if they have told some facts already."""
    full = {name: str(value) for name, value in case.facts.items()}
    known = {name: full[name] for name in told}
    while (answer := assess(pack, known, case.as_of)).needs:
        known[answer.needs[0]] = full[answer.needs[0]]
    assert answer.outcome == assess(pack, full, case.as_of).outcome
    return len(known) - len(told)


def test_the_pack_loads_by_name_and_by_path(pack: Pack) -> None:
    """A pack is named or pointed at."""
    assert load(pack.path).hosts == pack.hosts
