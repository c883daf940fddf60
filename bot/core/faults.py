"""What a log may say of an error: its name and where it arose, never its text, which may hold somebody's words."""

import traceback


def fault(error: BaseException) -> dict[str, str]:
    """Return the fields for a log line about an error that nobody foresaw."""
    frames = traceback.extract_tb(error.__traceback__)
    inner = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-3:]]
    return {"error": type(error).__name__, "where": " > ".join(inner)}
