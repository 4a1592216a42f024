"""Forms: reading what was sent, and drawing fields."""

from dataclasses import dataclass
from html import escape
from typing import Final, Literal
from urllib.parse import parse_qsl

from starlette.requests import Request

from geoapp.i18n import Lang, text

_KIND: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 20


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form; its label is the key of its name below ``sign_in``."""

    name: str
    type: Literal["text", "password", "hidden"] = "text"
    fill: str = "off"  # for the browser's memory, as HTML names it
    value: str = ""


async def read_form(request: Request) -> dict[str, str]:
    """Read the fields of a form; of several of one name the last. Nothing of another kind."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _KIND:
        return {}
    body = (await request.body()).decode("utf-8", "replace")  # the guard bounds its length
    try:
        return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        return {}


def draw_form(lang: Lang, action: str, fields: list[Field], button: str) -> str:
    """Draw a form; ``button`` is a key below ``sign_in``."""
    rows = "".join(_draw_field(lang, field) for field in fields)
    words = escape(text(lang, f"sign_in.{button}"))
    place = escape(action, quote=True)
    return (
        f'<form method="post" action="{place}">{rows}<button type="submit">{words}</button></form>'
    )


def _draw_field(lang: Lang, field: Field) -> str:
    name, value = escape(field.name, quote=True), escape(field.value, quote=True)
    if field.type == "hidden":
        return f'<input type="hidden" name="{name}" value="{value}">'
    label = escape(text(lang, f"sign_in.{field.name}"))
    plain = ' autocapitalize="none" spellcheck="false"' if field.type == "text" else ""
    return (
        f'<label for="{name}">{label}</label><input id="{name}" name="{name}" type="{field.type}" '
        f'value="{value}" autocomplete="{field.fill}" required maxlength="200"{plain}>'
    )
