"""Documents: one content model, written as xlsx, csv or parquet."""
