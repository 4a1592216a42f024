"""Writing the public site, and proving that it holds nothing else."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq
import pyarrow.types as pat

from geoapp.access.policy import require
from geoapp.bootstrap.directory import Directory
from geoapp.bootstrap.public_figures import PublicFigures
from geoapp.bootstrap.tips import Tips
from geoapp.cases.storage_tip import list_case_numbers
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.snapshot import FEATURES, Snapshot
from geoapp.errors import ConflictError, NotFoundError
from geoapp.i18n import LANGS, Lang
from geoapp.publishing.figures import to_document
from geoapp.publishing.form import has_public_form
from geoapp.publishing.leak import Bounds, Checked, Leak, check_site
from geoapp.publishing.site import (
    is_site,
    put_in_place,
    require_room,
    temporary_beside,
    write_site,
)
from geoapp.publishing.site_data import SiteLayer
from geoapp.publishing.site_page import SiteContent
from geoapp.publishing.wording import Card, make_cards

_SHORTEST_SECRET: Final = 8
_SCHEMA: Final = "geoapp.publish/1"


@dataclass(frozen=True, slots=True)
class SiteReport:
    """What a site holds, and what the leak check found."""

    folder: str
    size_bytes: int
    checked: Checked

    def to_json(self) -> dict[str, Any]:
        """Give the document ``geoapp.publish/1``."""
        checked = self.checked
        return {
            "schema": _SCHEMA,
            "folder": self.folder,
            "size_bytes": self.size_bytes,
            "files": checked.files,
            "tiles": checked.tiles,
            "vertices": checked.vertices,
            "leaks": [
                {"file": leak.file, "kind": leak.kind, "what": leak.what} for leak in checked.leaks
            ],
        }


class PublicSite(PublicFigures, Directory, Tips):
    """The public view without a server."""

    def public_cards(self, lang: Lang) -> list[Card]:
        """Make the card of each district, from public data alone."""
        return make_cards(
            self._districts(),
            self.places(),
            self.public_figures(),
            {definition.id: definition for definition in self.library},
            as_of=self._public_days(),
            name_unit=self.name_unit,
            lang=lang,
        )

    def publish_site(self, folder: Path) -> SiteReport:
        """Write the public site, whole and checked, or not at all.

        Raises:
            AccessError: The principal may not.
            ConflictError: The folder holds something else, or the leak check found something.
            NotFoundError: There is no public layer.
            FileError: The folder cannot be written.
        """
        require(self.principal, "publish_site")
        require_room(folder)
        layers = self._site_layers()
        if not layers:
            raise NotFoundError("site-no-data")
        temporary = temporary_beside(folder)
        try:
            contents = {lang: self._site_content(lang) for lang in LANGS}
            write_site(temporary, layers, contents, self.city.crs)
            checked = self._check(temporary)
            if checked.leaks:
                self.record("publish_site", folder.name, result="failed", leaks=len(checked.leaks))
                raise _refuse(checked.leaks)
            put_in_place(temporary, folder)
            self.record("publish_site", folder.name, files=checked.files)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return SiteReport(str(folder), _size(folder), checked)

    def check_site(self, folder: Path) -> SiteReport:
        """Check a site that was written earlier; what it found stands in the report.

        Raises:
            AccessError: The principal may not.
            NotFoundError: There is no site.
        """
        require(self.principal, "publish_site")
        if not is_site(folder):
            raise NotFoundError("site-none", folder=str(folder))
        return SiteReport(str(folder), _size(folder), self._check(folder))

    def _check(self, folder: Path) -> Checked:
        public = {d.id: d for d in self.library if has_public_form(d)}
        figures = to_document(self.public_figures())
        box = self.city.extent.to_extent()
        return check_site(folder, Bounds(public, self._secrets(), figures, box))

    def _site_layers(self) -> list[SiteLayer]:
        current = self._stored.current()
        return [
            SiteLayer(definition, form)
            for definition in self.library
            if definition.id in current
            and "public" in definition.access.view
            and (form := self._forms.find(current[definition.id])) is not None
        ]

    def _site_content(self, lang: Lang) -> SiteContent:
        return SiteContent(
            city=self.city,
            definitions={definition.id: definition for definition in self.library},
            places=self.places(),
            tables=self.public_figures(),
            cards=self.public_cards(lang),
            as_of=self._public_days(),
            name_unit=self.name_unit,
        )

    def _public_days(self) -> list[str]:
        days = {layer.form.manifest.as_of.isoformat() for layer in self._site_layers()}
        return sorted(days | {table.as_of.isoformat() for table in self.public_figures()})

    def _secrets(self) -> frozenset[str]:
        """Gather numbers and names of what is not public: of parcels, control lines and cases."""
        known = {unit.code for unit in self.unit_names} | {unit.name for unit in self.unit_names}
        found: set[str] = set()
        for definition in self.library:
            snapshot = self._stored.find_current(definition.id)
            if snapshot is not None:
                found |= _read_secrets(definition, snapshot)
        with self.cases.office.store.reading() as connection:
            found |= set(list_case_numbers(connection))
        return frozenset(word for word in found - known if len(word) >= _SHORTEST_SECRET)


def _read_secrets(definition: LayerDefinition, snapshot: Snapshot) -> set[str]:
    """Read the words that would name a feature: keys of all layers, names of those not public."""
    names = {definition.key}
    if not has_public_form(definition):
        names.add(definition.name_field)
    names -= set(definition.access.fields)
    columns = [name for name in names if name in snapshot.columns]
    table = pq.read_table(snapshot.folder / FEATURES, columns=columns)
    found: set[str] = set()
    for column in table.columns:
        if pat.is_string(column.type) or pat.is_large_string(column.type):
            found |= {word for word in column.unique().to_pylist() if word and _is_number(word)}
    return found


def _is_number(word: str) -> bool:
    return any(letter.isdigit() for letter in word)


def _refuse(leaks: list[Leak]) -> ConflictError:
    first = leaks[0]
    what = f"@site.leak_{first.kind}"
    return ConflictError("site-leaks", file=first.file, what=what, count=len(leaks))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
