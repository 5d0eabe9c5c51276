"""Athena, as far as federated queries need it: the API, an engine, and the client that asks connectors."""

import sys

from toolchain import ROOT

PAYLOADS = str(ROOT / "lambda_src")
if PAYLOADS not in sys.path:
    sys.path.append(PAYLOADS)  # the protocol's nouns are the connectors' own; how they travel is written here once more
