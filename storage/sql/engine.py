"""SQLAlchemy's asynchronous engine without its ORM, which nothing here uses.

The package `sqlalchemy.ext.asyncio` begins by importing its sessions, and with them the whole ORM: 8 MB that every process of
ours would keep. So its module `engine` is imported alone; whoever imports the package afterwards gets it whole.
"""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
else:
    _PACKAGE = "sqlalchemy.ext.asyncio"
    _spec = find_spec(_PACKAGE)
    _begun = _PACKAGE in sys.modules
    if not _begun:
        sys.modules[_PACKAGE] = module_from_spec(_spec)  # there, and not executed
    try:
        _engine = importlib.import_module(f"{_PACKAGE}.engine")
    finally:
        if not _begun:
            del sys.modules[_PACKAGE]
    AsyncConnection, AsyncEngine = _engine.AsyncConnection, _engine.AsyncEngine
    create_async_engine = _engine.create_async_engine

__all__ = ["AsyncConnection", "AsyncEngine", "create_async_engine"]
