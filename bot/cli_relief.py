"""`komek relief` and `komek pack`: the law from the command line (DESIGN.md, section 5)."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import click
import msgspec
from babel.messages.pofile import read_po

from locales import catalogues
from relief.answer import Answer, answer_of, until_of
from relief.asked import Given, complaints, spelled
from relief.assess import assess
from relief.check import check
from relief.facts import iso_day
from relief.nouns import Assessment
from relief.pack import Pack, PackError, load
from relief.page import page, picture
from relief.schema import KINDS, schema_of
from relief.trace import Look, Trace, trace
from relief.truth import Truth


class Refused(click.ClickException):
    """Wrong words on the command line: one line that names what is wrong, and exit code 2."""

    exit_code = 2


class Line(msgspec.Struct):
    """One line of bulk input."""

    as_of: date
    facts: dict[str, Given]
    id: str | int | None = None


class Replied(Answer):
    """One line of bulk output."""

    id: str | int | None = None


pack_option = click.option(
    "--pack",
    "name",
    envvar="KOMEK_PACK",
    default="turkic-2020",
    show_default=True,
    help="The data pack, a name or a path.",
)
day_option = click.option(
    "--as-of", "as_of", envvar="KOMEK_TODAY", metavar="DATE", help="The day of asking, written like 2020-05-08."
)


@click.group()
def relief() -> None:
    """What the law gives to a person."""


@click.group(name="pack")
def pack() -> None:
    """The data of a crisis."""


@relief.command(name="assess")
@click.argument("facts", nargs=-1, metavar="FACT=VALUE …")
@day_option
@pack_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--lines", is_flag=True, help="Read one JSON object {id, as_of, facts} a line; print one answer a line.")
def assess_command(facts: tuple[str, ...], as_of: str | None, name: str, as_json: bool, lines: bool) -> None:
    """Whether a relief measure covers a person with these facts on that day, until when, and on what ground."""
    law = _load(name)
    if lines:
        sys.exit(_bulk(law))
    answer = assess(law, _parse(law, facts), _day(as_of))
    if as_json:
        click.echo(msgspec.json.encode(answer_of(answer)))
    else:
        click.echo("\n".join(_readable(law, answer)))


@relief.command(name="explain")
@click.argument("facts", nargs=-1, metavar="FACT=VALUE …")
@day_option
@pack_option
def explain_command(facts: tuple[str, ...], as_of: str | None, name: str) -> None:
    """Every measure of the host state, and why it does or does not hold for this person on that day."""
    law = _load(name)
    known, day = _parse(law, facts), _day(as_of)
    answer = assess(law, known, day)
    click.echo(f"On {day}: {answer.outcome}, until {until_of(answer) or 'no day known'}")
    if answer.needs:
        click.echo(f"Still to ask: {', '.join(answer.needs)}")
    for one in trace(law, known, day):
        click.echo("\n".join(_told(one)))


@pack.command(name="check")
@click.argument("path", required=False)
@click.option("--locales", "with_locales", is_flag=True, help="A title that a catalogue lacks is a fault too.")
@pack_option
def check_command(path: str | None, with_locales: bool, name: str) -> None:
    """Whether a pack can be relied on: shape, dates, chains, overlaps, sources, examples. Prints each fault on a line."""
    law, faults = check(path or name)
    if law and with_locales:
        faults += tuple(_untranslated(law))
    for fault in faults:
        click.echo(fault)
    if faults or law is None:
        sys.exit(1)
    examples = sum(len(m.examples) for m in law.measures)
    click.echo(
        f"{law.path.name}: {len(law.measures)} measures, {len(law.events)} events, {len(law.agencies)} agencies, "
        f"{len(law.places)} places, {len(law.hosts)} host states, {examples} examples: no faults"
    )


@pack.command(name="schema")
@click.argument("kind", type=click.Choice(KINDS), default="measure")
@click.option(
    "--write", "folder", type=click.Path(path_type=Path), help="Write the schemas of all kinds into this folder."
)
def schema_command(kind: str, folder: Path | None) -> None:
    """The JSON Schema of a kind of file, for editors."""
    if folder is None:
        click.echo(_json(schema_of(kind)), nl=False)
        return
    for one in KINDS:
        _write(folder / f"{one}.json", _json(schema_of(one)))


@pack.command(name="page")
@click.argument("hosts", nargs=-1, metavar="[HOST …]")
@click.option("--write", "folder", type=click.Path(path_type=Path), help="Write HOST.md and HOST.svg into this folder.")
@pack_option
def page_command(hosts: tuple[str, ...], folder: Path | None, name: str) -> None:
    """A readable page of all that is known of a state's law, with a picture of its measures over time. No HOST: all of them."""
    law = _load(name)
    for host in hosts or law.hosts:
        if host not in law.hosts:
            raise Refused(f"{host}: is no host state; known are {', '.join(law.hosts)}")
        if folder is None:
            click.echo(page(law, host), nl=False)
            continue
        _write(folder / f"{host}.md", page(law, host))
        drawn = picture(law, host)
        if drawn:
            _write(folder / f"{host}.svg", drawn)


