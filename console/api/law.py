"""Calls on the law: measures as they are, and what they give to a person. Nothing of it is kept."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from console.api.call import Api, Asked, Nothing
from console.api.cases import given
from console.api.problem import Problem
from console.api.shapes import Lawful, MeasureInFull, MeasureLine, Measures, Question
from relief.answer import answer_of
from relief.asked import complaints, spelled
from relief.assess import assess as weigh
from relief.facts import iso_day
from relief.law import Measure

_LINE = MeasureLine.__struct_fields__


async def measures(api: Api, asked: Asked[Lawful, None]) -> Response:
    """The pack's measures in short."""
    wanted = asked.query
    fits = (m for m in api.desk.pack.measures if wanted.host in ("", m.host))
    known = (m for m in fits if wanted.as_of is None or m.known_from <= wanted.as_of)
    return given(Measures(measures=[_line(m) for m in sorted(known, key=lambda m: m.id)]))


async def measure(api: Api, asked: Asked[Nothing, None]) -> Response:
    """One of them in full."""
    found = next((m for m in api.desk.pack.measures if m.id == asked.path["id"]), None)
    if found is None:
        raise Problem("missing")
    return given(MeasureInFull(measure=found))


async def assess(api: Api, asked: Asked[Nothing, Question]) -> Response:
    """What `komek relief assess --json` answers."""
    facts = spelled(asked.body.facts)
    fault = next(complaints(api.desk.pack, facts), None)
    if fault is not None:
        name, sentence = fault
        at = f"$.facts.{name}" if name in api.desk.pack.questions else "$.facts"
        raise Problem("unfit", at=at, detail=sentence)
    day = asked.body.as_of or api.desk.today
    if iso_day(day.isoformat()) is None:
        raise Problem("unfit", at="$.as_of")
    return given(answer_of(weigh(api.desk.pack, facts, day)))


def _line(measure: Measure) -> MeasureLine:
    """In short."""
    return msgspec.convert({name: getattr(measure, name) for name in _LINE}, MeasureLine)
