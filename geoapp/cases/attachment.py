"""Photos and documents of cases: kept byte for byte under the hash of their content."""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geoapp.catalog.disk import discard
from geoapp.errors import ConflictError, FileError, InputError, NotFoundError

FOLDER: Final = "attachments"
MOST_BYTES: Final = 50 * 2**20
_HASH_LENGTH: Final = 64


@dataclass(frozen=True)
class Attachments:
    """The folder of one workspace."""

    folder: Path

    def add(self, content: bytes) -> str:
        """Keep bytes and give their hash; what is there already is kept once.

        Raises:
            InputError: Nothing, or too much.
            FileError: The folder cannot be written.
        """
        if not content:
            raise InputError("attachment-empty")
        if len(content) > MOST_BYTES:
            raise InputError("attachment-too-large", most=MOST_BYTES // 2**20)
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if path.is_file() and path.stat().st_size == len(content):
            return digest
        temporary = path.with_name(f".{digest}-{os.getpid()}-{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError as error:
            reason = error.strerror or "-"
            raise FileError("file-unwritable", file=FOLDER, reason=reason) from error
        finally:
            discard(temporary)
        return digest

    def read(self, digest: str) -> bytes:
        """Read what lies under a hash, as it was added.

        Raises:
            NotFoundError: There is nothing.
            ConflictError: It is not what was added.
        """
        path = self._path(digest)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise NotFoundError("attachment-unknown", hash=digest[:12]) from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise ConflictError("attachment-changed", hash=digest[:12])
        return content

    def _path(self, digest: str) -> Path:
        if len(digest) != _HASH_LENGTH or not set(digest) <= set("0123456789abcdef"):
            raise NotFoundError("attachment-unknown", hash=digest[:12])
        return self.folder / digest
