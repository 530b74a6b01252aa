"""The tests: one folder a room. Shared parts are `tests.servers`, `tests.waiting` and the fixtures of `tests/conftest.py`."""
