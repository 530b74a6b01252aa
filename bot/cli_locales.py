"""`komek locales`: keep the catalogues complete."""

from __future__ import annotations

import click

from locales import catalogues


@click.group()
def locales() -> None:
    """Catalogues of translations."""


@locales.command()
@click.argument("tags", nargs=-1)
def update(tags: tuple[str, ...]) -> None:
    """Add new texts (empty) to the catalogues of TAGS, remove gone ones. Without TAGS: all catalogues."""
    source = catalogues.collect()
    for tag in tags or catalogues.tags():
        catalogues.update(tag, source)
        click.echo(f"{tag}: {len(source)} texts, {len(catalogues.check(tag, source))} faults")


@locales.command()
@click.argument("tags", nargs=-1)
def check(tags: tuple[str, ...]) -> None:
    """Check the catalogues, and the code that shows them. Exit 1 at a fault.

    Complete, placeholders and numbers kept, plural forms right, letters of the language only, the glossary's terms, labels
    that fit where they are shown; no form of CLDR that tells a wrong day.
    """
    source = catalogues.collect()
    faults = catalogues.check_code()
    faults += [fault for tag in tags or catalogues.tags() for fault in catalogues.check(tag, source)]
    for fault in faults:
        click.echo(fault)
    if faults:
        raise SystemExit(1)
    click.echo(f"{len(source)} texts, complete in: en {' '.join(tags or catalogues.tags())}")
