"""What finding works on: the layers of one workspace as one principal may see them."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from geoapp.access.policy import Principal, decide, require
from geoapp.access.scope import is_bound
from geoapp.catalog.city import City, UnitName
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.library import Library
from geoapp.catalog.snapshot import Snapshot, SnapshotStore
from geoapp.finding.rows import RowReader
from geoapp.finding.shapes import LayerShapes
from geoapp.finding.territory import Shown, TerritoryShelf
from geoapp.i18n import Lang
from geoapp.overlay.measured import MeasuredLayer

_MOST_LAYERS: Final = 32
MeasureLayer = Callable[[Snapshot], MeasuredLayer]


@dataclass
class Ground:
    """The services below, and what is kept open of them.

    Attributes:
        measure: Opens a snapshot in the measure plane.
        unit_names: Gives names and codes of the city's units.
        name_unit: Names a unit by its code in a language.
    """

    city: City
    library: Library
    store: SnapshotStore
    principal: Principal
    measure: MeasureLayer
    unit_names: Callable[[], Sequence[UnitName]]
    name_unit: Callable[[str, Lang], str]
    rows: RowReader = field(default_factory=RowReader)
    territories: TerritoryShelf = field(default_factory=TerritoryShelf)
    _shapes: OrderedDict[tuple[str, str], LayerShapes] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def acting_as(self, principal: Principal) -> "Ground":
        """Give the same ground for another principal; what is kept open is shared."""
        return replace(self, principal=principal)

    def choose(self, wanted: Sequence[str]) -> list[LayerDefinition]:
        """Give the named layers, by default all that the principal may see.

        Raises:
            NotFoundError: There is no such layer.
            AccessError: The principal may not see one that is named.
        """
        if not wanted:
            return [d for d in self.library if decide(self.principal, "view", d).allowed]
        definitions = [self.library.require(name) for name in dict.fromkeys(wanted)]
        for definition in definitions:
            require(self.principal, "view", definition)
        return definitions

    def shown(self, definition: LayerDefinition, snapshot: Snapshot) -> Shown | None:
        """Give the rows of a snapshot that the principal may see; ``None``: all."""
        if not is_bound(self.principal, definition):
            return None
        return self.territories.shown(self, definition, snapshot)

    def shapes(self, definition: LayerDefinition, snapshot: Snapshot) -> LayerShapes:
        """Open the shapes of a snapshot; the latest ones stay open."""
        key = (snapshot.layer, snapshot.name)
        with self._lock:
            if key not in self._shapes:
                measured = self.measure(snapshot)
                self._shapes[key] = LayerShapes(definition, snapshot, measured, self.city.crs)
            self._shapes.move_to_end(key)
            while len(self._shapes) > _MOST_LAYERS:
                self._shapes.popitem(last=False)
            return self._shapes[key]
