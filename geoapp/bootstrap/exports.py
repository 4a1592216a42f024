"""How data leaves a city as files."""

from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geoapp.access.policy import decide, require
from geoapp.access.scope import require_own_unit
from geoapp.bootstrap.core import Core
from geoapp.catalog.snapshot import Snapshot
from geoapp.errors import AccessError, NotFoundError
from geoapp.exporters.limiting import find_within
from geoapp.exporters.report import ExportReport
from geoapp.exporters.request import AUTO, Encoding, ExportRequest, Origin, read_format
from geoapp.exporters.writing import write_features
from geoapp.i18n import Lang, text
from geoapp.values import Progress, no_progress, part_of

_TOWNSHIP_DIGITS: Final = 9


class Exports(Core):
    """Layers written to the files that offices hand on."""

    def export(
        self,
        layer: str,
        path: Path | str,
        *,
        within: str = "",
        version: date | str | None = None,
        format: str = AUTO,  # noqa: A002  the word that people know
        crs: str = AUTO,
        official_names: bool = False,
        encoding: Encoding = "gbk",
        lang: Lang = "zh",
        progress: Progress = no_progress,
    ) -> ExportReport:
        """Write the features of a layer to a file; see ``exporters.writing``.

        Args:
            layer: The layer.
            path: The file; replaced when the new one is whole.
            within: Code of a unit: only features that share ground with it, each of them
                whole; the report says how many reach beyond.
            version: Name of a snapshot, current or past, or the day on which it was in force;
                by default the current one.
            format: One of ``exporters.request.FORMATS``; by default told by the suffix.
            crs: One of the systems that the format offers; by default the usual one.
            official_names: Under the field names of the official databases.
            encoding: Of the texts of a shapefile.
            lang: Language of headings and notes.
            progress: Told how far it is.

        Raises:
            AccessError: The principal may not export the layer, not all of it, or not there.
            NotFoundError: There is no such layer, snapshot or unit, or nothing in the unit.
            ChoiceError: The format or system is not offered.
            FileError: The file cannot be written, or the format cannot hold so much.
        """
        definition = self.library.require(layer)
        for action in ("view", "export"):
            require(self.principal, action, definition)
        whole = decide(self.principal, "export_whole", definition).allowed
        if not whole and len(within) < _TOWNSHIP_DIGITS:
            role = f"@access.role_{self.principal.role}"
            raise AccessError("export-whole-refused", layer=definition.title, role=role)
        require_own_unit(self.principal, within)
        target = Path(path)
        form = read_format(format, target)
        day = version if isinstance(version, date) else None
        named = version if isinstance(version, str) else ""
        chosen = self.snapshot(layer, as_of=day, named=named)
        progress("export.preparing", 0.0)
        frame = chosen.read()
        reaching = 0
        if within and within != self.city.code:
            shapes = np.asarray(frame.geometry, dtype=object)
            unit = self._outline(within)
            rows, reaching = find_within(shapes, definition.geometry, unit, self.city.crs)
            frame = frame.iloc[rows].reset_index(drop=True)
            if not len(frame):
                raise NotFoundError("export-nothing-there", layer=definition.title, unit=within)
        report = write_features(
            frame,
            definition,
            target,
            ExportRequest(form, lang, crs, official_names, encoding),
            self._origin(chosen, within, reaching, lang),
            part_of(progress, 0.2, 1.0),
        )
        self.record(
            "export",
            f"{layer}/{chosen.name}",
            file=target.name,
            count=report.feature_count,
            within=within,
        )
        return report.of(chosen.name, within, reaching)

    def _outline(self, code: str) -> shapely.Geometry:
        unit = next((name for name in self.unit_names if name.code == code), None)
        snapshot = self.store.find_current(unit.level) if unit else None
        if unit is None or snapshot is None:
            raise NotFoundError("unit-unknown", unit=code)
        units = snapshot.read([self.library.require(unit.level).key])
        found = units[units.iloc[:, 0].astype(str) == code]
        if not len(found):
            raise NotFoundError("unit-unknown", unit=code)
        return shapely.union_all(np.asarray(found.geometry, dtype=object))

    def _origin(self, snapshot: Snapshot, within: str, reaching: int, lang: Lang) -> Origin:
        manifest = snapshot.manifest
        source = manifest.source
        words = {
            "snapshot": snapshot.name,
            "as_of": manifest.as_of.isoformat(),
            "source": text(lang, source.note) if source.note else source.file,
            "within": f"{self.name_unit(within or self.city.code, lang)} {within}".strip(),
            "reaching": text(lang, "export.reaching_out", count=reaching) if reaching else "",
        }
        return Origin(
            city=self.city.name,
            zone=self.city.zone,
            sample=manifest.sample or self.city.sample,
            statements=tuple(
                (text(lang, f"export.note_{key}"), word) for key, word in words.items() if word
            ),
            actor=self.principal.name,
            day=date.today().isoformat(),  # noqa: DTZ011  an office's calendar day
        )
