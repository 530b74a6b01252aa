"""Marks a sentence for translation where it is written, without saying it there."""

from __future__ import annotations


def N_(text: str, most: int = 0) -> str:  # gettext's own name for it, so that every extractor knows the mark
    """`text` itself. The catalogue's extractor collects what stands in the call; `Voice.gettext` says it later.

    Its translations have at most `most` characters, if that is not 0: `komek locales check` sees to it.
    """
    return text
