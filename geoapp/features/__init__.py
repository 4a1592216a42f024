"""Features of a layer page by page: what the HTTP interface for GIS programs is made of."""
