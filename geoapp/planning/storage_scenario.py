"""Scenarios in the register."""

import json
from datetime import UTC
from typing import Any, Final

import shapely
import sqlalchemy as sa

from geoapp.database.engine import METADATA, reading, writing
from geoapp.overlay.what_if_result import Existing
from geoapp.planning.scenario import Scenario

SCENARIO: Final = sa.Table(
    "planning_scenario",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("geometry", sa.LargeBinary, nullable=False),
    sa.Column("layer", sa.String(64), nullable=False),
    sa.Column("feature", sa.String(200), nullable=False),
    sa.Column("area_m2", sa.Float(53), nullable=False),
    sa.Column("figures", sa.Text, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("made_by", sa.String(128), nullable=False),
    sa.UniqueConstraint("name", "version"),
)


class ScenarioTable:
    """Adds, reads and removes scenarios."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def add(self, row: dict[str, Any]) -> Scenario:
        """Add the next version of a name; everything but id and version is given."""
        with writing(self._engine) as connection:
            last = connection.scalar(sa.select(sa.func.max(SCENARIO.c.id))) or 0
            mine = SCENARIO.c.name == row["name"]
            version = connection.scalar(sa.select(sa.func.max(SCENARIO.c.version)).where(mine)) or 0
            whole = {"id": int(last) + 1, "version": int(version) + 1, **row}
            connection.execute(sa.insert(SCENARIO).values(whole))
        return _to_scenario(whole)

    def read(self) -> list[Scenario]:
        """Read all versions of all scenarios, by name, newest first."""
        query = sa.select(SCENARIO).order_by(SCENARIO.c.name, SCENARIO.c.version.desc())
        with reading(self._engine) as connection:
            return [_to_scenario(dict(row)) for row in connection.execute(query).mappings()]

    def find(self, name: str, version: int | None = None) -> Scenario | None:
        """Find a version of a scenario, by default the newest."""
        query = sa.select(SCENARIO).where(SCENARIO.c.name == name)
        if version is not None:
            query = query.where(SCENARIO.c.version == version)
        with reading(self._engine) as connection:
            row = connection.execute(query.order_by(SCENARIO.c.version.desc())).mappings().first()
        return _to_scenario(dict(row)) if row else None

    def remove(self, name: str) -> int:
        """Remove all versions of a name; gives how many there were."""
        with writing(self._engine) as connection:
            return connection.execute(sa.delete(SCENARIO).where(SCENARIO.c.name == name)).rowcount


def _to_scenario(row: dict[str, Any]) -> Scenario:
    made_at = row["made_at"]
    if made_at.tzinfo is None:  # SQLite keeps no zone; all moments are UTC
        made_at = made_at.replace(tzinfo=UTC)
    return Scenario(
        row["id"],
        row["name"],
        row["version"],
        row["note"],
        shapely.from_wkb(bytes(row["geometry"])),
        Existing(row["layer"], row["feature"]) if row["layer"] else None,
        row["area_m2"],
        json.loads(row["figures"]),
        made_at,
        row["made_by"],
    )
