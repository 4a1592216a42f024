"""The register database: connection rules and schema migrations.

Everything that changes lives here: which snapshot is current, the audit trail, later users
and cases. SQLite in WAL mode by default, PostgreSQL by URL, one schema for both.
"""
