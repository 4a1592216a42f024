"""The one page of the public site, in one language: all of it is there without a script."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from geoapp.catalog.city import City
from geoapp.catalog.definition import LayerDefinition
from geoapp.i18n import Lang, text
from geoapp.publishing.directory import Place
from geoapp.publishing.figures import Figure, FigureTable
from geoapp.publishing.wording import (
    Card,
    NameUnit,
    word_class,
    word_facts,
    word_figure,
    word_hectares,
    word_place,
)

PAGES: Final[dict[Lang, str]] = {"zh": "index.html", "en": "en.html"}
SCRIPTS: Final = (
    "leaflet.js", "leaflet.markercluster.js", "paint.js", "identify.js", "labels.js", "panel.js",
    "frame.js", "gauss.js", "mvt.js", "tiles.js", "features.js", "layers.js", "layerview.js",
    "citymap.js", "archive.js", "publicsite.js",
)  # fmt: skip
STYLES: Final = (
    "leaflet.css", "MarkerCluster.css", "citymap.css", "panel.css", "tools.css",
    "publicsite.css",
)  # fmt: skip
_POLICY: Final = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class SiteContent:
    """What the page shows.

    Attributes:
        definitions: All layers by id.
        as_of: Days of the data, oldest first.
    """

    city: City
    definitions: dict[str, LayerDefinition]
    places: Sequence[Place]
    tables: Sequence[FigureTable]
    cards: Sequence[Card]
    as_of: Sequence[str]
    name_unit: NameUnit


def write_page(content: SiteContent, lang: Lang) -> str:
    """Write the page."""
    city = content.city
    title = _say(lang, "site.title", city=city.name[lang])
    other: Lang = "en" if lang == "zh" else "zh"
    sections = ("map", "places", "districts", "figures", "about")
    links = "".join(f'<a href="#{name}">{_say(lang, f"site.{name}")}</a>' for name in sections)
    sample = f'<p class="sample">{_say(lang, "sample.banner")}</p>' if city.sample else ""
    review = (
        _say(lang, "site.review", number=city.review_number)
        if city.review_number
        else _say(lang, "site.no_review")
    )
    styles = "".join(f'<link rel="stylesheet" href="app/{name}">' for name in STYLES)
    scripts = "".join(f'<script defer src="app/{name}"></script>' for name in SCRIPTS)
    return f"""<!doctype html>
<html lang="{"zh-CN" if lang == "zh" else "en"}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>{title}</title>
{styles}
</head>
<body>
<header><h1>{title}</h1><nav>{links}<a href="{PAGES[other]}">{_say(other, "site.language")}</a></nav>
{sample}<p class="review">{review}</p></header>
<main>
<section id="map"><div id="citymap" data-settings="data/map-{lang}.json"></div>
<p class="note">{_say(lang, "public.coarse")}</p></section>
<section id="places"><h2>{_say(lang, "site.places")}</h2>
{_write_places(content, lang)}</section>
<section id="districts"><h2>{_say(lang, "site.districts")}</h2>
<div class="cards">{"".join(map(_write_card, content.cards))}</div></section>
<section id="figures"><h2>{_say(lang, "site.figures")}</h2>
{_write_figures(content, lang)}</section>
<section id="about"><h2>{_say(lang, "site.about")}</h2>
<p>{_say(lang, "public.coarse")}</p>
<p>{_say(lang, "site.made", dates=", ".join(content.as_of))}</p></section>
</main>
{scripts}
</body>
</html>
"""


def _write_places(content: SiteContent, lang: Lang) -> str:
    items = "".join(_write_place(content, place, lang) for place in content.places)
    hint = _say(lang, "places.search_hint")
    return (
        f'<label class="search"><span>{_say(lang, "places.search")}</span>'
        f'<input type="search" id="query" placeholder="{hint}" autocomplete="off"></label>'
        f'<p id="found" data-words="{_say(lang, "places.found")}" '
        f'data-none="{_say(lang, "places.none")}" aria-live="polite"></p>'
        f'<ul id="list">{items}</ul>'
    )


def _write_place(content: SiteContent, place: Place, lang: Lang) -> str:
    definition = content.definitions[place.layer]
    entry = place.entry
    sounds = [sound for sound, _ in entry.sounds]
    words = " ".join(dict.fromkeys([entry.plain, *sounds, *sorted(entry.initials)]))
    where = escape(word_place(place, content.name_unit, lang))
    facts = escape(word_facts(place, definition, lang))
    return (
        f'<li data-words="{escape(words)}" data-at="{place.longitude:.3f} {place.latitude:.3f}">'
        f"<b>{escape(place.name)}</b> <i>{escape(definition.title[lang])}</i>"
        f"<span>{where}</span><span>{facts}</span>"
        f'<button type="button" hidden>{_say(lang, "places.on_map")}</button></li>'
    )


def _write_card(card: Card) -> str:
    lines = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>"
        for label, value in card.lines
    )
    return (
        f"<article><h3>{escape(card.title)}</h3><dl>{lines}</dl>"
        f"<p class='note'>{escape(card.source)}</p></article>"
    )


def _write_figures(content: SiteContent, lang: Lang) -> str:
    least = max((table.least for table in content.tables), default=3)
    parts = [f'<p class="note">{_say(lang, "public.figures_how", least=least)}</p>']
    for table in content.tables:
        definition = content.definitions[table.layer]
        parts.append(
            f"<details><summary>{escape(definition.title[lang])}</summary>"
            f"{_write_table(table, definition, content.name_unit, lang)}</details>"
        )
    return "".join(parts)


def _write_table(
    table: FigureTable, definition: LayerDefinition, name_unit: NameUnit, lang: Lang
) -> str:
    counted = definition.statistics.measure == "count"
    sums = list(dict.fromkeys(name for figure in table.figures for name in figure.sums))
    classes = list(dict.fromkeys(code for figure in table.figures for code in figure.classes))
    heads = [_say(lang, "public.unit"), _say(lang, "public.count" if counted else "public.area")]
    heads += [_say(lang, f"public.sum_{name}") for name in sums]
    heads += [escape(word_class(definition, code, lang)) for code in classes]
    rows = []
    for figure in table.figures:
        count, area = word_figure(figure, lang)
        cells = [count if counted else area, *_more(figure, sums, classes)]
        name = f'<th scope="row" class="{figure.level}">{escape(name_unit(figure.unit, lang))}</th>'
        rows.append(f"<tr>{name}{_cells('td', map(escape, cells))}</tr>")
    head = f"<tr>{_cells('th', heads)}</tr>"
    as_of = f"{_say(lang, 'public.as_of')}: {table.as_of.isoformat()}"
    return (
        f'<p class="note">{as_of}</p><div class="wide"><table><thead>{head}</thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _more(figure: Figure, sums: Sequence[str], classes: Sequence[str]) -> list[str]:
    totals = [f"{figure.sums[name]:,.0f}" if name in figure.sums else "–" for name in sums]
    areas = [word_hectares(figure.classes.get(code)) or "–" for code in classes]
    return totals + areas


def _cells(tag: str, cells: Iterable[str]) -> str:
    return "".join(f"<{tag}>{cell}</{tag}>" for cell in cells)


def _say(lang: Lang, key: str, **facts: object) -> str:
    return escape(text(lang, key, **facts))
