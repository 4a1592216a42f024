"""The keyed digest of what is stored: who cannot read the key cannot forge a row."""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from geoapp.errors import FileError

KEY_FILE: Final = "check.key"
_KEY_BYTES: Final = 32


def read_key(folder: Path, in_use: Callable[[], bool] = lambda: False) -> bytes:
    """Read the key of a workspace; the first use makes it, readable by its owner only.

    Of several processes that make it at once, one wins.

    Args:
        folder: The workspace.
        in_use: Tells whether checks were signed already: a key that was lost is not made anew,
            for all of them would seem to be tampered with.

    Raises:
        FileError: It cannot be read or made, it is damaged, or it was lost.
    """
    path = folder / KEY_FILE
    try:
        if not path.exists():
            if in_use():
                raise FileError("check-key-lost", file=KEY_FILE)
            _make_key(path)
        key = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "-"
        raise FileError("check-key-unusable", file=KEY_FILE, reason=reason) from error
    if len(key) != _KEY_BYTES:
        raise FileError("check-key-unusable", file=KEY_FILE, reason=f"{len(key)} bytes")
    return key


def sign(content: Mapping[str, Any], key: bytes) -> str:
    """Give the keyed digest of a document, in hexadecimal digits."""
    return hmac.new(key, canonical(content).encode(), hashlib.sha256).hexdigest()


def is_signed(content: Mapping[str, Any], digest: str, key: bytes) -> bool:
    """Tell whether a digest belongs to a document."""
    return hmac.compare_digest(sign(content, key).encode(), digest.encode())


def canonical(content: Mapping[str, Any]) -> str:
    """Write a document in its one form: keys sorted, no spaces, numbers in full."""
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def _make_key(path: Path) -> None:
    """Write the key whole, then give it its name unless another process did."""
    temporary = path.with_name(f".{KEY_FILE}-{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
    finally:
        temporary.unlink(missing_ok=True)
