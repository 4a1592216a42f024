"""Links between documents, as the standard wants them: each with its relation and type."""

from typing import Final

from geoapp.i18n import text
from geoapp.web.api.asked import Asked

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
HTML: Final = "text/html"
SCHEMA: Final = "application/schema+json"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
QML: Final = "application/xml"

Link = dict[str, str]


def make_link(asked: Asked, rel: str, media_type: str, href: str, title: str, **facts: str) -> Link:
    """Make a link; ``title`` is a key of the locale."""
    worded = text(asked.lang, f"api.{title}", **facts)
    return {"rel": rel, "type": media_type, "href": href, "title": worded, "hreflang": asked.lang}


def self_links(asked: Asked, media_type: str) -> list[Link]:
    """Link a document to itself and to its other form."""
    as_html = asked.format == "html"
    forms = [("json", media_type, "as_json"), ("html", HTML, "as_html")]
    own, other = reversed(forms) if as_html else forms
    return [
        make_link(asked, "self", own[1], asked.other(f=own[0]), own[2]),
        make_link(asked, "alternate", other[1], asked.other(f=other[0]), other[2]),
    ]
