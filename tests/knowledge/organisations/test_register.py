"""Reading register files: whole ones, and all the ways in which they can be broken."""

from datetime import date
from pathlib import Path

import pytest

from knowledge.models.organisation import OrganisationKind
from knowledge.organisations.records import RegisterDamaged, RegisterEntry
from knowledge.organisations.register import Register, read_register
from tests.knowledge.organisations.register_file import RegisterFile, brandenburg


def read_text(folder: Path, text: str) -> Register:
    path = folder / "register.txt"
    path.write_text(text, encoding="utf-8")
    return read_register(path)


def entry(register: Register, key: str) -> RegisterEntry:
    return next(entry for entry in register.entries if entry.key == key)


class TestWholeRegister:
    def test_counts_every_kind(self, tmp_path: Path) -> None:
        register = read_register(brandenburg().write(tmp_path))

        assert register.as_of == date(2023, 11, 30)
        assert register.count(OrganisationKind.STATE) == 16
        assert register.count(OrganisationKind.DISTRICT) == 17
        assert register.count(OrganisationKind.ASSOCIATION) == 19
        assert register.count(OrganisationKind.MUNICIPALITY) == 20
        assert register.unincorporated == 1

    def test_reads_a_municipality(self, tmp_path: Path) -> None:
        register = read_register(brandenburg().write(tmp_path))

        assert entry(register, "120645412340") == RegisterEntry(
            key="120645412340",
            ags="12064340",
            kind=OrganisationKind.MUNICIPALITY,
            register_kind="64",
            name="Neuhardenberg",
            state_key="12",
            district_key="12064",
            association_key="120645412",
            seat=None,
            population=2791,
            area=2500,
            postcode="15806",
            unincorporated=False,
        )

    def test_adds_up_the_municipalities_of_an_association(self, tmp_path: Path) -> None:
        register = read_register(brandenburg().write(tmp_path))

        assert entry(register, "120645412").population == 2791 + 1300
        assert entry(register, "12064").area == 4 * 2500

    def test_knows_that_an_independent_city_is_its_own_district(self, tmp_path: Path) -> None:
        register = read_register(brandenburg().write(tmp_path))

        assert entry(register, "12051").same_as_key == "120510000000"
        assert entry(register, "120510000").same_as_key == "120510000000"
        assert entry(register, "120645412").same_as_key is None

    def test_knows_that_a_city_state_is_its_city(self, tmp_path: Path) -> None:
        file = RegisterFile()
        file.remove("11051", "110510000", "110510000000")
        file.city("11000", "Berlin, Stadt")

        register = read_register(file.write(tmp_path))

        assert entry(register, "11").same_as_key == "110000000000"

    def test_knows_the_municipality_that_works_for_its_neighbours(self, tmp_path: Path) -> None:
        file = RegisterFile()
        file.district("16062", "Nordhausen")
        file.association("160625053", "Heringen/Helme, Stadt", "58")
        file.municipality("160625053064", "Heringen/Helme, Stadt", "63")
        file.municipality("160625053065", "Urbach")

        register = read_register(file.write(tmp_path))

        assert entry(register, "160625053").same_as_key == "160625053064"

    def test_passes_over_regions(self, tmp_path: Path) -> None:
        region = ("2020231130031".ljust(22) + "Statistische Region Braunschweig").ljust(220)

        register = read_text(tmp_path, f"{region}\n{brandenburg().text()}")

        assert len(register.entries) == len(brandenburg().lines)


class TestEncodings:
    def test_reads_the_encoding_of_older_files(self, tmp_path: Path) -> None:
        register = read_register(brandenburg().write(tmp_path, encoding="cp1252"))

        assert entry(register, "12064").name == "Märkisch-Oderland"

    def test_reads_utf_8_with_its_mark(self, tmp_path: Path) -> None:
        register = read_register(brandenburg().write(tmp_path, encoding="utf-8-sig"))

        assert entry(register, "12064").name == "Märkisch-Oderland"

    def test_reads_the_line_ends_of_windows(self, tmp_path: Path) -> None:
        path = tmp_path / "register.txt"
        path.write_bytes(brandenburg().text().replace("\n", "\r\n").encode() + b"\x1a")

        assert len(read_register(path).entries) == len(brandenburg().lines)


class TestCutOff:
    def test_in_the_middle_of_a_line(self, tmp_path: Path) -> None:
        text = brandenburg().text()[:10_000]

        with pytest.raises(RegisterDamaged) as caught:
            read_text(tmp_path, text)

        assert caught.value.line == text.count("\n") + 1

    def test_in_the_middle_of_a_letter(self, tmp_path: Path) -> None:
        content = brandenburg().text().encode()
        content = content[: content.index("ä".encode()) + 1]
        path = tmp_path / "register.txt"
        path.write_bytes(content)

        with pytest.raises(RegisterDamaged) as caught:
            read_register(path)

        assert caught.value.line == content.count(b"\n") + 1

    def test_at_the_end_of_a_line_before_the_last_state(self, tmp_path: Path) -> None:
        lines = brandenburg().text().splitlines(keepends=True)
        whole = next(number for number, line in enumerate(lines) if line[10:12] == "13")

        with pytest.raises(RegisterDamaged, match="Mecklenburg-Vorpommern, Sachsen"):
            read_text(tmp_path, "".join(lines[:whole]))

    def test_at_the_end_of_a_line_before_the_municipalities(self, tmp_path: Path) -> None:
        lines = brandenburg().text().splitlines(keepends=True)

        with pytest.raises(RegisterDamaged, match="Thüringen"):
            read_text(tmp_path, "".join(lines[:-1]))


class TestDamaged:
    @pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n", b"Hallo\n", b"PK\x03\x04", b"\x81\x8d\n"])
    def test_something_else(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "register.txt"
        path.write_bytes(content)

        with pytest.raises(RegisterDamaged):
            read_register(path)

    def test_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(RegisterDamaged):
            read_register(tmp_path / "nowhere.txt")

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(RegisterDamaged):
            read_register(tmp_path)

    @pytest.mark.parametrize(
        ("position", "letters"),
        [(2, "20231332"), (2, "20240229"), (10, "99064340"), (10, "1206x340"), (22, " " * 50), (139, "     ²  2791")],
    )
    def test_one_field_wrong(self, tmp_path: Path, position: int, letters: str) -> None:
        file = brandenburg()
        line = file.lines["120645412340"]
        file.lines["120645412340"] = line[:position] + letters + line[position + len(letters) :]
        number = sorted(file.lines).index("120645412340") + 1

        with pytest.raises(RegisterDamaged) as caught:
            read_text(tmp_path, file.text())

        assert caught.value.line == number

    def test_the_same_key_twice(self, tmp_path: Path) -> None:
        text = brandenburg().text()
        first_line = text[:221]

        with pytest.raises(RegisterDamaged, match="01"):
            read_text(tmp_path, text + first_line)

    def test_the_same_municipality_in_two_associations(self, tmp_path: Path) -> None:
        file = brandenburg()
        file.municipality("120649501340", "Neuhardenberg")

        with pytest.raises(RegisterDamaged, match="12064340"):
            read_register(file.write(tmp_path))

    @pytest.mark.parametrize("parent", ["12064", "120645412"])
    def test_a_parent_missing(self, tmp_path: Path, parent: str) -> None:
        file = brandenburg()
        file.remove(parent)

        with pytest.raises(RegisterDamaged, match=parent):
            read_register(file.write(tmp_path))
