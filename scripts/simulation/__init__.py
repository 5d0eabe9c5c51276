"""Replays traffic through the policies of the Kinesis autoscaler and of others, minute by minute."""

import sys

from toolchain import ROOT

PAYLOADS = str(ROOT / "lambda_src")
if PAYLOADS not in sys.path:
    sys.path.append(PAYLOADS)  # what is simulated is the payload as it ships, which nobody installs
