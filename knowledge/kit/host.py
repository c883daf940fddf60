"""A name for this data folder among others that share a database; its owner holds job leases under it."""

from pathlib import Path

from knowledge.kit.ids import new_id

NAME_FILE = "host"


def host_name(data_folder: Path) -> str:
    """Return the name of the data folder, made on first use."""
    file = data_folder / NAME_FILE
    try:
        return file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        file.write_text(new_id().hex + "\n", encoding="ascii")
        return file.read_text(encoding="ascii").strip()
