"""The documents of a case: what stands in them, from the case and its history.

They are documents of law and therefore Chinese in every language of the product. Their texts
are data (``case_papers.toml``), their look a Word file that a bureau can replace.
"""

import io
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import TemplateError
from jinja2.sandbox import SandboxedEnvironment

from geoapp.cases.case import Case, Registered
from geoapp.cases.moving import DocumentOrder, WrittenDocument, plain_number
from geoapp.errors import FileError
from geoapp.reports.case_template import TEMPLATES, template_name

MEDIA: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
NameUnit = Callable[[str], str]
_OWN: Final = "templates"  # in the workspace


@cache
def read_papers() -> Mapping[str, Any]:
    """Read the texts of all documents, and the words that they share."""
    path = Path(__file__).with_name("case_papers.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def paper_kinds() -> tuple[str, ...]:
    """Name the kinds of documents that can be written."""
    return tuple(name for name, entry in read_papers().items() if "form" in entry)


def number_paper(kind: str, unit: str, year: int, serial: int, name_unit: NameUnit) -> str:
    """Number a document by kind, district and year, as offices do."""
    if kind not in paper_kinds():
        return plain_number(kind, unit, year, serial)
    papers = read_papers()
    words = {"unit": name_unit(unit), "word": papers[kind]["word"]}
    return str(papers["words"]["number"]).format(**words, year=year, serial=serial)


def find_paper_template(workspace: Path, kind: str) -> Path:
    """Find the template of a kind: the workspace's own, else the product's."""
    own = workspace / _OWN / template_name(kind)
    return own if own.is_file() else TEMPLATES / template_name(kind)


def write_paper(order: DocumentOrder, template: Path, *, name_unit: NameUnit) -> WrittenDocument:
    """Fill the template of a document.

    Args:
        order: The case, the move that needs it, its number and the history.
        template: The Word file.
        name_unit: Names an administrative unit, in Chinese.

    Raises:
        FileError: The template is no Word file, or a place in it cannot be filled.
    """
    try:
        word = DocxTemplate(str(template))
        # A template is somebody's file: it may name places, and reach nothing else.
        sandbox = SandboxedEnvironment(autoescape=True)
        word.render(describe_paper(order, name_unit=name_unit), sandbox)
        buffer = io.BytesIO()
        word.save(buffer)
    except (TemplateError, PackageNotFoundError, KeyError, ValueError, OSError) as error:
        raise FileError("template-wrong", file=template.name, reason=str(error)[:200]) from error
    title = read_papers()[order.move.document]["title"]
    return WrittenDocument(f"{order.number} {title}.docx", MEDIA, buffer.getvalue())


def describe_paper(order: DocumentOrder, *, name_unit: NameUnit) -> dict[str, Any]:
    """Give what the places of a template are filled with."""
    papers = read_papers()
    words, entry, case = papers["words"], papers[order.move.document], order.case
    units = (case.units.district, case.units.township, case.units.village)
    numbers = {event.document_kind: event.document for event in order.events if event.document}
    blank = words["blank"]
    facts = {
        "title": entry["title"],
        "number": order.number,
        "case_no": case.case_no,
        "issuer": case.office or blank,
        "place": "".join(name_unit(code) for code in units if code),
        "cause": case.cause or words["some_building"],
        "law": papers["law"][case.track],
        "basis": entry.get("basis", {}).get(case.track, ""),
        "remedy": entry.get("remedy", {}).get(case.track, ""),
        "reason": order.request.reason,
        "term": _day(order.request.term) if order.request.term else blank,
        "date": _day(order.request.on),
        "decision_number": numbers.get("penalty_decision", blank),
        "urging_number": numbers.get("urging_notice", blank),
        "banner": words["sample"] if case.sample else "",
    }
    return facts | _amounts(case) | {"facts": _rows(case, facts)}


def _amounts(case: Case) -> dict[str, str]:
    return {
        "land_area": _area(case.registered.land_area_m2),
        "floor_area": _area(case.registered.floor_area_m2),
        "households": _households(case.registered.households),
        "remaining": _sum_up(case.remaining),
    }


def _rows(case: Case, facts: Mapping[str, str]) -> list[dict[str, str]]:
    """Give the rows of a form."""
    words, done = read_papers()["words"], case.demolished
    torn = Registered(done.land_area_m2, done.households, done.floor_area_m2)
    amounts = _amounts(case)
    pairs = (
        ("case_no", case.case_no),
        ("place", facts["place"]),
        ("centre", f"{case.longitude:.6f}, {case.latitude:.6f}"),
        ("cause", facts["cause"]),
        ("household_count", amounts["households"]),
        ("land_area", amounts["land_area"]),
        ("floor_area", amounts["floor_area"]),
        ("demolished", _sum_up(torn)),
        ("left", amounts["remaining"]),
        ("found_on", _day(case.found_on)),
        ("office", facts["issuer"]),
        ("inspector", case.inspector or words["blank"]),
        ("date", facts["date"]),
    )
    return [{"label": words[name], "text": value} for name, value in pairs]


def _sum_up(amounts: Registered) -> str:
    return str(read_papers()["words"]["remaining"]).format(
        households=_households(amounts.households),
        land=_area(amounts.land_area_m2),
        floor=_area(amounts.floor_area_m2),
    )


def _area(value: Decimal | None) -> str:
    words = read_papers()["words"]
    return str(words["unknown"] if value is None else words["area"].format(value=f"{value:.2f}"))


def _households(count: int | None) -> str:
    words = read_papers()["words"]
    return str(words["unknown"] if count is None else words["households"].format(count=count))


def _day(day: date) -> str:
    words = read_papers()["words"]
    return str(words["day"]).format(year=day.year, month=day.month, day=day.day)
