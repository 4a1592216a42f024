"""Where a feature leads to: its statistics, and pages that exist."""

from typing import Final
from urllib.parse import urlencode

from geoapp.catalog.definition import UNIT_LEVELS, LayerDefinition
from geoapp.catalog.snapshot import Snapshot
from geoapp.finding.ground import Ground
from geoapp.finding.units import UnitHere
from geoapp.i18n import Lang, text
from geoapp.settings import find_folder
from geoapp.values import AreaUnit

_BELOW: Final = {"district": "township", "township": "village"}
_CHECK_PAGE: Final = "parcel_check"
_CASE_PAGE: Final = "demolition"


def statistics_link(
    ground: Ground,
    current: dict[str, Snapshot],
    definition: LayerDefinition,
    units: list[UnitHere],
    lang: Lang,
    unit: AreaUnit,
) -> dict[str, str] | None:
    """Lead to the statistics of a layer in the smallest unit here that has parts.

    A unit leads to what covers it: the statistics of units among units say nothing.
    """
    if definition.id in UNIT_LEVELS:
        units = [found for found in units if found.level == definition.id]
        definition = next(
            (d for d in ground.choose(()) if _fills(d) and d.id in current), definition
        )
    here = next(
        (found for found in reversed(units) if _BELOW.get(found.level, "") in current), None
    )
    if here is None:
        return None
    query = {
        "layer": definition.id,
        "by": _BELOW[here.level],
        "within": here.code,
        "unit": unit.value,
        "lang": lang,
    }
    name, title = ground.name_unit(here.code, lang), definition.title[lang]
    worded = text(lang, "finding.link_statistics", unit=name, layer=title)
    return {"kind": "statistics", "title": worded, "href": f"/statistics?{urlencode(query)}"}


def _fills(definition: LayerDefinition) -> bool:
    return definition.statistics.coverage == "tiling" and definition.id not in UNIT_LEVELS


def page_links(
    definition: LayerDefinition, snapshot: Snapshot, row: int, key: str, lang: Lang
) -> list[dict[str, str]]:
    """Lead to what can be done with a feature, as far as there is a page for it."""
    links = []
    if definition.geometry == "polygon" and _has_page(_CHECK_PAGE):
        query = {"layer": definition.id, "row": str(row), "v": snapshot.name, "lang": lang}
        links.append(_link("check", text(lang, "finding.link_check"), _CHECK_PAGE, query))
    if definition.id == _CASE_PAGE and key and _has_page(_CASE_PAGE):
        query = {"case": key, "lang": lang}
        links.append(_link("case", text(lang, "finding.link_case"), _CASE_PAGE, query))
    return links


def _link(kind: str, title: str, page: str, query: dict[str, str]) -> dict[str, str]:
    return {"kind": kind, "title": title, "href": f"/{page}?{urlencode(query)}"}


def _has_page(name: str) -> bool:
    return (find_folder("pages") / f"{name}.py").is_file()
