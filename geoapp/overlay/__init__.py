"""Area statistics: which part of a layer lies in which unit, class and other layer."""
