"""Reference systems, official areas and repair; numpy, shapely and pyproj only."""
