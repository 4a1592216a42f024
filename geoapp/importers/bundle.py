"""A zip of several files of parcels, as offices collect them: one file after the other.

A zip that holds a shapefile or a file geodatabase is a file of its own and left to its reader.
"""

import shutil
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, Final

from geoapp.errors import FileError

MOST_FILES: Final = 500
MOST_BYTES: Final = 500_000_000
_ENCRYPTED: Final = 0x1
_OWN: Final = (".shp", ".gdbtable", ".gdb")
_LEFT_ALONE: Final = "__MACOSX/"


@contextmanager
def unbundled(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Replace each zip of several files by its files, for as long as they are read.

    Raises:
        FileError: A zip is damaged, encrypted, empty, or expands too much.
    """
    with TemporaryDirectory(prefix="geoapp-bundle-") as folder:
        found: list[Path] = []
        for number, path in enumerate(paths):
            if path.suffix.lower() == ".zip" and path.is_file():
                found += _unpack(path, Path(folder) / str(number))
            else:
                found.append(path)
        yield found


def _unpack(path: Path, folder: Path) -> list[Path]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if _counts(info)]
            names = [info.filename.lower() for info in members]
            if any(name.endswith(_OWN) or ".gdb/" in name for name in names):
                return [path]
            _require_small(path, members)
            folder.mkdir(parents=True)
            return [
                _take(path, archive, info, folder, place)
                for place, info in enumerate(members, start=1)
            ]
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as error:
        raise FileError("file-damaged", file=path.name, reason="zip") from error


def _counts(info: zipfile.ZipInfo) -> bool:
    hidden = _name(info).startswith(".")
    return not info.is_dir() and not info.filename.startswith(_LEFT_ALONE) and not hidden


def _name(info: zipfile.ZipInfo) -> str:
    return PurePosixPath(info.filename.replace("\\", "/")).name


def _require_small(path: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    if not members:
        raise FileError("file-empty", file=path.name)
    if any(info.flag_bits & _ENCRYPTED for info in members):
        raise FileError("file-damaged", file=path.name, reason="zip: encrypted")
    if len(members) > MOST_FILES or sum(info.file_size for info in members) > MOST_BYTES:
        raise FileError("archive-expands-too-much", file=path.name)


def _take(
    path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Path, place: int
) -> Path:
    """Write one file, into a folder of its own: names may repeat; no path of the zip is used."""
    own = folder / str(place)
    own.mkdir()
    target = own / _name(info)
    with archive.open(info) as source, target.open("wb") as copy:
        shutil.copyfileobj(_Counted(source, info.file_size, path), copy)
    return target


class _Counted:
    """Reads no more than a member says that it has: the sizes in a zip may lie."""

    def __init__(self, source: IO[bytes], most: int, path: Path) -> None:
        self._source, self._left, self._path = source, most, path

    def read(self, size: int = -1) -> bytes:
        """Read the next piece."""
        piece = self._source.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise FileError("archive-expands-too-much", file=self._path.name)
        return piece
