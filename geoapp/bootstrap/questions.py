"""What can be asked of a city."""

from collections.abc import Mapping, Sequence
from datetime import date

import shapely

from geoapp.access.policy import decide, require
from geoapp.access.scope import require_figures
from geoapp.bootstrap.core import Core
from geoapp.finding.territory import require_own_ground, require_own_shape
from geoapp.overlay.change_result import ChangeRequest, ChangeResult
from geoapp.overlay.result import Level, StatsRequest, StatsResult
from geoapp.overlay.what_if import UNIT_LEVELS
from geoapp.overlay.what_if_result import Earlier, Existing, WhatIfResult
from geoapp.values import Progress, no_progress


class Questions(Core):
    """Statistics of a city's layers."""

    def stats(
        self,
        layer: str,
        *,
        by: Level = "district",
        class_field: str = "",
        inside: str = "",
        within: str = "",
        as_of: date | None = None,
    ) -> StatsResult:
        """Measure a layer by units and classes; see ``StatsRequest``.

        Raises:
            NotFoundError: A layer, unit or snapshot does not exist.
            ChoiceError: The level or class field is not offered.
            AccessError: The principal may not see a layer, or figures so fine.
            InvariantError: The table does not close.
        """
        asked = [self.library.require(name) for name in filter(None, (layer, inside))]
        for definition in asked:
            require(self.principal, "view", definition)
        require_figures(self.principal, asked, by, within)
        return self._tabulator.tabulate(
            StatsRequest(layer, by, class_field, inside, within, as_of.isoformat() if as_of else "")
        )

    def what_if(
        self,
        geometry: shapely.Geometry,
        *,
        layers: Sequence[str] | None = None,
        class_fields: Mapping[str, str] | None = None,
        replaces: Existing | Earlier | None = None,
    ) -> WhatIfResult:
        """Measure every layer inside of a polygon, or what moving a boundary to it changes.

        Args:
            geometry: Polygon or multipolygon, EPSG:4490 degrees; it is not repaired.
            layers: Layers to measure; by default all that the principal may see but units,
                by which the polygon is split anyway.
            class_fields: Class field by layer, ``""`` for none; by default the layer's own.
            replaces: The feature, or the earlier drawing, whose new boundary the polygon is.

        Raises:
            GeometryError: The polygon cannot be measured.
            CrsError: It lies outside the city.
            NotFoundError: A layer or the feature does not exist.
            ChoiceError: A class field is not offered.
            AccessError: The principal may not see a layer that is named, or the polygon lies
                outside of the unit that the principal is bound to.
        """
        seen = [d for d in self.library if decide(self.principal, "view", d).allowed]
        asked = [definition for definition in seen if definition.id not in UNIT_LEVELS]
        if layers is not None:
            asked = [self.library.require(name) for name in dict.fromkeys(layers)]
        for definition in asked:
            require(self.principal, "view", definition)
        require_own_ground(self._ground, geometry, asked)
        # What a moved boundary gives up is told, too; so that ground has to be the own one.
        if isinstance(replaces, Earlier):
            require_own_ground(self._ground, replaces.geometry, asked)
        elif replaces is not None:
            moved = self.library.require(replaces.layer)
            require(self.principal, "view", moved)
            require_own_shape(self._ground, self._what_if.find_shape(replaces), [*asked, moved])
        levels = [level for level in UNIT_LEVELS if level in {d.id for d in seen}]
        return self._what_if.ask(geometry, asked, levels, class_fields or {}, replaces)

    def change(
        self,
        layer: str,
        *,
        before: date | str,
        after: date | str | None = None,
        by: Level = "district",
        class_field: str = "",
        within: str = "",
        progress: Progress = no_progress,
    ) -> ChangeResult:
        """Compare two snapshots of a layer by units and classes; see ``ChangeRequest``.

        Raises:
            NotFoundError: A layer, unit or snapshot does not exist.
            ChoiceError: The level or class field is not offered, or the snapshots are one.
            AccessError: The principal may not see the layer, or figures so fine.
            InvariantError: The matrix does not close.
        """
        definition = self.library.require(layer)
        require(self.principal, "view", definition)
        require_figures(self.principal, [definition], by, within)
        request = ChangeRequest(layer, before, after, by, class_field, within)
        return self._comparer.compare(request, progress)
