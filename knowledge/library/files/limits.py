"""How much a single file may cost."""

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Bounds on one file.

    ``seconds`` of wall time, ``memory`` and ``size`` in bytes, ``pages`` (or slides, sheets), ``characters`` and
    ``blocks`` of the result; for zipped formats ``unpacked`` bytes in all, and ``ratio`` of unpacked to packed,
    which counts above 20 MB only. Office files reach 50, text made of one word 100; bombs reach 1,000.
    """

    seconds: float = 60.0
    memory: int = 1_500 * MEGABYTE
    size: int = 100 * MEGABYTE
    pages: int = 5_000
    characters: int = 20_000_000
    blocks: int = 500_000
    unpacked: int = 400 * MEGABYTE
    ratio: int = 200
