"""What a parcel consists of: land classes and the units that it lies in."""

from dataclasses import dataclass
from typing import Any

from geoapp.catalog.manifest import Coverage
from geoapp.i18n import Lang, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassShare:
    """What a parcel has of one land class.

    Attributes:
        code: Code of the class, or of one of the three broad classes; "" for features without.
        title: Its name.
        group: The broad class that it belongs to.
        area_m2: Official area.
        share: Part of the parcel.
        balanced_m2: Balanced to the declared area, where that was asked for.
    """

    code: str
    title: Text
    group: str
    area_m2: float
    share: float
    balanced_m2: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """The land classes of a parcel.

    Attributes:
        coverage: ``complete`` where land-use parcels fill the parcel.
        groups: The three broad classes that occur, largest first.
        classes: The classes that occur, largest first.
        cultivated_m2: Of this, cultivated land; ``None`` where nothing is known.
        unknown_m2: Ground for which no class is known.
        balanced: Areas were balanced to the declared area.
        snapshot: What was read; "" where there is none.
    """

    coverage: Coverage
    groups: tuple[ClassShare, ...] = ()
    classes: tuple[ClassShare, ...] = ()
    cultivated_m2: float | None = None
    unknown_m2: float
    balanced: bool = False
    snapshot: str = ""

    def to_json(self, lang: Lang) -> dict[str, Any]:
        """Give the part of schema ``geoapp.check/1``."""
        return {
            "coverage": self.coverage,
            "groups": [_share_json(share, lang) for share in self.groups],
            "classes": [_share_json(share, lang) for share in self.classes],
            "cultivated_m2": self.cultivated_m2,
            "unknown_m2": self.unknown_m2,
            "balanced": self.balanced,
            "snapshot": self.snapshot or None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitShare:
    """What of a parcel lies in one unit.

    Attributes:
        level: ``district``, ``township`` or ``village``.
        code: Code of the unit; "" for what lies outside of all.
        name: Its Chinese name.
        area_m2: Official area.
        share: Part of the parcel.
    """

    level: str
    code: str
    name: str
    area_m2: float
    share: float

    def to_json(self) -> dict[str, Any]:
        """Give the part of schema ``geoapp.check/1``."""
        return {
            "level": self.level,
            "code": self.code or None,
            "name": self.name,
            "area_m2": self.area_m2,
            "share": self.share,
        }


def _share_json(share: ClassShare, lang: Lang) -> dict[str, Any]:
    return {
        "code": share.code,
        "title": share.title[lang],
        "group": share.group or None,
        "area_m2": share.area_m2,
        "share": share.share,
        "balanced_m2": share.balanced_m2,
    }
