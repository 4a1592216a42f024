"""The directory of places, the same for everybody."""

import numpy as np
import shapely

from geoapp.bootstrap.core import Core
from geoapp.publishing.directory import PLACE_LAYERS, Place, read_places


class Directory(Core):
    """Hamlets, scenic areas and what else people look for by name."""

    _kept_places: tuple[tuple[str, ...], tuple[Place, ...]] = ((), ())

    def places(self) -> tuple[Place, ...]:
        """List the named places of the layers that the public sees, by layer, unit and name.

        All of it comes from the public forms, whoever asks.
        """
        current = self._stored.current()
        wanted = [layer for layer in PLACE_LAYERS if layer in current]
        forms = {layer: self._forms.find(current[layer]) for layer in wanted}
        state = tuple(form.name for form in forms.values() if form)
        if self._kept_places[0] != state:
            found = [
                place
                for layer, form in forms.items()
                if form is not None
                for place in read_places(self.library.require(layer), form, self._locate_public)
            ]
            found.sort(key=lambda p: (PLACE_LAYERS.index(p.layer), p.township, p.name))
            self._kept_places = (state, tuple(found))
        return self._kept_places[1]

    def _locate_public(self, points: np.ndarray) -> list[str]:
        """Find the township of positions, else the district, in the public outlines."""
        codes = np.full(len(points), "", dtype=object)
        marks = shapely.points(points)
        for level in ("district", "township"):
            snapshot = self._stored.find_current(level)
            form = self._forms.find(snapshot) if snapshot else None
            if form is None:
                continue
            units = form.read([self.library.require(level).key])
            mark, unit = shapely.STRtree(np.asarray(units.geometry)).query(marks, "intersects")
            codes[mark] = units.iloc[:, 0].astype(str).to_numpy()[unit]
        return [str(code) for code in codes]
