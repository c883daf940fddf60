"""Language models that make vectors of texts."""

import os

# From 1.29 on, onnxruntime tells its maker about each process and model, and keeps an identifier of the machine in the
# home folder. It asks for this before it is loaded, in whichever process; nobody who runs Allmende agreed to that.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
