"""axe-core (in the wheel axe-playwright-python) on a page as people may have it: at two widths, light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import ViewportSize

Scheme = Literal["light", "dark"]
_SCHEMES: Sequence[Scheme] = ("light", "dark")

SCRIPT: str = AXE_SCRIPT
"""axe-core itself, to be run in a page."""
OPEN = "document.querySelectorAll('details').forEach((part) => { part.open = true; })"
"""Unfolds what is folded: axe looks at what is shown."""
RUN: Mapping[Scheme, str] = {
    "light": "axe.run({ resultTypes: ['violations'] })",
    "dark": "axe.run({ resultTypes: ['violations'], runOnly: ['color-contrast', 'link-in-text-block'] })",
}
"""Every rule of axe-core, its best practices too; in the dark those of colours: nothing else differs there."""


def looks() -> Iterator[tuple[Scheme, ViewportSize]]:
    """Each way in which a page is looked at."""
    for scheme, width in product(_SCHEMES, (360, 1100)):
        yield scheme, ViewportSize(width=width, height=800)


def told(name: str, found: Mapping[str, Any]) -> list[str]:
    """What axe found on a page, a line each."""
    return [
        f"{name}: {rule['id']}: {' '.join(node['target'])}: {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
