"""Marks a sentence for translation where it is written, without saying it there."""

from __future__ import annotations


def N_(text: str) -> str:  # gettext's own name for it, so that every extractor knows the mark
    """`text` itself. The catalogue's extractor collects what stands in the call; `Voice.gettext` says it later."""
    return text
