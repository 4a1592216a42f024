"""What a request asks for: its parameters, the format and the language of the answer."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote, urlencode

from starlette.requests import Request

from geoapp.errors import ChoiceError
from geoapp.i18n import LANGS, Lang

Format = Literal["json", "html"]
FORMATS: Final[tuple[Format, ...]] = ("json", "html")
ROOT: Final = "/api"
LONGEST_QUERY: Final = 4000  # characters
_LONGEST_VALUE: Final = 400
_SHOWN: Final = 60
_HTML: Final = ("text/html", "application/xhtml+xml")
_JSON: Final = ("application/json", "application/geo+json", "application/*", "*/*")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, checked as far as that goes without knowing the data.

    Attributes:
        base: Address of the landing page.
        path: What is asked for, below ``base``.
        names: Parts of the path that have names.
        values: Parameters, each given once, without the empty ones.
        format: Of the answer.
    """

    base: str
    path: str
    names: Mapping[str, str]
    values: Mapping[str, str]
    format: Format
    lang: Lang

    def address(self, path: str, values: Mapping[str, str] | None = None) -> str:
        """Give an address below the landing page, in the language of the request."""
        wanted = {name: value for name, value in (values or {}).items() if value}
        if self.lang != LANGS[0]:
            wanted |= {"lang": self.lang}
        query = urlencode(wanted, quote_via=quote, safe=":/,.@")
        return f"{self.base}{path}{'?' if query else ''}{query}"

    def other(self, **changed: str) -> str:
        """Give the address of the same question with some parameters changed."""
        return self.address(self.path, dict(self.values) | changed)


def read_asked(
    request: Request, allowed: Collection[str], formats: Collection[Format] = FORMATS
) -> Asked:
    """Read a request.

    Args:
        request: The request.
        allowed: Parameters that this resource has beside ``f`` and ``lang``.
        formats: In which it is offered.

    Raises:
        ChoiceError: A parameter is unknown, given twice, or too long.
    """
    offered = [*allowed, *(["f"] if len(formats) > 1 else []), "lang"]
    values: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in offered:
            raise ChoiceError(
                "api-parameter-unknown", name=name[:_SHOWN], offered=", ".join(offered)
            )
        if name in values:
            raise ChoiceError("api-parameter-twice", name=name)
        if len(value) > _LONGEST_VALUE:
            raise ChoiceError("api-parameter-long", name=name, most=_LONGEST_VALUE)
        if not value:
            raise ChoiceError("api-parameter-empty", name=name)
        values[name] = value
    lang, written = values.pop("lang", LANGS[0]), values.get("f", "")
    if lang not in LANGS:
        raise _not_offered("lang", lang, LANGS)
    if written and written not in formats:
        raise _not_offered("f", written, formats)
    wanted: Format = "html" if (written or _preferred(request)) == "html" else "json"
    return Asked(
        base=str(request.url.replace(path=ROOT, query="", fragment="")),
        path=quote(request.url.path.removeprefix(ROOT), safe="/@:"),
        names=request.path_params,
        values=values,
        format=wanted if wanted in formats else "json",
        lang="en" if lang == "en" else "zh",
    )


def _not_offered(option: str, value: str, offered: Collection[str]) -> ChoiceError:
    return ChoiceError(
        "choice-unknown", option=option, value=value[:_SHOWN], offered=", ".join(offered)
    )


def _preferred(request: Request) -> Format:
    """Read off the Accept header whether a person looks."""
    ranked = {"html": 0.0, "json": 0.0}
    for part in request.headers.get("accept", "").lower().split(",")[:20]:
        kind, *details = (piece.strip() for piece in part.split(";"))
        weight = _weight(details)
        if kind in _HTML:
            ranked["html"] = max(ranked["html"], weight)
        elif kind in _JSON[:2]:
            ranked["json"] = max(ranked["json"], weight)
    return "html" if ranked["html"] > ranked["json"] else "json"


def _weight(details: list[str]) -> float:
    written = next((d[2:] for d in details if d.startswith("q=")), "1")
    try:
        return float(written)
    except ValueError:
        return 0.0
