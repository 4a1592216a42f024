"""What was written, and what the file could not keep."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from geoapp.i18n import Lang, text


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that the file does not hold as the snapshot does.

    Attributes:
        code: Key of the locale below ``export.loss_``.
        facts: What the sentence names.
    """

    code: str
    facts: dict[str, object] = field(default_factory=dict)

    def word(self, lang: Lang) -> str:
        """Say it as one sentence."""
        return text(lang, f"export.loss_{self.code}", **self.facts)


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written.

    Attributes:
        snapshot: Name of the snapshot that was exported; ``""`` for other features.
        within: Code of the unit that it was limited to, ``""`` for the whole.
        reaching_out: Features that reach beyond that unit; they were written whole.
        fields: Canonical field → its name in the file.
        area_m2: Official area of the features, 0 for lines and points.
        length_m: Length of lines, ``None`` for others.
        losses: What the file could not keep.
    """

    file: Path
    format: str
    layer: str
    crs: str
    encoding: str
    feature_count: int
    area_m2: float
    length_m: float | None
    fields: dict[str, str]
    losses: tuple[Loss, ...]
    sample: bool
    snapshot: str = ""
    within: str = ""
    reaching_out: int = 0

    def of(self, snapshot: str, within: str, reaching_out: int) -> "ExportReport":
        """Say which features of a city these are."""
        return replace(self, snapshot=snapshot, within=within, reaching_out=reaching_out)

    def to_json(self, lang: Lang) -> dict[str, Any]:
        """Give the document of schema ``geoapp.export/1``."""
        return {
            "schema": "geoapp.export/1",
            "file": str(self.file),
            "format": self.format,
            "layer": self.layer,
            "snapshot": self.snapshot or None,
            "within": self.within or None,
            "reaching_out": self.reaching_out,
            "crs": self.crs,
            "encoding": self.encoding or None,
            "feature_count": self.feature_count,
            "area_m2": self.area_m2,
            "length_m": self.length_m,
            "fields": self.fields,
            "losses": [
                {"code": loss.code, "facts": loss.facts, "text": loss.word(lang)}
                for loss in self.losses
            ],
            "sample": self.sample,
        }
