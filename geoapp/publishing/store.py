"""The snapshots as the public has them: no other can be reached through it."""

import logging
import tempfile
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.library import Library
from geoapp.catalog.snapshot import MANIFEST, Snapshot, SnapshotStore
from geoapp.catalog.storage import SnapshotEntry
from geoapp.errors import FileError, NotFoundError
from geoapp.publishing.form import (
    build_form,
    edition,
    find_form,
    form_folder,
    has_public_form,
)

_LOG: Final = logging.getLogger("geoapp.publishing")


class PublicForms:
    """Gives the public form of any snapshot, making it when it is first asked for."""

    def __init__(self, stored: SnapshotStore, library: Library, gauss: str) -> None:
        self._stored = stored
        self._library = {definition.id: definition for definition in library}
        self._gauss = gauss
        self._lock = threading.Lock()
        self._known: dict[tuple[Path, str], Snapshot] = {}
        self._passing: list[tempfile.TemporaryDirectory[str]] = []

    def find(self, snapshot: Snapshot) -> Snapshot | None:
        """Give the public form of a snapshot; ``None`` where the public gets no features.

        Raises:
            FileError: It cannot be written anywhere.
        """
        definition = self._library.get(snapshot.layer)
        if definition is None or not has_public_form(definition):
            return None
        key = (snapshot.folder, edition(definition, snapshot))
        with self._lock:
            known = self._known.get(key)
            if known is None or not (known.folder / MANIFEST).is_file():  # thrown away meanwhile
                known = find_form(definition, snapshot) or self._build(definition, snapshot)
                self._known[key] = known
            return known

    def forget(self, snapshot: Snapshot) -> None:
        """Let go of what is known of a snapshot, because what was derived of it is gone."""
        with self._lock:
            for key in [key for key in self._known if key[0] == snapshot.folder]:
                del self._known[key]

    def _build(self, definition: LayerDefinition, snapshot: Snapshot) -> Snapshot:
        folder = form_folder(definition, snapshot)
        write = self._stored.write
        try:
            return build_form(definition, snapshot, self._gauss, write, folder)
        except (OSError, FileError) as error:
            _LOG.warning("the public form of %s is not kept: %s", snapshot.name, error)
        passing = tempfile.TemporaryDirectory(prefix="public-", ignore_cleanup_errors=True)
        self._passing.append(passing)  # lasts as long as the process
        place = Path(passing.name) / folder.name
        return build_form(definition, snapshot, self._gauss, write, place)


class PublicStore(SnapshotStore):
    """What the store of snapshots is for the public: the same questions, coarser answers.

    Everything that reads a layer gets it from a store, so whoever acts as the public cannot
    reach a stored feature, by whatever service. It takes nothing in.
    """

    def __init__(self, stored: SnapshotStore, find_form: Callable[[Snapshot], Snapshot | None]) -> None:  # fmt: skip
        """Answer from the public forms of the snapshots of a store.

        Args:
            stored: The store; it is only asked which snapshots there are.
            find_form: Gives the public form of one.
        """
        # Not the constructor of the store: there is no folder here to open anything from.
        self._stored = stored
        self._find_form = find_form

    def find_current(self, layer: str, as_of: date | None = None) -> Snapshot | None:
        """Find the public form of what is current, or was in force on a day."""
        snapshot = self._stored.find_current(layer, as_of)
        return None if snapshot is None else self._find_form(snapshot)

    def current(self) -> dict[str, Snapshot]:
        """Map every layer of which the public gets features to their public form."""
        forms = {layer: self._find_form(s) for layer, s in self._stored.current().items()}
        return {layer: form for layer, form in forms.items() if form is not None}

    def require_named(self, layer: str, name: str) -> Snapshot:
        """Give the current form by its name; past ones are none of the public's.

        Raises:
            NotFoundError: The layer has none of that name.
        """
        form = self.find_current(layer)
        if form is None or form.name != name:
            offered = form.name if form else "-"
            raise NotFoundError("snapshot-unknown", layer=layer, snapshot=name, offered=offered)
        return form

    def names(self, layer: str) -> list[str]:
        """List the one name that the public knows."""
        form = self.find_current(layer)
        return [form.name] if form else []

    def entries(self, layer: str = "") -> list[SnapshotEntry]:  # noqa: ARG002
        """List nothing: who published what and when is not for the public."""
        return []
