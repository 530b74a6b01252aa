"""A picture (SVG) of a state's measures over time: from when each was known, for which expiry days, until when it protects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from html import escape

from relief.law import Measure, Promise
from relief.overlaps import Span, span_of, tests_of, window_of
from relief.pack import Pack

LEFT, WIDTH, ROW, TOP, BOTTOM = 76, 1000, 30, 70, 20
COLOURS: dict[Promise, str] = {
    "covered": "#2a7f50",
    "covered_if": "#2868b0",
    "no_penalty": "#b57510",
    "unclear": "#8a8f98",
    "none": "#8a8f98",
}
"""Chosen to differ in brightness too."""

LEGEND: dict[Promise, str] = {
    "covered": "covered",
    "covered_if": "covered once a duty is done",
    "no_penalty": "no penalty",
    "unclear": "an officer must confirm",
}
_BEST: tuple[Promise, ...] = ("covered", "covered_if", "no_penalty", "unclear", "none")


def timeline(pack: Pack, measures: Sequence[Measure], title: str) -> str:
    """The picture. Thin lines: expiry days that are protected; thick bars: from the day known to the last protected day."""
    rows = sorted(measures, key=lambda m: (m.known_from, m.id))
    scale = _Scale(pack, rows)
    height = TOP + ROW * len(rows) + BOTTOM
    body = [*_head(title), *scale.ticks(height)]
    for n, measure in enumerate(rows):
        body += _row(pack, measure, scale, TOP + ROW * n)
    frame = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}" '
        'font-family="system-ui, sans-serif" font-size="12">'
    )
    ground = f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
    return "\n".join([frame, ground, *body, "</svg>\n"])


class _Scale:
    """Days to places across the picture."""

    def __init__(self, pack: Pack, rows: Sequence[Measure]) -> None:
        days = [d for m in rows for span in (_span(pack, m), _window(pack, m)) if span for d in span]
        known = [d for d in days if d not in (date.min, date.max)]
        self.first = min(known).replace(day=1)
        self.last = max(known) + timedelta(days=45)

    def x(self, day: date) -> float:
        """Where a day begins; days beyond the picture lie on its edge."""
        inside = min(max(day, self.first), self.last)
        return round(LEFT + (inside - self.first).days / (self.last - self.first).days * (WIDTH - LEFT - 24), 1)

    def ticks(self, height: int) -> Iterator[str]:
        """A line for each month, quarter or year, so many as fit."""
        months = (self.last - self.first).days // 30
        step = next(s for s in (1, 2, 3, 6, 12) if months / s <= 14)
        for n in range((self.last.year - self.first.year + 1) * 12):
            month = date(self.first.year + n // 12, n % 12 + 1, 1)
            if n % step == 0 and self.first <= month <= self.last - timedelta(days=30):
                at = self.x(month)
                yield f'<line x1="{at}" y1="{TOP - 8}" x2="{at}" y2="{height - BOTTOM + 4}" stroke="#e3e5e8"/>'
                yield f'<text x="{at + 3}" y="{TOP - 12}" fill="#5b616b" font-size="11">{month:%Y-%m}</text>'


def _head(title: str) -> Iterator[str]:
    """Title and legend."""
    yield f'<text x="12" y="22" font-size="15" font-weight="600" fill="#1d2129">{escape(title)}</text>'
    at = 12
    for promise, words in LEGEND.items():
        yield f'<rect x="{at}" y="33" width="12" height="10" rx="2" fill="{COLOURS[promise]}"/>'
        yield f'<text x="{at + 17}" y="42" fill="#1d2129">{words}</text>'
        at += 36 + 7 * len(words)
    yield f'<rect x="{at}" y="36" width="20" height="4" fill="#c3c8cf"/>'
    yield f'<text x="{at + 25}" y="42" fill="#1d2129">documents that run out on these days</text>'


def _row(pack: Pack, measure: Measure, scale: _Scale, y: int) -> Iterator[str]:
    """One measure: its name, its window and its bar; an arrow where no last day is fixed."""
    promise = best(measure)
    first, last = _span(pack, measure)
    yield f"<g><title>{escape(f'{measure.id}: {measure.title}')}</title>"
    yield f'<text x="{LEFT - 8}" y="{y + 17}" text-anchor="end" fill="#1d2129">{escape(measure.id)}</text>'
    window = _window(pack, measure)
    if window:
        a, b = scale.x(window[0]), scale.x(window[1])
        yield f'<rect x="{a}" y="{y + 3}" width="{_wide(a, b)}" height="4" fill="#c3c8cf"/>'
    a, b = scale.x(first), scale.x(last)
    if promise == "none":
        yield f'<circle cx="{a + 5}" cy="{y + 14}" r="4.5" fill="none" stroke="{COLOURS[promise]}" stroke-width="2"/>'
    else:
        yield f'<rect x="{a}" y="{y + 9}" width="{_wide(a, b)}" height="11" rx="2" fill="{COLOURS[promise]}"/>'
        if last == date.max:
            yield f'<path d="M{b} {y + 6} l10 8.5 l-10 8.5 z" fill="{COLOURS[promise]}"/>'
    yield "</g>"


def best(measure: Measure) -> Promise:
    """The best that a measure can give."""
    given = {measure.relief} if measure.relief else {g.relief for g in measure.grants}
    return next(p for p in _BEST if p in given)


def _span(pack: Pack, measure: Measure) -> Span:
    """From the day known to the last day that it can protect; a notice is a point."""
    if best(measure) == "none":
        return measure.known_from, measure.known_from
    return span_of(measure, pack.measures, pack.events)


def _window(pack: Pack, measure: Measure) -> Span | None:
    """The days on which a document must run out, if the measure says; the widest of its grants. None for a notice."""
    spans = [window_of(t["expires"], pack.events) for t in tests_of(measure) if "expires" in t]
    if not spans or best(measure) == "none":
        return None
    return min(s[0] for s in spans), max(s[1] for s in spans)


def _wide(a: float, b: float) -> float:
    """A bar's width, never invisible."""
    return max(round(b - a, 1), 2)
