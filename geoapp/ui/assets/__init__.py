"""Files that the browser loads: our own in ``app``, third parties' in ``vendor``.

``vendor`` is not committed; ``python -m geoapp.ui.assets.install`` makes it.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

ASSETS: Final = Path(__file__).parent
VENDOR: Final = ASSETS / "vendor"
URL_PREFIX: Final = "/assets"


@cache
def asset_url(path: str) -> str:
    """Give the address of a file below ``assets``; it changes when the file changes.

    So browsers may keep the file for good.

    Raises:
        FileNotFoundError: There is no such file; ``make install`` fetches ``vendor``.
    """
    version = hashlib.sha256(ASSETS.joinpath(path).read_bytes()).hexdigest()[:12]
    return f"{URL_PREFIX}/{path}?v={version}"
