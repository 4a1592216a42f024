"""Responsible people in the register."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final, cast

import sqlalchemy as sa

from geoapp.database.engine import METADATA, reading, writing
from geoapp.planning.contact import Contact, Theme

CONTACT: Final = sa.Table(
    "responsible_contact",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("theme", sa.String(16), nullable=False),
    sa.Column("unit", sa.String(12), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("office", sa.String(200), nullable=False),
    sa.Column("phone", sa.String(40), nullable=False),
    sa.Column("section", sa.String(200), nullable=False),
    sa.Column("note", sa.String(400), nullable=False),
    sa.Index("ix_responsible_contact_unit", "unit", "theme"),
)
_COLUMNS: Final = ("theme", "unit", "name", "office", "phone", "section", "note")


class ContactTable:
    """Reads and replaces responsible people."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def read(self) -> list[Contact]:
        """Read all of them."""
        query = sa.select(*(CONTACT.c[name] for name in _COLUMNS)).order_by(CONTACT.c.id)
        with reading(self._engine) as connection:
            return [_to_contact(row) for row in connection.execute(query)]

    def replace(self, contacts: Sequence[Contact]) -> int:
        """Put people in the place of all who had one of their themes in one of their units.

        Returns:
            How many were there before.
        """
        pairs = sorted({(one.theme, one.unit) for one in contacts})
        with writing(self._engine) as connection:
            gone = 0
            for theme, unit in pairs:
                here = (CONTACT.c.theme == theme) & (CONTACT.c.unit == unit)
                gone += connection.execute(sa.delete(CONTACT).where(here)).rowcount
            last = int(connection.scalar(sa.select(sa.func.max(CONTACT.c.id))) or 0)
            rows = [{"id": last + n, **asdict(one)} for n, one in enumerate(contacts, start=1)]
            if rows:
                connection.execute(sa.insert(CONTACT), rows)
        return gone

    def remove(self, theme: Theme, unit: str) -> int:
        """Remove those who have a theme in a unit; gives how many there were."""
        here = (CONTACT.c.theme == theme) & (CONTACT.c.unit == unit)
        with writing(self._engine) as connection:
            return connection.execute(sa.delete(CONTACT).where(here)).rowcount


def _to_contact(row: sa.Row[Any]) -> Contact:
    values = [str(value) for value in row]
    return Contact(cast("Theme", values[0]), *values[1:])
