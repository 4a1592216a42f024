"""The register of cases as a layer of the map: a snapshot of what stands in it now."""

from decimal import Decimal
from typing import Any

import geopandas as gpd
import shapely

from geoapp.access.policy import require
from geoapp.bootstrap.case_papers import CasePapers
from geoapp.cases.case import Case
from geoapp.cases.progress import LAYER
from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance, Snapshot
from geoapp.errors import NotFoundError
from geoapp.geometry.crs import GEOGRAPHIC
from geoapp.values import Progress, no_progress

_IMPORTER = "geoapp.cases/1"


class CaseLayer(CasePapers):
    """Publishes the register."""

    def publish_cases(self, progress: Progress = no_progress) -> Snapshot:
        """Publish all cases of the register as a new snapshot of the demolition layer.

        Map and statistics of the layer show the cases as they stood at that moment; the
        register goes on.

        Raises:
            NotFoundError: There are no cases.
            AccessError: The principal may not publish, or sees only the cases of a unit.
        """
        definition = self.library.require(LAYER)
        require(self.principal, "publish", definition)
        cases = self.cases.register.select_all().cases
        if not cases:
            raise NotFoundError("cases-none")
        modes = self.cases.progress.last_modes()
        frame = gpd.GeoDataFrame(
            [self._to_row(case, modes.get(case.id, "")) for case in cases],
            geometry=shapely.from_wkb([case.footprint_wkb for case in cases]),
            crs=GEOGRAPHIC,
        )
        before = self.store.find_current(LAYER)
        # How well the offices have entered their cases is for them to say: as it was stated.
        stated = before.manifest.coverage if before else {}
        provenance = Provenance(
            as_of=self.cases.office.today,
            source=Source(note="source.register"),
            sample=self.city.sample,
            coverage={code: stated.get(code, "partial") for code in self._districts()},
            importer=_IMPORTER,
        )
        return self.store.publish(definition, frame, provenance, self.principal.name, progress)

    def _to_row(self, case: Case, mode: str) -> dict[str, Any]:
        registered, done = case.registered, case.demolished
        village = case.units.finest
        return {
            "case_no": case.case_no,
            "status": case.stage,
            "mode": mode,
            "owner_kind": case.owner_kind,
            "cause": case.cause,
            "households": registered.households,
            "floor_area_m2": _number(registered.floor_area_m2),
            "land_area_m2": float(registered.land_area_m2),
            "demolished_households": done.households,
            "demolished_floor_area_m2": float(done.floor_area_m2),
            "demolished_land_area_m2": float(done.land_area_m2),
            "zldwdm": village,
            "zldwmc": self._name_chinese(village) if village else "",
            "bz": case.note,
            "found_on": case.found_on.isoformat(),
            "demolished_on": case.demolished_on.isoformat() if case.demolished_on else "",
        }


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
