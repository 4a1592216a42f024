"""Documents of checks: sheet, workbook, pieces."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, get_args

import numpy as np
import shapely

from geoapp.access.policy import decide, require
from geoapp.bootstrap.core import Core
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.feature import read_feature
from geoapp.catalog.snapshot import Snapshot
from geoapp.compliance.request import Parcel
from geoapp.compliance.result import CheckResult, ParcelResult
from geoapp.compliance.stored import Override
from geoapp.errors import ChoiceError, GeometryError, NotFoundError
from geoapp.geometry.boundary_points import BoundaryPoint, number_boundary
from geoapp.geometry.measure import from_measure_plane
from geoapp.i18n import Lang
from geoapp.reports.check_batch import batch_tables
from geoapp.reports.check_content import CheckSetting, Used, word_check
from geoapp.reports.check_document import CheckDocument
from geoapp.reports.check_findings import Say
from geoapp.reports.check_pdf import set_check_pdf
from geoapp.reports.check_picture import (
    PARCEL,
    REMAINING,
    SHIFTED,
    DrawnShape,
    draw_check_picture,
)
from geoapp.reports.check_picture_typst import LEGEND_MM
from geoapp.reports.check_pictures import MAP_MM, CheckPictures, fits_beside, sketch_size
from geoapp.reports.check_pieces import write_batch_pieces, write_check_pieces
from geoapp.reports.check_sketch import draw_sketch
from geoapp.reports.check_word import find_template, write_check_word
from geoapp.reports.check_workbook import write_batch_workbook, write_check_workbook
from geoapp.reports.content import Table
from geoapp.reports.sheet_reading import LayerToDraw
from geoapp.reports.sheet_request import SheetLayer

CheckForm = Literal["docx", "pdf", "xlsx", "gpkg"]
BatchForm = Literal["xlsx", "gpkg"]
CHECK_FORMS: Final[tuple[CheckForm, ...]] = get_args(CheckForm)
_GROUND: Final = "landuse"  # shown faintly below all
_GROUND_OPACITY: Final = 0.35
_BORDERS: Final = ("township", "village")
_RASTER: Final = "raster:"


class CheckDocuments(Core):
    """What a check is handed on as."""

    def check_document(
        self,
        result: CheckResult,
        form: CheckForm,
        *,
        row: int = 0,
        lang: Lang = "zh",
        overrides: Sequence[Override] = (),
        now: datetime | None = None,
    ) -> bytes:
        """Write the sheet of one parcel (套合分析表).

        Args:
            result: The answer of the check.
            form: File format; ``gpkg``: the pieces.
            row: Place of the parcel in the answer, from 0.
            lang: Language.
            overrides: Conclusions beside the computed one, shown with it.
            now: Written on the sheet; by default the time of the call.

        Raises:
            ChoiceError: There is no such parcel.
            FileError: The workspace's own Word template is wrong.
            AccessError: The principal may not check parcels.
        """
        self.require_checks()
        parcel = _require_parcel(result, row)
        setting = self._check_setting(result, lang, overrides, now)
        rings = number_boundary(parcel.geometry, self.city.zone)
        sketch = draw_sketch(rings, self.city.zone, *sketch_size(rings))
        document = word_check(result, parcel, rings, sketch.names_left_out, setting)
        if form == "gpkg":
            return write_check_pieces(document, result, parcel, self._find_shape)
        if form == "xlsx":
            return write_check_workbook(document)
        shapes = _shapes(parcel, lang)
        layers = self._layers_around(result, parcel)
        size = (MAP_MM[0], MAP_MM[1] - LEGEND_MM)
        picture = draw_check_picture(shapes, layers, self.city, lang, size)
        pictures = CheckPictures(picture, sketch, lang, document.mark)
        return self._set(document, pictures, rings, setting.now, form)

    def batch_document(
        self,
        result: CheckResult,
        form: BatchForm,
        *,
        lang: Lang = "zh",
        now: datetime | None = None,
    ) -> bytes:
        """Write a check of many parcels, one row each.

        Raises:
            AccessError: The principal may not check parcels.
        """
        self.require_checks()
        setting = self._check_setting(result, lang, (), now)
        if form == "gpkg":
            return write_batch_pieces(result, setting)
        return write_batch_workbook(result, setting)

    def word_check(
        self,
        result: CheckResult,
        *,
        row: int = 0,
        lang: Lang = "zh",
        overrides: Sequence[Override] = (),
    ) -> CheckDocument:
        """Say what the sheet of one parcel says, without setting it.

        Raises:
            ChoiceError: There is no such parcel.
            AccessError: The principal may not check parcels.
        """
        self.require_checks()
        parcel = _require_parcel(result, row)
        rings = number_boundary(parcel.geometry, self.city.zone)
        setting = self._check_setting(result, lang, overrides, None)
        return word_check(result, parcel, rings, 0, setting)

    def batch_tables(self, result: CheckResult, lang: Lang = "zh") -> list[Table]:
        """Give the tables of a batch: parcels, rows that failed, overlaps, notes."""
        self.require_checks()
        return batch_tables(result, self._check_setting(result, lang, (), None))

    def find_parcel(self, layer: str, row: int, *, snapshot: str = "") -> Parcel:
        """Give a feature of a layer as a parcel to be checked.

        Args:
            layer: The layer, of polygons.
            row: Row in the snapshot, from 0.
            snapshot: Its name; by default the current one.

        Raises:
            NotFoundError: There is no such layer, snapshot or row.
            GeometryError: The layer has no areas.
            AccessError: The principal may not see the layer, or not check parcels.
        """
        self.require_checks()
        definition = self.library.require(layer)
        found = self.snapshot(layer, named=snapshot)
        if definition.geometry != "polygon":
            raise GeometryError("feature-without-area", layer=definition.title)
        own = self.shown_rows(found)
        if not 0 <= row < found.manifest.feature_count or (own is not None and row not in own):
            raise NotFoundError("row-unknown", layer=definition.title, row=row)
        feature = read_feature(found, row)
        return Parcel(
            geometry=feature.geometry,
            id=_word(feature.attributes.get(definition.key)),
            name=_word(feature.attributes.get(definition.name_field)),
        )

    @property
    def may_check(self) -> bool:
        """Whether the principal may check parcels."""
        return decide(self.principal, "check").allowed

    def require_checks(self) -> None:
        """Stop unless the principal may check parcels.

        Raises:
            AccessError: Not allowed.
        """
        require(self.principal, "check")

    def _set(
        self,
        document: CheckDocument,
        pictures: CheckPictures,
        rings: Sequence[Sequence[BoundaryPoint]],
        now: datetime,
        form: CheckForm,
    ) -> bytes:
        if form == "docx":
            template = find_template(self.folder, document.lang)
            return write_check_word(document, pictures, template)
        return set_check_pdf(document, pictures, now, wide_sketch=not fits_beside(rings))

    def _check_setting(
        self,
        result: CheckResult,
        lang: Lang,
        overrides: Sequence[Override],
        now: datetime | None,
    ) -> CheckSetting:
        url = self.settings.public_url.rstrip("/")
        return CheckSetting(
            self.city,
            lang,
            lambda code, name: self.name_unit(code, lang, fallback=name),
            [self._used(layer, name) for layer, name in result.snapshots.items()],
            f"{url}/verify/" if url else "",
            overrides,
            self.principal.name,
            now or datetime.now().astimezone(),
        )

    def _used(self, layer: str, name: str) -> Used:
        if layer.startswith(_RASTER):
            return None, f"{layer.removeprefix(_RASTER)} {name}", None
        definition = self.library.require(layer)
        return definition, name, self.store.require_named(layer, name).manifest

    def _layers_around(self, result: CheckResult, parcel: ParcelResult) -> list[LayerToDraw]:
        """Choose what the map shows: ground, borders, and every layer that the parcel meets."""
        met = [
            finding.layer
            for finding in parcel.findings
            if finding.relation in {"occupies", "adjacent"} or finding.bears
        ]
        chosen = []
        current, known = self.store.current(), {layer.id: layer for layer in self.library}
        for layer in dict.fromkeys((_GROUND, *met, *_BORDERS)):
            definition = known.get(layer)
            if definition is None or not decide(self.principal, "view", definition).allowed:
                continue
            name = result.snapshots.get(layer)
            snapshot = self.store.require_named(layer, name) if name else current.get(layer)
            if snapshot is not None:
                chosen.append(self._to_draw(definition, snapshot))
        return chosen

    def _to_draw(self, definition: LayerDefinition, snapshot: Snapshot) -> LayerToDraw:
        opacity = _GROUND_OPACITY if definition.id == _GROUND else None
        opened = self._tabulator.open_layer
        asked = SheetLayer(id=definition.id, opacity=opacity)
        return LayerToDraw(asked, definition, snapshot, lambda: opened(snapshot).index())

    def _find_shape(self, layer: str, name: str, row: int) -> shapely.Geometry:
        """Give a feature, EPSG:4490."""
        snapshot = self.store.require_named(layer, name)
        index = self._tabulator.open_layer(snapshot).index()
        plane = index.geometries(np.array([row]))
        found: shapely.Geometry = from_measure_plane(plane, self.city.crs)[0]
        return found


def _require_parcel(result: CheckResult, row: int) -> ParcelResult:
    if not 0 <= row < len(result.parcels):
        raise ChoiceError("sheet-parcel-unknown", row=row + 1, count=len(result.parcels))
    return result.parcels[row]


def _word(value: object) -> str:
    return "" if value is None else str(value)


def _shapes(parcel: ParcelResult, lang: Lang) -> list[DrawnShape]:
    say, shapes, remedy = Say(lang), [], parcel.remedy
    if remedy is not None and remedy.rest is not None:
        shapes.append(DrawnShape(remedy.rest, say("rest_legend"), REMAINING))
    if remedy is not None and remedy.shift is not None:
        shapes.append(DrawnShape(remedy.shift.geometry, say("shift_legend"), SHIFTED))
    return [*shapes, DrawnShape(parcel.geometry, say("parcel"), PARCEL)]
