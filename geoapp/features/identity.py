"""The ids of features: the key of the layer, and a row number where that says too little."""

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.snapshot import Snapshot
from geoapp.finding.keys import KeyShelf

_ROW: Final = re.compile(r"(.*)@(\d{1,9})", re.ASCII | re.DOTALL)
_MOST: Final = 32


@dataclass(frozen=True, slots=True)
class _Ambiguous:
    """Rows whose key is empty or is another's key too, rising."""

    rows: NDArray[np.int64]

    def __contains__(self, row: int) -> bool:
        place = int(np.searchsorted(self.rows, row))
        return place < len(self.rows) and int(self.rows[place]) == row


class Identities:
    """Gives ids to features and finds features by them.

    An id is the key as it is stored. Where a key is empty, stands twice, or itself ends like
    that, ``@`` and the row number follow, which hold for one snapshot only.
    """

    def __init__(self, keys: KeyShelf) -> None:
        self._keys = keys
        self._lock = threading.Lock()
        self._ambiguous: OrderedDict[str, _Ambiguous] = OrderedDict()

    def name(self, snapshot: Snapshot, definition: LayerDefinition, row: int, key: object) -> str:
        """Give the id of a feature."""
        written = "" if key is None else str(key)
        unsure = row in self._find(snapshot, definition) or _ROW.fullmatch(written)
        return f"{written}@{row}" if unsure else written

    def find(self, snapshot: Snapshot, definition: LayerDefinition, written: str) -> list[int]:
        """List the rows that may have an id; whoever asks compares it with ``name``."""
        index = self._keys.index(snapshot, definition, definition.key, None)
        hits = index.find(written, 2, prefix=False) if index else []
        rows = [hit.row for hit in hits]
        numbered = _ROW.fullmatch(written)
        if numbered and int(numbered[2]) < snapshot.manifest.feature_count:
            rows.append(int(numbered[2]))
        return rows

    def _find(self, snapshot: Snapshot, definition: LayerDefinition) -> _Ambiguous:
        with self._lock:
            known = self._ambiguous.get(str(snapshot.folder))
        if known is None:
            index = self._keys.index(snapshot, definition, definition.key, None)
            count = snapshot.manifest.feature_count
            known = _Ambiguous(index.ambiguous_rows(count) if index else np.arange(count))
        with self._lock:
            self._ambiguous[str(snapshot.folder)] = known
            while len(self._ambiguous) > _MOST:
                self._ambiguous.popitem(last=False)
        return known
