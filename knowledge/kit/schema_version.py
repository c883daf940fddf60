"""The database version that this program needs, known without reading the migrations, which would slow every start."""

# A test compares it with the newest migration.
SCHEMA_VERSION = "2026_11_22_opening"
