"""No text of the data may become code on its way into a map."""

import json

import pytest
from streamlit_folium import generate_js_hash

from geoapp.ui.assets.embedding import data_url, script_literal

PAYLOADS = [
    "<img src=x onerror=PWN=1>",
    "${PWN=2}",
    "`+(PWN=3)+`",
    r"\`+(PWN=4)+`",
    "</script><script>PWN=5</script>",
    "<!--<script>",
    "\u2028PWN=6\u2029",
    "{{'PWN'}}",
    '"+PWN+"',
    "\\",
    "乡图",
]


def read(literal: str) -> object:
    """Evaluate the literal as a browser would: a string literal, then JSON.parse."""
    return json.loads(json.loads(literal.removeprefix("JSON.parse(").removesuffix(")")))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_any_text_comes_back_as_it_was(payload: str) -> None:
    value = {payload: [payload, {"name": payload}]}
    assert read(script_literal(value)) == value


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_ends_a_script_or_starts_a_template_is_left(payload: str) -> None:
    literal = script_literal([payload])
    assert literal.isascii()
    assert not set(literal) & set("<>&'`$")


def test_values_that_differ_after_an_underscore_make_different_maps() -> None:
    keys = [generate_js_hash(script_literal(f"/tiles/p_{version}"), "map") for version in "12"]
    assert keys[0] != keys[1]


def test_a_value_that_json_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        script_literal(float("nan"))


def test_a_data_address_holds_ascii_only() -> None:
    address = data_url({"type": "FeatureCollection", "features": [{"name": PAYLOADS}]})
    assert address.isascii()
    assert address.startswith("data:application/geo+json;base64,")
