"""What this program is made of."""

from importlib.metadata import PackageNotFoundError, version

LIBRARIES = ("SQLAlchemy", "alembic", "tantivy", "chromadb", "sentence-transformers", "onnxruntime", "torch")


def program_version() -> str:
    """Return the version of Allmende."""
    return _version("allmende") or "0.1.0"


def library_versions() -> dict[str, str | None]:
    """Return the versions of what Allmende stands on; ``None`` for what is not installed."""
    return {name: _version(name) for name in LIBRARIES}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
