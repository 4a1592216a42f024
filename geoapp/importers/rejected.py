"""The rows that an import leaves out, as a file that a GIS opens, with the reason beside each."""

import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
from pyogrio.errors import DataSourceError

from geoapp.errors import FileError
from geoapp.i18n import LANGS
from geoapp.importers.findings import Findings
from geoapp.importers.problem import Problem
from geoapp.importers.wording import word_problem


def write_rejected(rejected: gpd.GeoDataFrame, findings: Findings, path: Path) -> None:
    """Write rejected rows as a GeoPackage, in the system and with the fields of their file.

    Args:
        rejected: Rows as they stand in the file; the index counts them from 0.
        findings: What is wrong with them; every reason is written, none is cut.
        path: The file.

    Raises:
        FileError: It cannot be written.
    """
    rows = rejected.index.to_numpy()
    frame = rejected.rename(columns={c: f"{c}_" for c in rejected.columns if c.lower() == "fid"})
    frame.insert(0, "source_row", rows + 1)
    spelt = {(p.row, p.code): p for p in findings.problems if p.severity == "error"}
    for lang in LANGS:
        reasons: list[list[str]] = [[] for _ in rows]
        for code, wrong in findings.errors.items():
            for place in np.flatnonzero(np.isin(rows, wrong)).tolist():
                row = int(rows[place]) + 1
                problem = spelt.get((row, code), Problem(code, "error", row))
                reasons[place].append(word_problem(problem, lang))
        frame[f"reason_{lang}"] = [" ".join(said) for said in reasons]
    with warnings.catch_warnings():
        # What is written here is wrong on purpose: GDAL's remarks on it are no news.
        warnings.simplefilter("ignore")
        try:
            pyogrio.write_dataframe(frame, path, driver="GPKG", layer="rejected")
        except (OSError, DataSourceError) as error:
            raise FileError("file-unwritable", file=path.name, reason=str(error)) from error
