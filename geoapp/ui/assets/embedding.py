"""Puts values into a script or an address so that no text in them can become code."""

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

# These occur in JSON only inside strings, where \uXXXX means the same. "<" and "&" could end
# the script element, "`" and "$" could start a template, "'" and "_" are what streamlit-folium's
# search-and-replace acts on (it would even give two different maps one key).
_ESCAPES: Final = {ord(char): f"\\u{ord(char):04x}" for char in "<>&'`$_"}


def script_literal(value: Any) -> str:
    r"""Write a value as a JavaScript expression that rebuilds it.

    The value passes through ``JSON.parse``, so even a key ``__proto__`` is only a key.

    >>> script_literal({"名": "</script>${1}"})
    'JSON.parse("{\\"\\u540d\\":\\"\\u003c/script\\u003e\\u0024{1}\\"}")'

    Raises:
        ValueError: There is a NaN or an infinity in it.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return f"JSON.parse({json.dumps(text).translate(_ESCAPES)})"


def data_url(collection: Mapping[str, Any]) -> str:
    """Write a small GeoJSON collection as an address that ``MapLayer.url`` can name.

    For geometries that no route serves, such as a parcel that was only just uploaded.
    """
    text = json.dumps(collection, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return "data:application/geo+json;base64," + base64.b64encode(text.encode()).decode()
