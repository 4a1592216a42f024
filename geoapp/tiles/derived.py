"""Files for the browser, kept beside the snapshot that they are made from."""

import os
import secrets
from collections.abc import Callable

from geoapp.catalog.disk import discard
from geoapp.catalog.snapshot import Snapshot

_VERSION = 1


def kept(snapshot: Snapshot, name: str, make: Callable[[], bytes]) -> bytes:
    """Give a derived file, making it when it is absent.

    Args:
        snapshot: What it is derived from.
        name: File name within the snapshot's ``tiles`` folder.
        make: Gives its bytes.
    """
    path = snapshot.folder / "tiles" / f"v{_VERSION}-{name}"
    try:
        return path.read_bytes()
    except OSError:
        content = make()
    temporary = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError:  # a read-only workspace only costs time
        discard(temporary)
    return content
