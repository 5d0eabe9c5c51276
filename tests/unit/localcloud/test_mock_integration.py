"""Methods with mock integrations: which status, which response, which headers; and what is refused."""

from typing import Any

import pytest

from localcloud.apigateway.answer import Answer
from localcloud.apigateway.mock_integration import respond
from localcloud.apigateway.template import Exchange

RESPONSES: dict[str, Any] = {
    "200": {"statusCode": "200", "responseTemplates": {"application/json": '{"stage": "$context.stage"}'}},
    "403": {"statusCode": "403", "selectionPattern": "403", "responseTemplates": {"application/json": None}},
    "500": {"statusCode": "500", "selectionPattern": r"5\d{2}", "responseTemplates": {}},
}


def integration(template: str | None = '{"statusCode": 200}', **changes: Any) -> dict[str, Any]:
    templates = {} if template is None else {"application/json": template}
    return {"type": "MOCK", "requestTemplates": templates, "integrationResponses": RESPONSES, **changes}


def method(made: dict[str, Any], **changes: Any) -> dict[str, Any]:
    statuses = {status: {"statusCode": status} for status in ("200", "403", "500")}
    return {"authorizationType": "NONE", "methodIntegration": made, "methodResponses": statuses, **changes}


def answer(made: dict[str, Any], content_type: str = "application/json", body: str = "", **changes: Any) -> Answer:
    exchange = Exchange({"stage": "live", "identity": {"sourceIp": "192.0.2.1"}}, body=body)
    return respond(method(made, **changes), exchange, content_type)


def test_the_default_response_answers_what_no_pattern_fits() -> None:
    expected = Answer(200, '{"stage": "live"}', (("Content-Type", "application/json"),))
    assert answer(integration()) == expected
    assert answer(integration('{"statusCode": 418}')) == expected


@pytest.mark.parametrize(("chosen", "status"), [("403", 403), ("500", 500), ("503", 500)])
def test_a_pattern_is_about_the_whole_status(chosen: str, status: int) -> None:
    made = answer(integration(f'{{"statusCode": {chosen}}}'))
    assert (made.status, made.body) == (status, "")


@pytest.mark.parametrize("template", ["", "{}", "statusCode", '{"statusCode": "200"}', "[200]", '{"statusCode": true}'])
def test_a_template_that_names_no_status_is_an_error(template: str) -> None:
    made = answer(integration(template))
    assert (made.status, made.body) == (500, '{"message": "Internal server error"}')


def test_a_status_that_nothing_answers_is_an_error() -> None:
    only = {"403": RESPONSES["403"]}
    assert answer(integration(integrationResponses=only)).status == 500
    assert answer(integration(), methodResponses={"403": {}}).status == 500


@pytest.mark.parametrize(
    ("behavior", "template", "status"),
    [
        ("WHEN_NO_MATCH", "{}", 200),
        ("WHEN_NO_TEMPLATES", "{}", 415),
        ("WHEN_NO_TEMPLATES", None, 200),
        ("NEVER", None, 415),
        (None, None, 200),
    ],
)
def test_a_body_passes_where_no_template_is_for_it(behavior: str | None, template: str | None, status: int) -> None:
    made = integration(template, passthroughBehavior=behavior)
    assert answer(made, "text/plain", '{"statusCode": 200}').status == status


def test_headers_are_texts_or_of_the_context() -> None:
    parameters = {
        "method.response.header.Cache-Control": "'no-store'",
        "method.response.header.X-Source": "context.identity.sourceIp",
        "method.response.header.X-Acl": "context.webaclArn",
    }
    responses = {"200": {**RESPONSES["200"], "responseParameters": parameters}}
    headers = dict(answer(integration(integrationResponses=responses)).headers)
    assert headers == {
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
        "X-Source": "192.0.2.1",
        "X-Acl": "",
    }


def test_a_response_template_may_override_status_and_headers() -> None:
    template = "#set($context.responseOverride.status = 404)#set($context.responseOverride.header.X-A = 'b')gone"
    responses = {"200": {"statusCode": "200", "responseTemplates": {"text/plain": template}}}
    made = answer(integration(integrationResponses=responses))
    assert made == Answer(404, "gone", (("Content-Type", "text/plain"), ("X-A", "b")))


@pytest.mark.parametrize(
    ("made", "changes", "named"),
    [
        (integration(type="AWS_PROXY"), {}, "AWS_PROXY"),
        (integration(requestParameters={"a": "b"}), {}, "request parameters"),
        (integration(), {"authorizationType": "AWS_IAM"}, "AWS_IAM"),
        (integration(), {"apiKeyRequired": True}, "API keys"),
        (integration(), {"requestValidatorId": "a"}, "validators"),
        (integration(integrationResponses={"a": RESPONSES["200"], "b": RESPONSES["200"]}), {}, "several"),
    ],
)
def test_what_is_not_emulated_is_refused_by_name(made: dict[str, Any], changes: dict[str, Any], named: str) -> None:
    with pytest.raises(NotImplementedError, match=named):
        answer(made, **changes)
