"""A name for this data folder among others that share a database; its owner holds job leases under it."""

from pathlib import Path

from knowledge.kit.ids import new_id

NAME_FILE = "host"


def host_name(data_folder: Path) -> str:
    """Return the name of the data folder, made on first use."""
    file = data_folder / NAME_FILE
    name = file.read_text(encoding="ascii").strip() if file.exists() else ""
    if not name:  # not made yet, or by a process that was killed while it wrote
        name = new_id().hex
        file.write_text(name + "\n", encoding="ascii")
    return name
