"""Fetching the browser files: what is locked, and one clear sentence when it fails."""

import json
import shutil
import stat
import sys
import tomllib
from pathlib import Path

import pytest

from geoapp.ui.assets import ASSETS, install

FAKE_NPM = """#!{python}
import pathlib, sys
{body}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in install.NPM_FILES:
        shutil.copyfile(install.PROJECT / name, tmp_path / name)
    return tmp_path


def use_npm(body: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program called npm, and nothing else, on the path."""
    npm = folder / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(FAKE_NPM.format(python=sys.executable, body=body))
    npm.chmod(npm.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(npm.parent))


UNPACK = """
for name in {names}:
    path = pathlib.Path("node_modules", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
"""
FILES = [
    f"{package.name}/{pattern.replace('*', 'one')}"
    for package in install.PACKAGES
    for pattern in package.files
]


def test_files_are_copied_once_and_again_when_the_lock_changes(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_npm(UNPACK.format(names=FILES), project, monkeypatch)
    vendor = project / "vendor"
    assert install.install(project, vendor)
    assert not install.install(project, vendor)
    urls: dict[str, str] = json.loads((vendor / "urls.json").read_text())
    shipped = [url.removeprefix("/assets/vendor/") for url in urls.values()]
    assert all((vendor / path).is_file() or "Cluster" in path for path in shipped)
    (project / "package.json").write_text("{}")
    assert install.install(project, vendor)
    assert not list(project.glob(".vendor-*"))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("sys.exit('npm error code ENOTFOUND')", "could not fetch.*: code ENOTFOUND\\.$"),
        (UNPACK.format(names=FILES[1:]), "npm package leaflet has no file LICENSE"),
    ],
)
def test_a_failure_is_one_sentence_and_keeps_the_old_files(
    body: str, sentence: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_npm(body, project, monkeypatch)
    vendor = project / "vendor"
    vendor.mkdir()
    (vendor / "old").touch()
    with pytest.raises(install.InstallError, match=sentence):
        install.install(project, vendor)
    assert (vendor / "old").exists()


def test_a_missing_npm_is_named(project: Path) -> None:
    with pytest.raises(install.InstallError, match="No npm found: install"):
        install.require_packages(None, project)


def test_a_folder_without_package_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(install.InstallError, match=r"package\.json is missing"):
        install.install(tmp_path, tmp_path / "vendor")


def test_versions_are_exact_hashed_and_without_addresses() -> None:
    package = json.loads((install.PROJECT / "package.json").read_text())
    assert all(version[0].isdigit() for version in package["dependencies"].values())
    assert set(package["dependencies"]) == {package.name for package in install.PACKAGES}
    lock = (install.PROJECT / "package-lock.json").read_text()
    assert "://" not in lock
    entries = json.loads(lock)["packages"]
    assert all("integrity" in entry for name, entry in entries.items() if name)


def test_readme_names_every_package_version_and_licence() -> None:
    readme = (ASSETS / "README.md").read_text()
    entries = json.loads((install.PROJECT / "package-lock.json").read_text())["packages"]
    for path, entry in entries.items():
        if name := path.removeprefix("node_modules/"):
            assert f"| `{name}` | {entry['version']} | {entry['license']} |" in readme


def test_both_ways_to_start_read_one_configuration() -> None:
    beside_main = ASSETS.parent / ".streamlit" / "config.toml"
    assert (install.PROJECT / ".streamlit" / "config.toml").resolve() == beside_main.resolve()
    config = tomllib.loads(beside_main.read_text())
    assert config["browser"]["gatherUsageStats"] is False
    assert config["server"]["address"] == "127.0.0.1"
    assert "://" not in beside_main.read_text()
