"""A call of the API: what stands in the table, what a handler is given, what it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

import msgspec
from starlette.responses import Response

from console.api.problem import Code
from console.desk import Desk
from storage.machines import Key, Scope

Q = TypeVar("Q", bound=msgspec.Struct)
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Api:
    """What the API stands on: the desk with its law, and how many calls a second one key may make (0: any)."""

    desk: Desk
    rate: float = 0


@dataclass(frozen=True, slots=True)
class Asked(Generic[Q, B]):
    """A call, its key known and allowed, its parts read. `path`: the names in the path; `headers` in lower case."""

    key: Key
    path: Mapping[str, str]
    query: Q
    body: B
    headers: Mapping[str, str]


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """No query."""


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is no JSON of ours, by its media types."""

    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[Q, B]):
    """One line of the table. `answer`: the struct of its answer, or the file's kinds; `faults`: beside those of every call.

    `headers`: what it reads of them, with what they mean; `gives`: what its answer bears.
    """

    name: str
    method: Literal["GET", "POST"]
    path: str
    scope: Scope
    says: str
    do: Callable[[Api, Asked[Q, B]], Awaitable[Response]]
    answer: type[msgspec.Struct] | File
    query: type[Q]
    body: type[B] | None = None
    status: int = 200
    faults: tuple[Code, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    gives: Mapping[str, str] = field(default_factory=dict)
