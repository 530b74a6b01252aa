"""Who works at the desk and what they did: recovery codes, tries to sign in, the audit chain."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table

from storage.sql.columns import Moment, metadata

_Number = BigInteger().with_variant(Integer, "sqlite")

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("code", String(64), primary_key=True),  # SHA-256 of the officer's id and the code
    Column("officer_id", ForeignKey("officers.id"), nullable=False, index=True),
    Column("used_at", Moment, nullable=True),
)

signin_tries = Table(
    "signin_tries",
    metadata,
    Column("login", String(64), primary_key=True),  # keyed hash of a login, maybe a mistyped password; or of a failure
    Column("since", Moment, nullable=False, index=True),
    Column("n", Integer, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("n", _Number, primary_key=True, autoincrement=False),  # 1, 2, … without a gap
    Column("at", Moment, nullable=False),
    Column("agency", String(64), nullable=False),  # whose administrators read it; empty: nobody's
    Column("who", String(80), nullable=False),  # an officer's id, key:<id>, operator; empty: nobody we know
    Column("act", String(32), nullable=False),
    Column("subject", String(64), nullable=False),  # the id of the case or officer it was done to
    Column("detail", String(200), nullable=False),  # codes and ids; never what a person said or is called
    Column("hash", String(64), nullable=False),  # keyed, over the hash before and all other columns
    Index("ix_audit_agency", "agency", "n"),
    Index("ix_audit_who", "agency", "who", "n"),
    Index("ix_audit_subject", "agency", "subject", "n"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1: also what a writer of the chain locks
    Column("n", _Number, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("mark", String(64), nullable=False),  # keyed, over n and hash: rows cut off the end are missed
)
