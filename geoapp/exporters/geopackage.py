"""GeoPackage: keeps everything; a table beside the features says where they come from."""

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyogrio

from geoapp.exporters.arrow import PROMOTED, promote, to_frame
from geoapp.exporters.content import Content

NOTES: Final = "notes"


def write_geopackage(content: Content, path: Path) -> dict[str, str]:
    """Write one layer of features and a table of notes.

    Returns:
        Canonical field → name in the file.
    """
    kind = content.definition.geometry
    frame = to_frame(content)
    frame = frame.set_geometry(promote(np.asarray(frame.geometry), kind), crs=content.crs)
    description = "\n".join(filter(None, (content.banner, content.title)))
    pyogrio.write_dataframe(
        frame,
        path,
        layer=content.layer_name,
        driver="GPKG",
        geometry_type=PROMOTED[kind],
        use_arrow=True,
        layer_options={"DESCRIPTION": description, "IDENTIFIER": content.layer_name},
    )
    labels, words = zip(*content.notes(), strict=True)
    notes = pd.DataFrame({"item": labels, "note": words})
    pyogrio.write_dataframe(notes, path, layer=NOTES, driver="GPKG", append=True)
    return {column.canonical: column.name for column in content.columns}
