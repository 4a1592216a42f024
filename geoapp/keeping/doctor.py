"""Looking for damage: every file, every chain, every row that must fit another."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from geoapp.catalog.city import read_unit_names
from geoapp.catalog.founding import CITY_FILE, UNITS_FILE, find_city
from geoapp.catalog.library import Library
from geoapp.database.engine import open_engine, sqlite_url
from geoapp.errors import GeoAppError
from geoapp.keeping.contents import REGISTER
from geoapp.keeping.examine_files import examine_attachments, examine_snapshots
from geoapp.keeping.examine_place import (
    examine_leftovers,
    examine_room,
    examine_secrets,
    find_leftovers,
)
from geoapp.keeping.examine_register import (
    examine_chains,
    examine_checks,
    examine_pages,
    examine_schema,
)
from geoapp.keeping.finding import Symptom
from geoapp.keeping.patient import Patient
from geoapp.keeping.storage_facts import REGISTER_FAULTS, read_digests
from geoapp.values import Progress, no_progress


@dataclass(frozen=True, slots=True)
class Examination:
    """What the doctor found.

    Attributes:
        symptoms: Faults first; empty: nothing was found.
        unexamined: Parts that could not be examined because of what was found.
    """

    symptoms: tuple[Symptom, ...]
    unexamined: tuple[str, ...] = ()

    @property
    def healthy(self) -> bool:
        """Whether all was examined and nothing found."""
        return not self.symptoms and not self.unexamined

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.doctor/1``."""
        return {
            "schema": "geoapp.doctor/1",
            "healthy": self.healthy,
            "symptoms": [symptom.to_json() for symptom in self.symptoms],
            "unexamined": list(self.unexamined),
        }


_EXAMINE: Final[dict[str, Callable[[Patient], Iterator[Symptom]]]] = {
    "pages": examine_pages,
    "chains": examine_chains,
    "checks": examine_checks,
    "attachments": examine_attachments,
    "snapshots": examine_snapshots,
}


def examine(
    folder: Path, library: Library, database_url: str = "", progress: Progress = no_progress
) -> Examination:
    """Examine a workspace without changing anything in it.

    Args:
        folder: The workspace.
        library: Its layers.
        database_url: Of its register; ``""``: the one in the folder.
        progress: Told how far it is.
    """
    symptoms = [
        *_examine_city(folder),
        *examine_room(folder),
        *examine_secrets(folder),
        *examine_leftovers(folder),
    ]
    if not database_url and not (folder / REGISTER).is_file():
        symptoms.append(Symptom("file_missing", "fault", REGISTER))
        return _sorted(symptoms, tuple(_EXAMINE))
    engine = open_engine(database_url or sqlite_url(folder / REGISTER))
    try:
        schema = list(examine_schema(engine))
        if schema:
            return _sorted([*symptoms, *schema], tuple(_EXAMINE))
        unexamined = []
        digests: dict[tuple[str, str], str] = {}
        with suppress(*REGISTER_FAULTS):  # each part says so below
            digests = read_digests(engine)
        patient = Patient(folder, library, engine, digests)
        for step, (part, examine_part) in enumerate(_EXAMINE.items()):
            progress(f"doctor.part_{part}", step / len(_EXAMINE))
            try:
                symptoms += examine_part(patient)
            except REGISTER_FAULTS as error:
                reason = str(getattr(error, "facts", {}).get("reason", "-"))
                symptoms.append(
                    Symptom("register_unreadable", "fault", "register", {"reason": reason})
                )
                unexamined.append(part)
        progress("doctor.done", 1.0)
        return _sorted(symptoms, tuple(unexamined))
    finally:
        engine.dispose()


def remove_leftovers(folder: Path) -> list[str]:
    """Remove what killed work left behind more than an hour ago; give what it was."""
    removed = []
    for path in find_leftovers(folder):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        removed.append(path.relative_to(folder.parent).as_posix())
    return removed


def _examine_city(folder: Path) -> Iterator[Symptom]:
    for file, read in (
        (CITY_FILE, lambda: find_city(folder)),
        (UNITS_FILE, lambda: read_unit_names(folder / UNITS_FILE)),
    ):
        if not (folder / file).is_file():
            yield Symptom("file_missing", "fault", file)
            continue
        try:
            read()
        except GeoAppError as error:
            yield Symptom("city_damaged", "fault", file, {"reason": str(error)})


def _sorted(symptoms: Sequence[Symptom], unexamined: tuple[str, ...]) -> Examination:
    once = {(one.severity, one.code, one.subject): one for one in symptoms}
    return Examination(tuple(once[key] for key in sorted(once)), unexamined)
