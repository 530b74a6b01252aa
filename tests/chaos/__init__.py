"""The fault laboratory: real processes, real stores, providers that keep their rules, faults from a seed, books balanced.

`python -m tests.chaos --seconds 3600` is the long run; test_short.py is a short one for every day.
"""
