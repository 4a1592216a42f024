"""Reading file geodatabases: coded values are decoded beside their codes."""

import re
import warnings
from typing import Any, Final
from xml.etree import ElementTree as ET

import pyarrow as pa
import pyogrio.raw

from geoapp.importers.content import GEOMETRY, Content
from geoapp.importers.gdal import layer_names, list_gdal, read_gdal
from geoapp.importers.job import Dataset, Sublayer, choose
from geoapp.importers.problem import Problem

_LIST_ALL: Final = {"LIST_ALL_TABLES": "YES"}
_ENTITY: Final = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
DECODED: Final = "_text"


def read_filegdb(dataset: Dataset) -> Content:
    """Read one feature class.

    A field with a domain of coded values keeps its codes; a column ``<field>_text`` beside
    it has what they mean, where the geodatabase says so.

    Raises:
        FileError: It is damaged or holds no feature class.
        ChoiceError: It holds several, and none or another one was named.
    """
    layer = choose(layer_names(dataset), dataset.job.sublayer, dataset.name)
    content = read_gdal(dataset, layer)
    content.problems.append(Problem("curves-to-chords", "note"))
    domains = _read_domains(dataset, layer)
    decoded = {name: domains[name] for name in content.schema.names if name in domains}
    if decoded:
        content = _decode(content, decoded)
    return content


def list_filegdb(dataset: Dataset) -> list[Sublayer]:
    """List the feature classes."""
    return list_gdal(dataset, layer_names(dataset))


def _decode(content: Content, domains: dict[str, dict[str, str]]) -> Content:
    """Put the meaning of coded values beside their codes."""
    fields = [part for part in content.schema if part.name != GEOMETRY]
    added = [name for name in domains if f"{name}{DECODED}" not in content.schema.names]
    schema = pa.schema(
        [
            *fields,
            *(pa.field(f"{name}{DECODED}", pa.string()) for name in added),
            content.schema.field(GEOMETRY),
        ]
    )
    batches = content.batches

    def iter_decoded() -> Any:
        for batch in batches:
            columns = [batch.column(part.name) for part in fields]
            for name in added:
                values = batch.column(name).to_pylist()
                texts = [None if v is None else domains[name].get(str(v)) for v in values]
                columns.append(pa.array(texts, pa.string()))
            columns.append(batch.column(GEOMETRY))
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    content.schema, content.batches = schema, iter_decoded()
    content.problems += [
        Problem("domain-decoded", "note", facts={"field": name, "name": f"{name}{DECODED}"})
        for name in added
    ]
    return content


def _read_domains(dataset: Dataset, layer: str) -> dict[str, dict[str, str]]:
    """Map fields of a feature class to what their codes mean; empty where nothing is stated."""
    meanings: dict[str, dict[str, str]] = {}
    used: dict[str, str] = {}
    for name, definition in _definitions(dataset):
        if not definition or _ENTITY.search(definition):
            continue
        try:
            root = ET.fromstring(definition)  # noqa: S314 - entities were refused above
        except ET.ParseError:
            continue
        if root.tag.endswith(("GPCodedValueDomain2", "GPCodedValueDomain")):
            codes = {
                str(value.findtext("Code")): str(value.findtext("Name"))
                for value in root.iter("CodedValue")
            }
            meanings[root.findtext("DomainName") or name] = codes
        elif name == layer:
            for field in root.iter("GPFieldInfoEx"):
                domain = field.findtext("DomainName")
                if domain:
                    used[str(field.findtext("Name"))] = domain
    return {field: meanings[domain] for field, domain in used.items() if domain in meanings}


def _definitions(dataset: Dataset) -> list[tuple[str, str]]:
    """Read the geodatabase's own list of items: name and XML definition of each."""
    try:
        with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
            meta, _, _, columns = pyogrio.raw.read(
                dataset.path,
                layer="GDB_Items",
                columns=["Name", "Definition"],
                read_geometry=False,
                **_LIST_ALL,
            )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError):
        return []
    values = dict(zip([str(name) for name in meta["fields"]], columns, strict=True))
    if not {"Name", "Definition"} <= values.keys():
        return []
    return [
        (str(name or ""), str(definition or ""))
        for name, definition in zip(values["Name"], values["Definition"], strict=True)
    ]
