"""What bodies of requests and answers have in common."""

from pydantic import BaseModel, ConfigDict


class Sent(BaseModel):
    """Base of what is sent to the API: nothing beyond what is known."""

    model_config = ConfigDict(extra="forbid")


class Shown(BaseModel):
    """Base of what the API answers with."""

    model_config = ConfigDict(extra="forbid")
