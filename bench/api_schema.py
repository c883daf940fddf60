"""Send very many cases to the API, with everybody's token, and print what came of it.

``python -m bench.api_schema --right 50 --wrong 30`` draws that many cases of each operation; what is wrong is printed,
and ends with 1. The short form is in tests/hub/api/test_schema.py.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from anyio.from_thread import start_blocking_portal

from knowledge.kit.settings import load_settings
from tests.hub.api.sweep import CALLERS, Sweep, Swept, Target, hub_settings, sweep


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--right", type=int, default=50, help="cases of each operation that are as described")
    parser.add_argument("--wrong", type=int, default=30, help="cases of each operation that are not")
    parser.add_argument("--start", type=int, default=20261122, help="another number draws other cases")
    wanted = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="api-schema-"))
    try:
        with start_blocking_portal() as portal:
            target = portal.call(Target.open, hub_settings(load_settings(), folder))
            try:
                began = time.process_time()
                found = sweep(portal, target, Sweep(wanted.right, wanted.wrong, wanted.start))
                _print(found, time.process_time() - began)
            finally:
                portal.call(target.close)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if found.failures else 0


def _print(found: Swept, seconds: float) -> None:
    for operation, by_caller in found.statuses.items():
        print(f"{operation:70s}", *(",".join(map(str, sorted(by_caller.get(who, ())))) for who in CALLERS), sep=" | ")
    print(f"{found.requests} requests, {len(found.statuses)} operations, {seconds:.1f} s of processor time")
    for name, text in found.failures.items():
        print(f"\n{name}\n{text}")


if __name__ == "__main__":
    sys.exit(main())
