"""A method with a mock integration: request template, status, integration response, response template.

"Mock integrations for REST APIs in API Gateway", "Set up an integration response" and "Method request behavior for
payloads without mapping templates" in the API Gateway Developer Guide.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from localcloud.apigateway.answer import Answer, gateway_response, internal_error
from localcloud.apigateway.template import Exchange, TemplateError, render_request, render_response

JSON = "application/json"
PASSTHROUGH = ("WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER")


def respond(method: Mapping[str, Any], exchange: Exchange, content_type: str = JSON) -> Answer:
    """Answer a request by a deployed method, in the shape of the API's GetMethod.

    Raises NotImplementedError for what is not emulated.
    """
    _require_emulated(method)
    integration = method["methodIntegration"]
    if integration.get("type") != "MOCK":
        raise NotImplementedError(f"the integration type {integration.get('type')}")
    if integration.get("requestParameters"):
        raise NotImplementedError("request parameters of an integration")
    try:
        rendered = _rendered_request(integration, exchange, content_type)
        if rendered is None:
            return gateway_response(415, "UnsupportedMediaTypeException", "Unsupported Media Type")
        chosen = _integration_response(integration, _status(rendered))
        return _mapped(method, chosen, exchange)
    except TemplateError:
        return internal_error()


def _require_emulated(method: Mapping[str, Any]) -> None:
    if method.get("authorizationType") not in (None, "NONE"):
        raise NotImplementedError(f"the authorization {method['authorizationType']}")
    if method.get("apiKeyRequired"):
        raise NotImplementedError("API keys")
    if method.get("requestValidatorId"):
        raise NotImplementedError("request validators")
    if not method.get("methodIntegration"):
        raise NotImplementedError("a method without an integration")


def _rendered_request(integration: Mapping[str, Any], exchange: Exchange, content_type: str) -> str | None:
    """What the integration gets; None where it takes no such content."""
    templates = integration.get("requestTemplates") or {}
    if (template := templates.get(content_type)) is not None:
        return render_request(template, exchange)
    passes = dict(zip(PASSTHROUGH, (True, not templates, False), strict=True))
    return exchange.body if passes[integration.get("passthroughBehavior") or "WHEN_NO_MATCH"] else None


def _status(rendered: str) -> str:
    """The status that a rendered request template asks for. Raises TemplateError where it asks for none."""
    try:
        status = json.loads(rendered)["statusCode"]
    except (ValueError, TypeError, KeyError):
        raise TemplateError(f"no statusCode in {rendered!r}") from None
    if type(status) is not int:
        raise TemplateError(f"the statusCode {status!r} is no number")
    return str(status)


def _integration_response(integration: Mapping[str, Any], status: str) -> Mapping[str, Any]:
    """The response whose pattern the status fits, or the default one, which has none."""
    responses: list[Mapping[str, Any]] = list((integration.get("integrationResponses") or {}).values())
    patterned = [item for item in responses if item.get("selectionPattern")]
    defaults = [item for item in responses if not item.get("selectionPattern")]
    for item in patterned:
        if re.fullmatch(item["selectionPattern"], status):
            return item
    if len(defaults) > 1:
        raise NotImplementedError("several integration responses without a selection pattern")
    if not defaults:
        raise TemplateError(f"no integration response for {status}")
    return defaults[0]


def _mapped(method: Mapping[str, Any], chosen: Mapping[str, Any], exchange: Exchange) -> Answer:
    declared = (method.get("methodResponses") or {}).get(str(chosen["statusCode"]))
    if declared is None:
        raise TemplateError(f"no method response for {chosen['statusCode']}")
    templates = {kind: text for kind, text in (chosen.get("responseTemplates") or {}).items() if text}
    content_type = JSON if JSON in templates or not templates else next(iter(templates))
    body = render_response(templates[content_type], exchange) if templates else ""
    headers = {"Content-Type": content_type}
    for name, source in (chosen.get("responseParameters") or {}).items():
        headers[name.removeprefix("method.response.header.")] = _parameter(source, exchange.context)
    override = exchange.context["responseOverride"]
    headers |= {name: str(value) for name, value in override["header"].items()}
    status = override.get("status", chosen["statusCode"])
    return Answer(int(status), body, tuple(headers.items()))


def _parameter(source: str, context: Mapping[str, Any]) -> str:
    """The value of a response header: a quoted text, or one of the context."""
    if len(source) >= 2 and source[0] == source[-1] == "'":
        return source[1:-1]
    if not source.startswith("context."):
        raise NotImplementedError(f"the response parameter {source}")
    value: Any = context
    for name in source.split(".")[1:]:
        value = value.get(name, "") if isinstance(value, Mapping) else ""
    return str(value)
