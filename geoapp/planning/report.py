"""A report as data: what it says word for word, and what each figure is computed from.

A report is one TOML file. Those of the product lie in ``reports/``, named by the city that
they are of; a workspace adds its own as ``reports/*.toml``, which stand over the former.
"""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, model_validator

from geoapp.catalog.definition import Record
from geoapp.catalog.parsing import named_faults
from geoapp.errors import NotFoundError
from geoapp.i18n import Text
from geoapp.planning.measure import Measure
from geoapp.planning.quantity import Unit

FOLDER: Final = "reports"


class Quote(Record):
    """Words of the report, exactly as they stand.

    Attributes:
        line: Line of the source, as it is cited.
    """

    text: str
    line: str


class Figure(Record):
    """One thing that the report states, as a number or in words.

    Attributes:
        written: Its words within the quotes; the check that nothing was invented.
        value: ``None`` where the report gives words only: no figure is ever made of them.
        low: With ``high`` instead of ``value``: the bounds of a range.
        step: Last place that the report gives, in ``unit``: 3.03万 is given to the hundred.
        derived: The report does not give it; it follows from figures that it does give.
        compute: Measures, best first; the first that has an answer counts.
        uncomputable: Why nothing is computed; instead of ``compute``.
    """

    id: str = Field(pattern="^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")
    title: Text
    written: str = ""
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    unit: Unit = "count"
    step: Decimal = Field(default=Decimal(0), ge=0)
    period: Text | None = None
    confidence: Literal["clear", "doubtful"] = "clear"
    doubt: Text | None = None
    derived: bool = False
    compute: tuple[Measure, ...] = ()
    uncomputable: Text | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "Figure":
        if bool(self.compute) == bool(self.uncomputable):
            raise _fault(self.id, "give either compute or uncomputable, one of the two")
        if (self.low is None) != (self.high is None):
            raise _fault(self.id, "low and high belong together")
        if self.low is not None and self.high is not None:
            if self.value is not None:
                raise _fault(self.id, "give either value, or low and high")
            if self.low > self.high:
                raise _fault(self.id, "low is greater than high")
        stated = self.value is not None or self.low is not None
        if stated and not self.derived and not self.written:
            raise _fault(self.id, "a value needs the words of the report: written")
        if self.confidence == "doubtful" and self.doubt is None:
            raise _fault(self.id, "what is doubtful needs the doubt")
        return self


class ReportItem(Record):
    """What one passage of the report is about.

    Attributes:
        quotes: The passage; several where it stands in several places, none where the report
            only names things.
        figures: At least one.
    """

    id: str = Field(pattern="^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")
    title: Text
    quotes: tuple[Quote, ...] = ()
    figures: tuple[Figure, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _written_is_quoted(self) -> "ReportItem":
        for figure in self.figures:
            stands = any(figure.written in quote.text for quote in self.quotes)
            if figure.written and not stands:
                raise _fault(figure.id, f"{figure.written!r} does not stand in the quotes")
        return self


class Report(Record):
    """A report.

    Attributes:
        city: Code of the city that it is of.
        source: Which text the quotes were taken from.
        doubt: What is to be known of that text as a whole.
    """

    id: str = Field(pattern="^[a-z][a-z0-9_-]{0,39}$")
    city: str = Field(pattern=r"^\d{6}$")
    title: Text
    source: Text
    doubt: Text | None = None
    items: tuple[ReportItem, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _told_apart(self) -> "Report":
        names = [item.id for item in self.items]
        figures = [figure.id for item in self.items for figure in item.figures]
        for ids in (names, figures):
            if len(set(ids)) != len(ids):
                raise _fault(max(ids, key=ids.count), "the id stands twice")
        return self


def read_report(path: Path) -> Report:
    """Read a report.

    Raises:
        CatalogError: A key is missing, unknown or wrong; named with file, key and reason.
    """
    with named_faults(path):
        return Report.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def read_reports(workspace: Path, city: str) -> dict[str, Report]:
    """Read the reports of a city: the product's, and the workspace's own over them.

    Raises:
        CatalogError: A file is wrong; named with file, key and reason.
    """
    found: dict[str, Report] = {}
    for path in sorted(Path(__file__).with_name(FOLDER).glob("*.toml")):
        report = read_report(path)
        if report.city == city:
            found[report.id] = report
    for path in sorted((workspace / FOLDER).glob("*.toml")):
        report = read_report(path)
        found[report.id] = report
    return found


def require_report(reports: dict[str, Report], name: str) -> Report:
    """Give a report; without a name the first.

    Raises:
        NotFoundError: There is none, or none of that name.
    """
    if not reports:
        raise NotFoundError("report-none", folder=FOLDER)
    if name and name not in reports:
        raise NotFoundError("report-unknown", report=name, offered=", ".join(reports))
    return reports[name] if name else next(iter(reports.values()))


def _fault(name: str, reason: str) -> ValueError:
    return ValueError(f"{name}: {reason}")
