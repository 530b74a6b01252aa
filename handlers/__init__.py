"""The conversation, pure: nouns in, nouns out. No clock, no IO, no randomness."""
