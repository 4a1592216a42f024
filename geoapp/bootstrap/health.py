"""How a city and its machine are doing."""

from geoapp.access.policy import require
from geoapp.bootstrap.imports import Imports
from geoapp.bootstrap.keeping import Keeping
from geoapp.keeping.health import (
    Health,
    LayerHealth,
    read_disk,
    read_memory_bytes,
    read_versions,
)


class HealthFigures(Keeping, Imports):
    """Figures that administrators watch."""

    def health(self) -> Health:
        """Tell ages and sizes of layers, room, memory, versions, and what waits.

        Raises:
            AccessError: The principal may not administer.
        """
        require(self.principal, "administer")
        current, entries = self.store.current(), self.store.entries()
        layers = []
        for definition in self.library:
            own = [entry for entry in entries if entry.layer == definition.id]
            snapshot = current.get(definition.id)
            layers.append(
                LayerHealth(
                    definition.id,
                    snapshot.manifest.as_of if snapshot else None,
                    snapshot.manifest.feature_count if snapshot else 0,
                    len(own),
                    sum(self.store.size_bytes(entry.layer, entry.name) for entry in own),
                )
            )
        waiting = self.staged_imports()
        free, total = read_disk(self.folder)
        return Health(
            layers=tuple(layers),
            disk_free_bytes=free,
            disk_bytes=total,
            memory_bytes=read_memory_bytes(),
            database=self._engine.dialect.name,
            waiting=len(waiting),
            refused=sum(not staged.publishable for staged in waiting),
            versions=read_versions(),
        )
