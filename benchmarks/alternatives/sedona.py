"""SedonaDB: the single-machine engine of Apache Sedona, everything in memory.

It prepares the large side of a join by itself, so parcels are tested against whole zones;
of three sizes of part that was the fastest. What no zone covers is intersected with fine parts.
"""

from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import sedonadb

from alternatives import Areas, Task
from alternatives.features import FINE, Labelled, cut_up, read_zones, to_areas, to_table

_PARCELS: Final = "SELECT row, class, ST_GeomFromWKB(geometry) AS geometry FROM wkb"
_ZONES: Final = "SELECT code, ST_GeomFromWKB(geometry) AS geometry FROM wkb"

_WHOLE: Final = """
SELECT parcels.row, zones.code, parcels.class, ST_Area(parcels.geometry) AS area_m2
FROM parcels JOIN zones ON ST_CoveredBy(parcels.geometry, zones.geometry)
"""

_SUMS: Final = """
SELECT code, class, sum(area_m2)
FROM (
  SELECT code, class, area_m2 FROM whole
  UNION ALL
  SELECT fine.code, rest.class, ST_Area(ST_Intersection(rest.geometry, fine.geometry)) AS area_m2
  FROM (SELECT * FROM parcels LEFT ANTI JOIN whole ON parcels.row = whole.row) AS rest
  JOIN fine ON ST_Intersects(rest.geometry, fine.geometry)
) AS pieces
GROUP BY code, class
"""


def prepare(task: Task, _folder: Path) -> Any:
    """Load both layers."""
    state = sedonadb.connect()
    state.sql("SET sedona.spatial_join.execution_mode = 'prepare_build'").execute()
    state.read_parquet(str(task.parcels)).to_view("wkb")
    state.sql(_PARCELS).to_memtable().to_view("parcels")
    zones = read_zones(task)
    _keep(state, "zones", zones)
    _keep(state, "fine", cut_up(zones, FINE))
    return state


def answer(state: Any) -> Areas:
    """Ask in two steps: an engine without tables keeps the first one's rows in memory."""
    state.sql(_WHOLE).to_memtable().to_view("whole", overwrite=True)
    table = pa.table(state.sql(_SUMS))
    return to_areas(zip(*(column.to_pylist() for column in table.columns), strict=True))


answer_three = answer


def close(state: Any) -> None:
    """Forget the tables."""
    for name in ("parcels", "zones", "fine"):
        state.drop_view(name)


def _keep(state: Any, name: str, zones: Labelled) -> None:
    state.create_data_frame(to_table(zones)).to_view("wkb", overwrite=True)
    state.sql(_ZONES).to_memtable().to_view(name)
