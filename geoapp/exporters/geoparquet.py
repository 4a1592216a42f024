"""GeoParquet 1.1: keeps everything; where it comes from stands in the file's metadata."""

import json
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from geoapp.exporters.arrow import to_frame
from geoapp.exporters.content import Content

METADATA_KEY: Final = b"geoapp"
_ROW_GROUP: Final = 20_000


def write_geoparquet(content: Content, path: Path) -> dict[str, str]:
    """Write the features and, under the key ``geoapp`` of the metadata, the notes.

    Returns:
        Canonical field → name in the file.
    """
    plain = path.with_name("plain")
    to_frame(content).to_parquet(
        plain,
        index=False,
        compression="zstd",
        geometry_encoding="WKB",
        write_covering_bbox=True,
        schema_version="1.1.0",
        row_group_size=_ROW_GROUP,
    )
    notes = {
        "layer": content.layer_name,
        "sample": content.origin.sample,
        "notes": [list(line) for line in content.notes()],
    }
    with pq.ParquetFile(plain) as source:
        schema = source.schema_arrow
        own = {METADATA_KEY: json.dumps(notes, ensure_ascii=False).encode()}
        schema = schema.with_metadata((schema.metadata or {}) | own)
        with pq.ParquetWriter(path, schema, compression="zstd") as target:
            for group in range(source.num_row_groups):
                target.write_table(
                    source.read_row_group(group).replace_schema_metadata(schema.metadata)
                )
    return {column.canonical: column.name for column in content.columns}
