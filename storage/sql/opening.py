"""A citizen's file, for an officer who may see it."""

from __future__ import annotations

from sqlalchemy import select

from storage.records import Attachment, Missing
from storage.seal import Sealed
from storage.sql.db import Db
from storage.sql.ids import plain
from storage.sql.reading import attachment, find
from storage.sql.sight import sees_attachment
from storage.sql.tables import attachments


async def open_file(db: Db, agency: str, key: str, id: str) -> tuple[Attachment, bytes]:
    """The file and its content. Raises Missing if the agency has no such file, or it is not (or no longer) here;
    OSError if its store cannot be had now.
    """
    async with db.read() as connection:
        case = await find(connection, agency, key)
        mine = (attachments.c.id == plain(id, 64), attachments.c.case_id == case["id"], attachments.c.state == "stored")
        row = (await connection.execute(select(attachments).where(*mine, sees_attachment(agency)))).mappings().first()
    if row is None:
        raise Missing("no such file")
    try:
        return attachment(db, row), await db.files.get(id)
    except (FileNotFoundError, Sealed):
        raise Missing("the file cannot be opened") from None
