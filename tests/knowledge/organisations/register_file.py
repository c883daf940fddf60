"""Small register files in the official layout, built in code."""

from pathlib import Path

from knowledge.organisations.states import STATES

LENGTH = 220


class RegisterFile:
    """A register in which every state has one independent city, to which more can be added.

    The city of the state 12 has the keys 12051, 120510000 and 120510000000, those of other states accordingly.
    """

    def __init__(self, day: str = "20231130") -> None:
        self.day = day
        self.lines: dict[str, str] = {}
        for key, (_abbreviation, name) in STATES.items():
            self.state(key, name)
            self.city(f"{key}051", f"Hauptort {name}, Stadt")

    def state(self, key: str, name: str) -> None:
        """Add a state."""
        self._put(key, "10" + self.day + key.ljust(12) + name.ljust(50) + "Hauptort".ljust(50))

    def district(self, key: str, name: str, kind: str = "44") -> None:
        """Add a district with a key of five digits."""
        self._put(key, "40" + self.day + key.ljust(12) + name.ljust(50) + "Kreisstadt".ljust(50) + kind)

    def association(self, key: str, name: str, kind: str = "51") -> None:
        """Add an association with a key of nine digits."""
        self._put(key, "50" + self.day + key[:5] + "   " + key[5:] + name.ljust(50) + "".ljust(50) + kind)

    def municipality(self, key: str, name: str, kind: str = "64", population: int = 1000) -> None:
        """Add a municipality with a key of twelve digits."""
        ags, association = key[:5] + key[9:], key[5:9]
        numbers = f"{2500:011}{population:011}{population // 2:011}"
        start = "60" + self.day + ags + association + name.ljust(50) + "".ljust(50) + kind
        self._put(key, start + "    " + numbers + "    " + "15806")

    def alone(self, key: str, name: str, kind: str = "63", population: int = 1000) -> None:
        """Add a municipality that belongs to no association, which the register writes down as one of its own."""
        self.association(key[:9], name, "50")
        self.municipality(key, name, kind, population)

    def city(self, key: str, name: str, population: int = 50_000) -> None:
        """Add an independent city by the five digits of its district."""
        self.district(key, name, "41")
        self.alone(f"{key}0000000", name, "61", population)

    def remove(self, *keys: str) -> None:
        """Take records out."""
        for key in keys:
            del self.lines[key]

    def text(self) -> str:
        """Return the file's text, every record after the one it belongs to."""
        return "".join(f"{self.lines[key]}\n" for key in sorted(self.lines))

    def write(self, folder: Path, *, encoding: str = "utf-8") -> Path:
        """Write the file into a folder and return its path."""
        path = folder / f"GV100AD_{self.day}.txt"
        path.write_bytes(self.text().encode(encoding))
        return path

    def _put(self, key: str, line: str) -> None:
        self.lines[key] = line.ljust(LENGTH)


def brandenburg(day: str = "20231130") -> RegisterFile:
    """Return a register with an Amt, a rural district, common names and an area that belongs to no municipality."""
    register = RegisterFile(day)
    register.district("12064", "Märkisch-Oderland")
    register.association("120645412", "Seelow-Land")
    register.municipality("120645412340", "Neuhardenberg", population=2791)
    register.municipality("120645412420", "Lindendorf", population=1300)
    register.alone("120640448448", "Strausberg, Stadt", population=27_000)
    register.municipality("120649501999", "Oderforst, gemfr. Gebiet", "66", population=0)
    register.association("120649501", "Oderforst, gemfr. Gebiet", "50")
    return register
