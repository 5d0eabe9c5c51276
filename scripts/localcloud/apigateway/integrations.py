"""UpdateIntegration, which moto lacks, for what a mock integration has.

"Patch operations" in the API Gateway API Reference: which paths take which operations; a slash within a name is `~1`.
A stage serves the change once it is deployed.
"""

import json
from collections.abc import Mapping
from typing import Any

from moto.apigateway.responses import APIGatewayResponse

from localcloud.apigateway.mock_integration import PASSTHROUGH
from localcloud.extensions import AwsError, adds

TEMPLATES = "/requestTemplates/"
MISSING = "Invalid Integration identifier specified"


@adds(APIGatewayResponse, "UpdateIntegration")
def update_integration(self: Any) -> Any:
    """UpdateIntegration: changes all that is asked for, or nothing."""
    api, resource, method = (self.path.split("/")[index] for index in (2, 4, 6))
    integration = self.backend.get_integration(api, resource, method)
    if integration is None:
        raise AwsError("NotFoundException", MISSING)
    templates, passthrough = dict(integration.request_templates or {}), integration.passthrough_behaviour
    for operation in self._get_param("patchOperations") or []:
        path = operation["path"]
        if path.startswith(TEMPLATES):
            _patch(templates, path.removeprefix(TEMPLATES).replace("~1", "/").replace("~0", "~"), operation)
        elif path == "/passthroughBehavior" and operation["op"] == "replace":
            passthrough = _passthrough(operation.get("value"))
        else:
            raise NotImplementedError(f"the patch operation {operation['op']} {path}")
    integration.request_templates, integration.passthrough_behaviour = templates, passthrough
    return 200, {}, json.dumps(integration.to_json())


def _patch(templates: dict[str, str], content_type: str, operation: Mapping[str, Any]) -> None:
    match operation["op"]:
        case "add" | "replace" if operation.get("value") is None:
            raise AwsError("BadRequestException", f"Invalid null or empty value in {operation['path']}")
        case "add":
            templates[content_type] = operation["value"]
        case "replace" | "remove" if content_type not in templates:
            raise AwsError("NotFoundException", f"Invalid patch path {operation['path']}")
        case "replace":
            templates[content_type] = operation["value"]
        case "remove":
            del templates[content_type]
        case other:
            raise AwsError("BadRequestException", f"Invalid patch operation {other} for {operation['path']}")


def _passthrough(value: str | None) -> str:
    if value not in PASSTHROUGH:
        message = f"Invalid passthrough behavior specified: must be one of {', '.join(PASSTHROUGH)}"
        raise AwsError("BadRequestException", message)
    return value
