"""The interface for other programs below ``/api``: OGC API - Features, statistics, layers."""
