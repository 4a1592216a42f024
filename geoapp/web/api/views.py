"""The same documents for a person to look at: plain pages, no script, everything escaped."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Final

from geoapp.bootstrap import Workspace
from geoapp.features.pages import FeaturePage
from geoapp.features.properties import AREA, LENGTH
from geoapp.i18n import text
from geoapp.web.api.asked import Asked
from geoapp.web.api.describing import item_path
from geoapp.web.api.links import Link

_STYLE: Final = """
body{font:15px/1.6 "Noto Sans CJK SC","Microsoft YaHei",system-ui,sans-serif;margin:0;
color:#1f2a30;background:#fff}
main,header{max-width:1100px;margin:0 auto;padding:0 20px}
header{padding-top:14px}h1{font-size:24px;margin:10px 0}h2{font-size:17px;margin:22px 0 6px}
nav a,.links a{margin-right:14px}a{color:#0b5c8a}
.mark{background:#fff4d6;border:1px solid #d9a400;padding:6px 10px;border-radius:4px}
.wide{overflow-x:auto}.wide td{white-space:nowrap}table{border-collapse:collapse;margin:8px 0}
td,th{border:1px solid #d5dbdf;padding:4px 9px;text-align:left;vertical-align:top}
th{background:#f2f5f6;font-weight:600}.wide th{white-space:nowrap}
td{overflow-wrap:anywhere}td.number{text-align:right;
font-variant-numeric:tabular-nums}code{font-size:13px;overflow-wrap:anywhere}
.quiet{color:#5b6770;font-size:13px}
"""


def view_landing(_workspace: Workspace, asked: Asked, document: Mapping[str, Any]) -> str:
    """Show the landing page."""
    body = f"<p>{escape(document['description'])}</p>{_links(document['links'])}"
    return _page(asked, document, body)


def view_conformance(_workspace: Workspace, asked: Asked, document: Mapping[str, Any]) -> str:
    """Show what is kept of the standard."""
    names = "".join(f"<li><code>{escape(name)}</code></li>" for name in document["conformsTo"])
    return _page(asked, document, f"<ul>{names}</ul>{_links(document['links'])}")


def view_collections(_workspace: Workspace, asked: Asked, document: Mapping[str, Any]) -> str:
    """Show the layers."""
    heads = ("layer", "count", "as_of", "id")
    rows = [
        [
            _anchor(_find(one["links"], "self", asked), one["title"]),
            _number(one["count"]),
            escape(one["as_of"]),
            f"<code>{escape(one['id'])}</code>",
        ]
        for one in document["collections"]
    ]
    table = _table([_word(asked, f"head_{head}") for head in heads], rows)
    return _page(asked, document, table + _links(document["links"]))


def view_collection(workspace: Workspace, asked: Asked, document: Mapping[str, Any]) -> str:
    """Show a layer."""
    coverage = text(asked.lang, "api.between_names").join(
        f"{workspace.name_unit(code, asked.lang)} {text(asked.lang, f'coverage.{state}')}"
        for code, state in sorted(document["coverage"].items())
    )
    facts = {
        "id": document["id"],
        "count": f"{document['count']:,}",
        "as_of": document["as_of"],
        "snapshot": document["snapshot"],
        "coverage": coverage,
        "extent": ", ".join(map(str, document["extent"].get("spatial", {}).get("bbox", [[]])[0])),
        "crs": " ".join(document["crs"]),
    }
    rows = [[escape(str(value))] for value in facts.values()]
    table = _table([], rows, [_word(asked, f"head_{name}") for name in facts])
    body = f"<p>{escape(document['description'])}</p>{table}{_links(document['links'])}"
    return _page(asked, document, body)


def view_features(
    workspace: Workspace, asked: Asked, page: FeaturePage, links: Sequence[Link]
) -> str:
    """Show a page of features as a table."""
    names = list(page.features[0].properties) if page.features else []
    titles = _field_titles(asked, page)
    rows = [
        [
            _anchor(asked.address(item_path(page.definition, feature.id), {"f": "html"}),
                    feature.id or "-"),
            *(_value(asked, page, name, feature.properties[name]) for name in names),
        ]
        for feature in page.features
    ]  # fmt: skip
    shown = text(asked.lang, "api.shown", count=len(page.features), matched=f"{page.matched:,}")
    heads = [_word(asked, "head_id"), *(titles[name] for name in names)]
    table = f'<div class="wide">{_table(heads, rows)}</div>'
    body = f"<p>{escape(shown)}</p>{_links(links)}{table}{_links(links)}"
    return _page(asked, _head(workspace, asked, page, page.definition.title[asked.lang]), body)


def view_feature(
    workspace: Workspace, asked: Asked, page: FeaturePage, links: Sequence[Link]
) -> str:
    """Show one feature."""
    [feature] = page.features
    titles = _field_titles(asked, page)
    names = [titles[name] for name in feature.properties]
    rows = [[_value(asked, page, *pair)] for pair in feature.properties.items()]
    shape = _table([], [[f"<code>{escape((feature.geometry or '-')[:400])}</code>"]],
                   [_word(asked, "head_geometry")])  # fmt: skip
    body = _links(links) + _table([], rows, names) + shape
    title = f"{page.definition.title[asked.lang]} {feature.id}"
    return _page(asked, _head(workspace, asked, page, title), body)


def view_openapi(_workspace: Workspace, asked: Asked, document: Mapping[str, Any]) -> str:
    """Show the addresses and their parameters."""
    shared = document["components"]["parameters"]
    parts = []
    for path, item in document["paths"].items():
        named = [shared[p["$ref"].rpartition("/")[2]] if "$ref" in p else p
                 for p in item["get"].get("parameters", [])]  # fmt: skip
        rows = [[f"<code>{escape(p['name'])}</code>", escape(p.get("description", ""))]
                for p in named]  # fmt: skip
        heading = f"<h2><code>{escape(path)}</code></h2><p>{escape(item['get']['summary'])}</p>"
        parts.append(heading + (_table([], rows) if rows else ""))
    head = {"title": document["info"]["title"], **document.get("x-sample", {})}
    return _page(asked, head, "".join(parts))


def _head(workspace: Workspace, asked: Asked, page: FeaturePage, title: str) -> dict[str, Any]:
    sample = workspace.city.sample
    day, name = page.snapshot.manifest.as_of, page.snapshot.name
    return {
        "title": title,
        "notice": text(asked.lang, "sample.banner") if sample else "",
        "below": text(asked.lang, "api.of_layer", day=day, snapshot=name),
    }


def _field_titles(asked: Asked, page: FeaturePage) -> dict[str, str]:
    titles = {rule.name: rule.title[asked.lang] for rule in page.definition.fields}
    return titles | {name: text(asked.lang, f"features.{name}") for name in (AREA, LENGTH)}


def _page(asked: Asked, document: Mapping[str, Any], body: str) -> str:
    title = escape(str(document["title"]))
    notice = document.get("notice")
    mark = f'<p class="mark">{escape(str(notice))}</p>' if notice else ""
    below = f'<p class="quiet">{escape(str(document.get("below", "")))}</p>'
    home, layers = asked.address("", {"f": "html"}), asked.address("/collections", {"f": "html"})
    nav = _anchor(home, _word(asked, "home")) + _anchor(layers, _word(asked, "collections"))
    return (
        f'<!doctype html>\n<html lang="{asked.lang}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>"
        f"<body><header><nav>{nav}</nav>{mark}</header>"
        f"<main><h1>{title}</h1>{body}{below}</main></body></html>\n"
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], labels: Sequence[str] = ()) -> str:
    """Write a table of cells that are HTML already; heads and labels are plain text."""
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    lines = [f"<tr>{top}</tr>"] if heads else []
    for number, row in enumerate(rows):
        label = f"<th>{escape(labels[number])}</th>" if labels else ""
        cells = "".join(c if c.startswith("<td") else f"<td>{c}</td>" for c in row)
        lines.append(f"<tr>{label}{cells}</tr>")
    return f"<table>{''.join(lines)}</table>"


def _links(links: Iterable[Link]) -> str:
    shown = (_anchor(link["href"], link["title"]) for link in links if link["rel"] != "self")
    return f'<p class="links">{"".join(shown)}</p>'


def _find(links: Iterable[Link], rel: str, asked: Asked) -> str:
    """Give the address of a link, for a person."""
    href = next(link["href"] for link in links if link["rel"] == rel)
    return asked.address(href.removeprefix(asked.base).partition("?")[0], {"f": "html"})


def _anchor(href: str, title: str) -> str:
    return f'<a href="{escape(href)}">{escape(title)}</a>'


def _value(asked: Asked, page: FeaturePage, name: str, value: Any) -> str:
    """Write a value: measures as numbers, codes with what they mean."""
    if value is None:
        return "<td></td>"
    if isinstance(value, float):
        return _number(value)
    title = page.definition.class_titles(name).get(str(value))
    meaning = title[asked.lang] if title else ""
    return f"<td>{escape(str(value))}{f' {escape(meaning)}' if meaning != value else ''}</td>"


def _number(value: float) -> str:
    return f'<td class="number">{value:,}</td>'


def _word(asked: Asked, key: str) -> str:
    return text(asked.lang, f"api.{key}")