def _write(path: Path, text: str) -> None:
    """Write a file and name it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    click.echo(str(path))


def _json(schema: Mapping[str, object]) -> str:
    """A schema as text."""
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"


def _untranslated(law: Pack) -> Iterator[str]:
    """Titles that a catalogue does not have."""
    for tag in catalogues.tags():
        with catalogues.path_of(tag).open("rb") as file:
            translated = {str(m.id) for m in read_po(file, locale=tag) if m.id and m.string and not m.fuzzy}
        for measure in law.measures:
            if measure.title not in translated:
                path = law.files[measure.id]
                yield f"{path.parent.name}/{path.name}: title: is not translated into {tag}"


def _load(name: str) -> Pack:
    """The pack, or one line that says what is wrong with it."""
    try:
        return load(name)
    except PackError as fault:
        raise Refused(str(fault)) from None


def _day(text: str | None) -> date:
    """The day of asking."""
    day = iso_day(text) if text else None
    if day is None:
        raise Refused("--as-of: a day is needed, written like 2020-05-08")
    return day


def _parse(law: Pack, words: tuple[str, ...]) -> dict[str, str]:
    """`fact=value` words as facts."""
    facts: dict[str, str] = {}
    for word in words:
        name, is_fact, value = word.partition("=")
        if not is_fact:
            raise Refused(f"{name}: facts are written fact=value")
        facts[name] = value
    fault = next(complaints(law, facts), None)
    if fault:
        raise Refused(": ".join(fault))
    return facts


def _bulk(law: Pack) -> int:
    """Answers standard input line by line. 1 if any line was bad, else 0."""
    encoder, decoder = msgspec.json.Encoder(), msgspec.json.Decoder(Line)
    out, bad = sys.stdout.buffer, 0
    for raw in sys.stdin.buffer:
        if not raw.strip():
            continue
        reply = _one(law, raw, decoder)
        bad += isinstance(reply, dict)
        out.write(encoder.encode(reply) + b"\n")
        out.flush()
    return min(bad, 1)


def _one(law: Pack, raw: bytes, decoder: msgspec.json.Decoder[Line]) -> Replied | dict[str, object]:
    """One line's answer, or its id and what is wrong with it."""
    try:
        line = decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return {"id": _id_of(raw), "error": _cause(error)}
    facts = spelled(line.facts)
    fault = next(complaints(law, facts), None)
    if fault:
        return {"id": line.id, "error": ": ".join(fault)}
    answer = answer_of(assess(law, facts, line.as_of))
    return Replied(**msgspec.structs.asdict(answer), id=line.id)


def _cause(error: Exception) -> str:
    """What is wrong with a line, without the words that stand in it."""
    return "the line is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)


def _id_of(raw: bytes) -> object:
    """The id of a line that is JSON but otherwise wrong; None where there is none."""
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return found.get("id") if isinstance(found, dict) else None


def _readable(law: Pack, answer: Assessment) -> Iterator[str]:
    """An assessment for a reader."""
    yield f"{answer.outcome}" + (f" until {until_of(answer)}" if until_of(answer) else "") + f" (as of {answer.as_of})"
    if answer.note:
        yield answer.note
    for duty in answer.duties:
        yield f"  do: {duty.text}" + (f" [{duty.by}]" if duty.by else "") + (" (done)" if duty.done else "")
    for reason in answer.because:
        yield f"  {reason.measure}: {reason.title} ({reason.issuer}): {reason.verdict}. {reason.note}"
    for text in answer.excluded:
        yield f"  not: {text}"
    for source in answer.sources:
        yield f"  source: {source.publisher}, {source.title}, {source.url} ({source.confidence})"
    for commitment in answer.cite:
        yield f"  show an officer: {commitment.text}"
    if answer.needs:
        yield f"  still to ask: {', '.join(answer.needs)}"
    if answer.ask:
        yield f"  confirm with: {law.agencies[answer.ask].name}"


_WORDS = {Truth.YES: "yes", Truth.NO: "no", Truth.UNCLEAR: "unclear", Truth.UNKNOWN: "not known"}


def _told(one: Trace) -> Iterator[str]:
    """One measure's trace in lines."""
    until = "open" if one.open_ended else str(one.until) if one.until else ""
    yield f"{one.measure} (known from {one.known_from}): {one.verdict}" + (f" until {until}" if until else "")
    yield f"  {one.title}"
    if one.why:
        yield f"  {one.why}"
    yield from (_seen(look) for look in one.looks)


def _seen(look: Look) -> str:
    """One condition in a line."""
    return f"  - {look.fact} {look.value or '(not said)'}: asked {look.asked}: {_WORDS[look.truth]}"
