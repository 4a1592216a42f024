"""The workspace that is examined, opened without changing anything in it."""

from dataclasses import dataclass
from pathlib import Path

from geoapp.catalog.library import Library
from geoapp.catalog.snapshot import Snapshot
from geoapp.keeping.contents import LAYERS
from geoapp.keeping.storage_facts import Engine


@dataclass(frozen=True, slots=True)
class Patient:
    """A workspace as the doctor sees it.

    Attributes:
        engine: Its register, of the schema that this version needs.
        digests: Recorded snapshots, as layer and name → hash of their features.
    """

    folder: Path
    library: Library
    engine: Engine
    digests: dict[tuple[str, str], str]

    def snapshot(self, layer: str, name: str) -> Snapshot:
        """Name a snapshot in its place."""
        return Snapshot(layer, name, self.folder / LAYERS / layer / name)
