"""Files that belong together: the members of an archive, a folder or an upload.

An archive is judged by its list of contents before a byte is unpacked, and every byte is
counted while unpacking. Members are written under our own names, never under theirs.
"""

import itertools
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from geoapp.errors import FileError

MOST_MEMBERS: Final = 20_000
MOST_UNPACKED_BYTES: Final = 4 * 1024**3
MOST_RATIO: Final = 200
_RATIO_MATTERS_BYTES: Final = 32 * 1024**2  # smaller things may be as empty as they like
_UTF8_FLAG: Final = 0x800
_ENCRYPTED_FLAG: Final = 0x1
_NOISE: Final = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db"})
DAMAGED_ARCHIVE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    OSError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """One file among others.

    Attributes:
        name: Where it stands among them, as its maker named it.
        place: Puts it at a path of ours.
    """

    name: PurePosixPath
    place: Callable[[Path], None]


def folder_members(folder: Path) -> list[Member]:
    """List the files below a folder."""
    found: list[Member] = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not _NOISE & set(path.parts):
            if len(found) >= MOST_MEMBERS:
                raise FileError("archive-too-many-files", file=folder.name, most=MOST_MEMBERS)
            found.append(file_member(path, PurePosixPath(path.relative_to(folder).as_posix())))
    return found


def file_member(path: Path, name: PurePosixPath | None = None) -> Member:
    """Make a member of one file; it is linked to, never copied."""
    return Member(name or PurePosixPath(path.name), lambda to: to.symlink_to(path.resolve()))


@contextmanager
def archive_members(path: Path, file: str) -> Iterator[list[Member]]:
    """List the files of a ZIP archive that may be unpacked.

    Raises:
        FileError: The archive is damaged, encrypted, too large when unpacked, holds links
            or devices, two members of one name, or too many.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            _require_harmless(infos, file)
            yield [
                Member(name, _unpacker(archive, info, file))
                for name, info in ((_member_name(info), info) for info in infos)
                if not info.is_dir() and not _NOISE & set(name.parts)
            ]
    except DAMAGED_ARCHIVE as error:
        raise FileError("file-damaged", file=file, reason=str(error)) from error


def _require_harmless(infos: list[zipfile.ZipInfo], file: str) -> None:
    if len(infos) > MOST_MEMBERS:
        raise FileError("archive-too-many-files", file=file, most=MOST_MEMBERS)
    if any(info.flag_bits & _ENCRYPTED_FLAG for info in infos):
        raise FileError("archive-encrypted", file=file)
    size = sum(info.file_size for info in infos)
    packed = max(1, sum(info.compress_size for info in infos))
    wasteful = size > _RATIO_MATTERS_BYTES and size / packed > MOST_RATIO
    if size > MOST_UNPACKED_BYTES or wasteful:
        raise FileError("archive-expands-too-much", file=file)
    names: set[str] = set()
    ends: list[tuple[int, int]] = []
    for info in infos:
        name = str(_member_name(info))
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
            raise FileError("archive-member-refused", file=file, member=name[:80])
        if name.lower() in names and not info.is_dir():
            raise FileError("archive-member-twice", file=file, member=name[:80])
        names.add(name.lower())
        ends.append((info.header_offset, info.header_offset + info.compress_size))
    ends.sort()
    if any(end > start for (_, end), (start, _) in itertools.pairwise(ends)):
        raise FileError("archive-expands-too-much", file=file)


def _member_name(info: zipfile.ZipInfo) -> PurePosixPath:
    """Read a member's name; without the UTF-8 flag Chinese tools wrote it in GBK."""
    name = info.filename
    if not info.flag_bits & _UTF8_FLAG:
        try:
            name = name.encode("cp437").decode("gb18030")
        except (UnicodeEncodeError, UnicodeDecodeError):
            name = info.filename
    return PurePosixPath(name.replace("\\", "/"))


def _unpacker(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: str) -> Callable[[Path], None]:
    def unpack(target: Path) -> None:
        left = info.file_size
        with archive.open(info) as source, target.open("wb") as sink:
            while block := source.read(min(1 << 20, left + 1)):
                left -= len(block)
                if left < 0:
                    raise FileError("archive-expands-too-much", file=file)
                sink.write(block)

    return unpack
