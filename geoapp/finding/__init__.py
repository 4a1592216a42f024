"""Finding: what lies at a point, and where something lies that has a name or a number."""
