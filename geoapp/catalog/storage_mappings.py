"""The register's table of field mappings: how a kind of file was read the last time."""

from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from geoapp.database.engine import METADATA, reading, writing

IMPORT_MAPPING: Final = sa.Table(
    "import_mapping",
    METADATA,
    sa.Column("layer", sa.String(64), primary_key=True),
    sa.Column("signature", sa.String(64), primary_key=True),
    sa.Column("mapping", sa.JSON, nullable=False),
    sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("saved_by", sa.String(128), nullable=False),
)


class MappingTable:
    """Which field of a file a person took for which field of a layer, by the file's fields."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def find(self, layer: str, signature: str) -> dict[str, str]:
        """Find the mapping last used for such files; empty when there is none."""
        query = sa.select(IMPORT_MAPPING.c.mapping).where(_is(layer, signature))
        with reading(self._engine) as connection:
            found = connection.execute(query).scalar_one_or_none()
        return {str(name): str(target) for name, target in (found or {}).items()}

    def save(self, layer: str, signature: str, mapping: dict[str, str], actor: str) -> None:
        """Remember a mapping instead of the last one."""
        values = {"mapping": mapping, "saved_at": datetime.now(UTC), "saved_by": actor}
        with writing(self._engine) as connection:
            changed = connection.execute(
                sa.update(IMPORT_MAPPING).where(_is(layer, signature)).values(values)
            )
            if changed.rowcount == 0:
                key = {"layer": layer, "signature": signature}
                connection.execute(sa.insert(IMPORT_MAPPING).values(key | values))


def _is(layer: str, signature: str) -> sa.ColumnElement[bool]:
    return (IMPORT_MAPPING.c.layer == layer) & (IMPORT_MAPPING.c.signature == signature)
