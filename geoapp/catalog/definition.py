"""Layer definitions: what one layer is, as data.

A layer is one TOML file in ``layers/``. Adding a layer is adding a file.
"""

from collections.abc import Iterator
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geoapp.i18n import Text

Geometry = Literal["polygon", "line", "point"]
Role = Literal["public", "township", "inspector", "planner", "administrator"]
UNIT_LEVELS: Final = ("district", "township", "village")


class Record(BaseModel):
    """Base of everything read from a definition file: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ClassValue(Record):
    """One value of a class field.

    Attributes:
        code: As it stands in the data.
        title: What it means.
        fill: Colour on the map and in the legend, ``#rrggbb``.
        parent: Code of the coarser class that it belongs to, if any.
        group: Key of one of the three broad land groups, if any.
    """

    code: str
    title: Text
    fill: str = Field(default="#9a9a9a", pattern="^#[0-9a-f]{6}$")
    parent: str = ""
    group: str = ""


class FieldRule(Record):
    """One canonical field of a layer.

    Attributes:
        name: Canonical name: the official field name in lower case.
        type: Type of the stored column.
        title: What people read.
        synonyms: Names under which offices hand this field over, any letter case.
        required: An import without it is refused.
        unit: Unit of the number, for example ``m2``.
        classes: Name of a class table, or ``""``; the field can then be tabulated by class.
        derive_from: Canonical field whose class gives this one: not stored, computed.
        derive_by: Which attribute of that class: its first-level ``parent`` or its ``group``.
    """

    name: str = Field(pattern="^[a-z][a-z0-9_]*$")
    type: Literal["text", "integer", "number", "date"] = "text"
    title: Text
    synonyms: tuple[str, ...] = ()
    required: bool = False
    unit: Literal["", "m2", "m", "degree", "count"] = ""
    classes: str = ""
    derive_from: str = ""
    derive_by: Literal["", "parent", "group"] = ""


class OfficialField(Record):
    """A field as an official database has it.

    Attributes:
        name: Its name there; empty: the canonical name in capitals.
        length: Characters of a text or digits of a number; 0 where the standard says nothing.
        decimals: Digits behind the point.
    """

    name: str = Field(default="", pattern="^([A-Z][A-Z0-9_]*)?$")
    length: int = Field(default=0, ge=0, le=254)
    decimals: int = Field(default=0, ge=0, le=15)


class Official(Record):
    """The layer as the official databases have it, for handing it over under their names.

    Attributes:
        layer: Name of the layer there, for example ``DLTB``.
        fields: By canonical name; fields that are not listed are none of the standard's.
    """

    layer: str = Field(pattern="^[A-Z][A-Z0-9_]*$")
    fields: dict[str, OfficialField] = {}


class Style(Record):
    """How a layer is drawn; colours as they look on the map.

    Attributes:
        draw: Filled areas, outlines only, a class picture, points gathered in clusters, or
            lines in ``fill``, or in the colour of their class.
        visible: Switched on when the map opens.
        by_class: Coloured by the class field; else one colour stands for the layer.
    """

    fill: str = Field(pattern="^#[0-9a-f]{6}$")
    stroke: str = Field(pattern="^#[0-9a-f]{6}$")
    weight: float = Field(default=1.0, ge=0, le=10)
    opacity: float = Field(default=0.6, ge=0, le=1)
    dash: str = Field(default="", pattern="^([0-9]+( [0-9]+)*)?$")
    pattern: Literal["", "hatch", "dots"] = ""
    draw: Literal["area", "outline", "picture", "cluster", "line"] = "area"
    visible: bool = False
    by_class: bool = False


class Statistics(Record):
    """What is counted and added.

    Attributes:
        measure: What stands first in tables: the area, the length of lines, or the count.
        sums: Number fields added up per unit; a feature counts in the unit that holds its
            representative point.
        coverage: ``tiling``: the layer should fill every unit, so gaps are measured.
            ``declared``: absence may be real, so only a declaration makes a unit complete.
    """

    measure: Literal["area", "length", "count"] = "area"
    sums: tuple[str, ...] = ()
    coverage: Literal["tiling", "declared"] = "declared"


class Access(Record):
    """Who may see a layer, and what the public gets of it.

    Attributes:
        view: Roles that see it.
        public: What the public gets: nothing, figures per unit, a generalised form, or the
            geometry as it is; a bureau that has published a layer says so here.
        fields: The fields that leave the house; of a layer that gives only figures, the number
            fields added up for the public and the class field split by. All others stay.
        least: A figure that stands for fewer features than this is not given.
        finest: The smallest units that the public gets figures of.
    """

    view: tuple[Role, ...]
    public: Literal["none", "statistics", "generalised", "full"] = "none"
    fields: tuple[str, ...] = ()
    least: int = Field(default=3, ge=1)
    finest: Literal["city", "district", "township"] = "township"


class Rule(Record):
    """What it means for a building that wants to stand here."""

    effect: Literal["prohibit", "restrict", "notice", "none"] = "none"
    note: Text | None = None


class LegalBasis(Record):
    """A law or document that gives the layer its force."""

    title: Text
    article: str = ""
    since: str = Field(default="", pattern=r"^(\d{4}(-\d{2}(-\d{2})?)?)?$")


_NONE: Final = Official(layer="NONE")


class LayerDefinition(Record):
    """One layer: fields, style, statistics, access, rule, legal basis, source.

    Attributes:
        scale: Denominator of the scale at which such data is usually compiled, which bounds
            how sure its lines are; 0 where none can be named. A snapshot may say otherwise.
        official: Its names in the official databases, where a standard has the layer.
        area_field: Number field in which whoever compiled the data declared the official area
            of each polygon; ``""`` where there is none.
    """

    id: str = Field(pattern="^[a-z][a-z0-9_]*$")
    title: Text
    group: Literal["unit", "control", "protected", "landuse", "rural", "enforcement"]
    order: int
    geometry: Geometry
    key: str
    name_field: str
    class_field: str = ""
    fields: tuple[FieldRule, ...]
    classes: dict[str, tuple[ClassValue, ...]] = {}
    class_tables: dict[str, str] = {}
    style: Style
    statistics: Statistics = Statistics()
    access: Access
    rule: Rule = Rule()
    legal: tuple[LegalBasis, ...] = ()
    source: Text
    scale: int = Field(default=0, ge=0)
    official: Official | None = None
    area_field: str = ""

    @model_validator(mode="after")
    def _references_exist(self) -> Self:
        names = [field.name for field in self.fields]
        if len(set(names)) != len(names):
            message = f"fields: a name stands twice in {names}"
            raise ValueError(message)
        for owner, name in self._references():
            if name not in names:
                message = f"{owner}: there is no field {name!r}"
                raise ValueError(message)
        for field in self.fields:
            if field.classes and field.classes not in self.classes:
                message = f"fields.{field.name}.classes: there is no class table {field.classes!r}"
                raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _references_fit(self) -> Self:
        misfits = (*self._layer_misfits(), *self._field_misfits(), *self._geometry_misfits())
        for message in misfits:
            raise ValueError(message)
        return self

    def _layer_misfits(self) -> Iterator[str]:
        """Name what the layer refers to and what exists but cannot serve."""
        stored = {field.name: field for field in self.fields if not field.derive_from}
        classed = {field.name for field in self.fields if field.classes}
        for name in self.statistics.sums:
            if name not in stored or stored[name].type not in {"integer", "number"}:
                yield f"statistics.sums: {name!r} is no stored number"
        for name in {self.key, self.name_field} - stored.keys():
            yield f"key, name_field: {name!r} is derived, not stored"
        if self.area_field and self.area_field not in {
            name for name, rule in stored.items() if rule.type == "number" and rule.unit == "m2"
        }:
            yield f"area_field: {self.area_field!r} is no stored number in m2"
        if self.class_field and self.class_field not in classed:
            yield f"class_field: {self.class_field!r} has no class table"
        if self.style.draw == "picture" and not self.class_field:
            yield "style.draw: a picture needs a class_field"

    def _field_misfits(self) -> Iterator[str]:
        """Name fields and classes that cannot serve."""
        sources = {field.name for field in self.fields if field.classes and not field.derive_from}
        for field in self.fields:
            if field.name in {"geometry", "bbox", "area_m2", "length_m"}:
                yield f"fields: the name {field.name!r} is taken"
            if bool(field.derive_from) != bool(field.derive_by):
                yield f"fields.{field.name}: derive_from and derive_by go together"
            if field.derive_from and field.derive_from not in sources:
                yield f"fields.{field.name}.derive_from: {field.derive_from!r} has no class table"
        for name, values in self.classes.items():
            if len({value.code for value in values}) != len(values):
                yield f"classes.{name}: a code stands twice"

    def _geometry_misfits(self) -> Iterator[str]:
        """Name what lines cannot be and what only lines can be."""
        line = self.geometry == "line"
        if line != (self.style.draw == "line"):
            yield "style.draw: a layer of lines is drawn as 'line', and no other is"
        if line and self.style.pattern:
            yield "style.pattern: lines have no ground to fill"
        if line and self.statistics.measure == "area":
            yield "statistics.measure: lines have no area; use 'length' or 'count'"
        if line and self.statistics.coverage == "tiling":
            yield "statistics.coverage: lines fill no unit; use 'declared'"
        if not line and self.statistics.measure == "length":
            yield "statistics.measure: only lines have a length"
        if line and self.id in UNIT_LEVELS:
            yield "geometry: units are polygons"

    def _references(self) -> list[tuple[str, str]]:
        """List (key of the definition, field name that it names)."""
        pairs = [("key", self.key), ("name_field", self.name_field)]
        pairs += [("statistics.sums", name) for name in self.statistics.sums]
        pairs += [
            (f"fields.{field.name}.derive_from", field.derive_from)
            for field in self.fields
            if field.derive_from
        ]
        if self.class_field:
            pairs.append(("class_field", self.class_field))
        pairs += [("official.fields", name) for name in (self.official or _NONE).fields]
        pairs += [("access.fields", name) for name in self.access.fields]
        if self.area_field:
            pairs.append(("area_field", self.area_field))
        return pairs

    @property
    def stored_fields(self) -> tuple[FieldRule, ...]:
        """The fields that stand in the data, derived ones left out."""
        return tuple(field for field in self.fields if not field.derive_from)

    @property
    def class_fields(self) -> tuple[FieldRule, ...]:
        """The fields by which statistics can be tabulated."""
        return tuple(field for field in self.fields if field.classes)

    def find_field(self, name: str) -> FieldRule | None:
        """Find a field by its canonical name."""
        return next((field for field in self.fields if field.name == name), None)

    def class_titles(self, field: str) -> dict[str, Text]:
        """Map the codes of a class field to their titles; empty when it has no table."""
        rule = self.find_field(field)
        values = self.classes.get(rule.classes, ()) if rule else ()
        return {value.code: value.title for value in values}
