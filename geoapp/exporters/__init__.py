"""Writing the features of a layer to the files that offices hand on.

Every format loses something. What a file could not keep is listed in its report, with counts;
nothing is cut, rounded or left out in silence.
"""
