"""A city opened from its folder: the face for other software, the command line and the pages."""

import shutil
from functools import lru_cache
from pathlib import Path

from geoapp.access.policy import Principal, local_administrator
from geoapp.bootstrap.accounts import AccountAccess
from geoapp.bootstrap.behind import FiguresBehind
from geoapp.bootstrap.case_layer import CaseLayer
from geoapp.bootstrap.check_documents import CheckDocuments
from geoapp.bootstrap.check_register import CheckRegister
from geoapp.bootstrap.discovery import Discovery
from geoapp.bootstrap.exports import Exports
from geoapp.bootstrap.feature_access import FeatureAccess
from geoapp.bootstrap.fire_cover import FireCover
from geoapp.bootstrap.health import HealthFigures
from geoapp.bootstrap.imports import Imports
from geoapp.bootstrap.inspection import Inspection
from geoapp.bootstrap.planning_ledger import PlanningLedger
from geoapp.bootstrap.planning_papers import PlanningPapers
from geoapp.bootstrap.public_site import PublicSite
from geoapp.bootstrap.publication import Publication
from geoapp.bootstrap.quality import Quality
from geoapp.bootstrap.questions import Questions
from geoapp.bootstrap.reported import Reported
from geoapp.bootstrap.sheets import Sheets
from geoapp.bootstrap.terrain_papers import TerrainPapers
from geoapp.bootstrap.versions import Versions
from geoapp.catalog.founding import CITY_FILE, find_city, found
from geoapp.errors import NotFoundError
from geoapp.settings import Settings, read_settings


class Workspace(
    FiguresBehind,
    PlanningLedger,
    TerrainPapers,
    FireCover,
    Quality,
    PlanningPapers,
    Reported,
    Questions,
    Discovery,
    FeatureAccess,
    HealthFigures,
    Publication,
    Sheets,
    CheckRegister,
    CheckDocuments,
    Inspection,
    Imports,
    Exports,
    Versions,
    CaseLayer,
    AccountAccess,
    PublicSite,
):
    """One city: its layers, statistics, maps, imports, checks and cases, for one acting principal."""

    @classmethod
    def open(
        cls,
        folder: Path | str | None = None,
        *,
        settings: Settings | None = None,
        principal: Principal | None = None,
    ) -> "Workspace":
        """Open the workspace of a city.

        Args:
            folder: The workspace; by default the one of the settings.
            settings: By default from the environment.
            principal: Who acts; by default whoever sits at this machine.

        Raises:
            NotFoundError: The folder is not a workspace.
            CatalogError: A definition file is wrong.
        """
        settings = settings or read_settings()
        path = Path(folder) if folder is not None else settings.workspace
        city = find_city(path)
        if city is None:
            raise NotFoundError("workspace-none", folder=str(path))
        return cls(path, city, settings, principal or local_administrator())

    @classmethod
    def init(
        cls,
        city_file: Path | str,
        folder: Path | str,
        *,
        settings: Settings | None = None,
        outlines: bool = True,
    ) -> "Workspace":
        """Make an empty workspace; district outlines that the city names are published.

        Args:
            city_file: ``city.toml``; the files it names lie beside it.
            folder: The workspace; absent or empty.
            settings: By default from the environment.
            outlines: Publish the district outlines.

        When the outlines cannot be, nothing is left of the workspace.

        Raises:
            FileError: A file is missing.
            CatalogError: The city is described wrongly.
            ConflictError: The folder holds something already.
        """
        file, path = Path(city_file), Path(folder)
        city = found(file, path)
        try:
            workspace = cls.open(path, settings=settings)
            if outlines and city.units.outline:
                workspace.import_file(
                    "district",
                    file.parent / city.units.outline,
                    as_of=city.units.as_of,
                    covers=("all",),
                )
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise
        return workspace


def shared_workspace(principal: Principal | None = None) -> Workspace:
    """Give the workspace of this process, for pages and routes alike.

    It is opened anew when the folder was replaced, as ``demo`` does.

    Args:
        principal: Who acts; by default whoever sits at this machine.

    Raises:
        NotFoundError: There is no workspace.
    """
    folder = read_settings().workspace.resolve()
    try:
        stamp = (folder / CITY_FILE).stat()
    except OSError as error:
        raise NotFoundError("workspace-none", folder=str(folder)) from error
    shared = _open_shared(folder, (stamp.st_ino, stamp.st_mtime_ns))
    return shared if principal is None else shared.acting_as(principal)


@lru_cache(maxsize=2)
def _open_shared(folder: Path, _stamp: tuple[int, int]) -> Workspace:
    return Workspace.open(folder)
