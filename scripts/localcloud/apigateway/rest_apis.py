"""The resource policy of a REST API as AWS takes it and gives it back.

AWS refuses what is no policy, spells abbreviated names of methods out when it saves one, and answers with the policy's
quotation marks escaped, which the Terraform provider undoes. "API Gateway resource policy examples" in its Developer
Guide; API_RestApi.
"""

import json
from collections.abc import Mapping
from typing import Any

from moto.apigateway.models import RestAPI
from moto.apigateway.responses import APIGatewayResponse

from localcloud.extensions import AwsError, corrects
from policy_evaluation.errors import PolicyError
from policy_evaluation.policy import Policy

ABBREVIATED = "execute-api:/"
INVALID = "Invalid policy document. Please check the policy syntax and ensure that Principals are valid."

moto_create_rest_api = APIGatewayResponse.create_rest_api
moto_update_rest_api = APIGatewayResponse.update_rest_api
moto_describe = RestAPI.to_dict


def install() -> None:
    """Let APIs be described with their policies escaped; harmless when repeated."""
    RestAPI.to_dict = _describe


@corrects(APIGatewayResponse, "CreateRestApi")
def create_rest_api(self: Any) -> Any:
    """CreateRestApi: refuses what is no policy."""
    _check(self._get_param("policy"))
    answer = moto_create_rest_api(self)
    if answer[0] != 200:
        return answer
    return _answer(self, json.loads(answer[2])["id"])


@corrects(APIGatewayResponse, "UpdateRestApi")
def update_rest_api(self: Any) -> Any:
    """UpdateRestApi: refuses what is no policy."""
    for operation in self._get_param("patchOperations") or []:
        if operation["path"] == "/policy":
            _check(operation.get("value"))
    answer = moto_update_rest_api(self)
    if answer[0] != 200:
        return answer
    return _answer(self, json.loads(answer[2])["id"])


def spelled_out(policy: str, api_arn: str) -> str:
    """A policy with the full name of every method, `api_arn` being `arn:aws:execute-api:...` up to the API's id."""
    document = json.loads(policy)
    given = document["Statement"]
    statements = given if isinstance(given, list) else [given]
    return json.dumps({**document, "Statement": [_full(statement, api_arn) for statement in statements]})


def _full(statement: Mapping[str, Any], api_arn: str) -> Mapping[str, Any]:
    def full(name: str) -> str:
        return f"{api_arn}/{name.removeprefix(ABBREVIATED)}" if name.startswith(ABBREVIATED) else name

    spelled = dict(statement)
    for element in ("Resource", "NotResource"):
        if (value := statement.get(element)) is not None:
            spelled[element] = [full(name) for name in value] if isinstance(value, list) else full(value)
    return spelled


def _check(policy: str | None) -> None:
    try:
        if policy:
            Policy.parse(policy)
    except PolicyError as error:
        raise AwsError("BadRequestException", INVALID) from error


def _answer(self: Any, api_id: str) -> Any:
    api = self.backend.get_rest_api(api_id)
    if api.policy:
        api.policy = spelled_out(api.policy, f"arn:aws:execute-api:{api.region_name}:{api.account_id}:{api.id}")
    return 200, {}, json.dumps(api.to_dict())


def _describe(self: Any) -> dict[str, Any]:
    described: dict[str, Any] = moto_describe(self)
    policy = described["policy"]
    return described | ({"policy": json.dumps(policy)[1:-1]} if policy else {})
