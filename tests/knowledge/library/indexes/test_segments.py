"""The check of index files, on files made as tantivy makes them."""

import json
import struct
from pathlib import Path
from zlib import crc32

from knowledge.library.indexes.segments import CHUNK, MAGIC, PARTS, check_segments

SEGMENT = "0123456789abcdef0123456789abcdef"


def write_part(file: Path, body: bytes) -> None:
    footer = json.dumps({"version": {"major": 0}, "crc": crc32(body)}).encode()
    file.write_bytes(body + footer + struct.pack("<II", len(footer), MAGIC))


def write_index(folder: Path, *, deletes: int | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    segment = {"segment_id": SEGMENT, "deletes": {"opstamp": deletes} if deletes else None}
    (folder / "meta.json").write_text(json.dumps({"segments": [segment]}))
    for part in PARTS:
        write_part(folder / f"{SEGMENT}.{part}", b"body of " + part.encode())
    return folder


class TestWhole:
    def test_whole_files_have_no_fault(self, tmp_path: Path) -> None:
        assert check_segments(write_index(tmp_path)) is None

    def test_an_index_without_segments_is_whole(self, tmp_path: Path) -> None:
        (tmp_path / "meta.json").write_text('{"segments": []}')
        assert check_segments(tmp_path) is None

    def test_bodies_longer_than_one_read_are_whole(self, tmp_path: Path) -> None:
        folder = write_index(tmp_path)
        write_part(folder / f"{SEGMENT}.idx", b"x" * (2 * CHUNK + 17))
        assert check_segments(folder) is None


class TestFaults:
    def test_a_changed_body_is_named(self, tmp_path: Path) -> None:
        folder = write_index(tmp_path)
        file = folder / f"{SEGMENT}.term"
        file.write_bytes(b"X" + file.read_bytes()[1:])
        assert check_segments(folder) == f"{SEGMENT}.term: changed"

    def test_a_shortened_file_is_named(self, tmp_path: Path) -> None:
        folder = write_index(tmp_path)
        file = folder / f"{SEGMENT}.fast"
        file.write_bytes(file.read_bytes()[:-1])
        assert check_segments(folder) == f"{SEGMENT}.fast: cut off"

    def test_a_footer_longer_than_the_file_is_a_cut(self, tmp_path: Path) -> None:
        folder = write_index(tmp_path)
        (folder / f"{SEGMENT}.idx").write_bytes(struct.pack("<II", 4_000_000, MAGIC))
        assert check_segments(folder) == f"{SEGMENT}.idx: cut off"

    def test_a_missing_list_of_deletions_is_named(self, tmp_path: Path) -> None:
        fault = check_segments(write_index(tmp_path, deletes=7))
        assert fault is not None
        assert fault.startswith(f"{SEGMENT}.7.del")

    def test_a_missing_index_is_a_fault(self, tmp_path: Path) -> None:
        fault = check_segments(tmp_path)
        assert fault is not None
        assert "meta.json" in fault
