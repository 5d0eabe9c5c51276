"""REST APIs with mock integrations over real TLS: who reaches them, what their web ACL does, what they answer."""

import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from deployment import create_function, zipped
from localcloud.client import LocalCloud, LocalCloudError
from localcloud.execute_api import ApiResponse

CHECKER = "198.51.100.7"
GERMAN, FRENCH, NOWHERE = "80.130.0.1", "2.3.4.5", "192.0.2.1"
NONCE, CLIENT = "X-Geofence-Nonce", "X-Geofence-Client-Ip"
VISIBILITY = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": True, "MetricName": "fence"}
REQUEST = """
#set($context.requestOverride.path.nonce = $input.params('X-Geofence-Nonce'))
#if($context.wafResponseCode == "WAF_ALLOW" && $context.webaclArn == "ACL_ARN")
{"statusCode": 200}
#else
{"statusCode": 500}
#end
"""
RESPONSE = """{
  "nonce": "$util.escapeJavaScript($context.requestOverride.path.nonce)",
  "waf": "$context.wafResponseCode",
  "acl": "$context.webaclArn",
  "api": "$context.apiId",
  "stage": "$context.stage",
  "source": "$context.identity.sourceIp",
  "request": "$input.params('X-Geofence-Nonce')"
}"""
CALLER = """
import json, urllib.error, urllib.request

def handler(event, context):
    request = urllib.request.Request(event["url"], headers=event["headers"])
    try:
        with urllib.request.urlopen(request, timeout=event.get("timeout", 5)) as answer:
            return {"status": answer.status, "body": json.loads(answer.read())}
    except urllib.error.HTTPError as error:
        return {"status": error.code, "headers": dict(error.headers), "text": error.read().decode()}
    except OSError as error:
        return {"error": f"{type(error).__name__}: {error}"}
"""


@dataclass(frozen=True, slots=True)
class Fence:
    """A deployed checker: its API, its web ACL, and how to ask it."""

    cloud: LocalCloud
    name: str
    api: str
    resource: str
    acl: dict[str, Any]
    ip_set: dict[str, Any]

    @property
    def url(self) -> str:
        return f"https://{self.api}.execute-api.us-east-1.amazonaws.com/live/check"

    @property
    def stage_arn(self) -> str:
        return f"arn:aws:apigateway:us-east-1::/restapis/{self.api}/stages/live"

    @property
    def gateway(self) -> Any:
        return self.cloud.client("apigateway")

    @property
    def waf(self) -> Any:
        return self.cloud.client("wafv2")

    def ask(self, client: str | None, source: str = CHECKER, nonce: str = "n1", path: str = "") -> ApiResponse:
        headers = {NONCE: nonce, **({CLIENT: client} if client is not None else {})}
        return self.cloud.execute_api(source).request(self.url + path, headers=headers)

    def answers(self, template: str) -> None:
        """Let the request template be another one, not deployed yet."""
        key = {"restApiId": self.api, "resourceId": self.resource, "httpMethod": "GET"}
        self.gateway.put_integration(type="MOCK", requestTemplates={"application/json": template}, **key)
        for status in ("200", "500"):
            pattern = {} if status == "200" else {"selectionPattern": r"5\d{2}"}
            templates = {"application/json": RESPONSE if status == "200" else ""}
            self.gateway.put_integration_response(statusCode=status, responseTemplates=templates, **key, **pattern)

    def deploy(self) -> str:
        return str(self.gateway.create_deployment(restApiId=self.api, stageName="live")["id"])

    def update(self, **changes: Any) -> None:
        """Change the web ACL."""
        key = {"Name": self.name, "Scope": "REGIONAL", "Id": self.acl["Id"]}
        lock = self.waf.get_web_acl(**key)["LockToken"]
        self.waf.update_web_acl(LockToken=lock, **key, **definition(self.ip_set["ARN"]) | changes)


def definition(ip_set: str) -> dict[str, Any]:
    config = {"HeaderName": CLIENT, "FallbackBehavior": "NO_MATCH"}
    geo = {"GeoMatchStatement": {"CountryCodes": ["DE", "US"], "ForwardedIPConfig": config}}
    origin = {"IPSetReferenceStatement": {"ARN": ip_set}}
    rule = {
        "Name": "admit",
        "Priority": 0,
        "Action": {"Allow": {}},
        "VisibilityConfig": {**VISIBILITY, "MetricName": "admit"},
        "Statement": {"AndStatement": {"Statements": [origin, geo]}},
    }
    headers = [{"Name": "x-geofence-decision", "Value": "blocked"}]
    block = {"Block": {"CustomResponse": {"ResponseCode": 403, "ResponseHeaders": headers}}}
    return {"DefaultAction": block, "Rules": [rule], "VisibilityConfig": VISIBILITY}


@pytest.fixture
def fence(cloud: LocalCloud, name: str) -> Fence:
    gateway, waf = cloud.client("apigateway"), cloud.client("wafv2")
    api = gateway.create_rest_api(name=name, endpointConfiguration={"types": ["REGIONAL"]})
    root = {"restApiId": api["id"], "parentId": api["rootResourceId"]}
    resource = gateway.create_resource(pathPart="check", **root)["id"]
    key = {"restApiId": api["id"], "resourceId": resource, "httpMethod": "GET"}
    gateway.put_method(authorizationType="NONE", **key)
    for status in ("200", "500"):
        gateway.put_method_response(statusCode=status, **key)
    ip_set = waf.create_ip_set(Name=name, Scope="REGIONAL", IPAddressVersion="IPV4", Addresses=[f"{CHECKER}/32"])[
        "Summary"
    ]
    acl = waf.create_web_acl(Name=name, Scope="REGIONAL", **definition(ip_set["ARN"]))["Summary"]
    made = Fence(cloud, name, api["id"], resource, acl, ip_set)
    made.answers(REQUEST.replace("ACL_ARN", acl["ARN"]))
    made.deploy()
    waf.associate_web_acl(WebACLArn=acl["ARN"], ResourceArn=made.stage_arn)
    return made


def test_a_permitted_country_gets_the_proof(fence: Fence) -> None:
    answer = fence.ask(GERMAN, nonce="a\"b/'")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    proof = json.loads(answer.body.replace("\\'", "'"))
    assert proof == {
        "nonce": "a\"b/'",
        "waf": "WAF_ALLOW",
        "acl": fence.acl["ARN"],
        "api": fence.api,
        "stage": "live",
        "source": CHECKER,
        "request": "",
    }


@pytest.mark.parametrize(
    ("client", "source"),
    [
        (FRENCH, CHECKER),
        (NOWHERE, CHECKER),
        ("garbage", CHECKER),
        ("", CHECKER),
        (None, CHECKER),
        (f"{FRENCH}, {GERMAN}", CHECKER),
        (GERMAN, "203.0.113.9"),
    ],
)
def test_everybody_else_is_blocked_by_the_web_acl(fence: Fence, client: str | None, source: str) -> None:
    answer = fence.ask(client, source)
    assert (answer.status, answer.headers["x-geofence-decision"], answer.body) == (403, "blocked", "")


def test_without_a_web_acl_the_context_says_nothing_of_one(fence: Fence) -> None:
    fence.waf.disassociate_web_acl(ResourceArn=fence.stage_arn)
    assert fence.ask(GERMAN).status == 500
    fence.answers('{"statusCode": 200}')
    fence.deploy()
    proof = json.loads(fence.ask(FRENCH).body)
    assert (proof["waf"], proof["acl"]) == ("", "")


def test_another_web_acl_is_not_the_one_that_is_expected(fence: Fence) -> None:
    arn = fence.waf.create_web_acl(
        Name=f"{fence.name}-other",
        Scope="REGIONAL",
        **definition(fence.ip_set["ARN"]) | {"DefaultAction": {"Allow": {}}},
    )["Summary"]["ARN"]
    fence.waf.associate_web_acl(WebACLArn=arn, ResourceArn=fence.stage_arn)
    assert fence.waf.get_web_acl_for_resource(ResourceArn=fence.stage_arn)["WebACL"]["ARN"] == arn
    assert fence.ask(GERMAN).status == 500


def test_an_emptied_web_acl_blocks_and_a_counting_one_lets_everybody_through(fence: Fence) -> None:
    fence.update(Rules=[])
    assert fence.ask(GERMAN).headers["x-geofence-decision"] == "blocked"
    rules = definition(fence.ip_set["ARN"])["Rules"]
    fence.update(Rules=[{**rules[0], "Action": {"Count": {}}}], DefaultAction={"Allow": {}})
    assert json.loads(fence.ask(NOWHERE).body)["waf"] == "WAF_ALLOW"


def test_a_change_is_live_once_it_is_deployed(fence: Fence) -> None:
    fence.answers('{"statusCode": 500}')
    assert fence.ask(GERMAN).status == 200
    deployment = fence.deploy()
    assert fence.ask(GERMAN).status == 500
    assert fence.gateway.get_stage(restApiId=fence.api, stageName="live")["deploymentId"] == deployment


def test_an_integration_is_updated_and_live_once_it_is_deployed(fence: Fence) -> None:
    key = {"restApiId": fence.api, "resourceId": fence.resource, "httpMethod": "GET"}
    path = "/requestTemplates/application~1json"
    operations = [
        {"op": "replace", "path": path, "value": '{"statusCode": 500}'},
        {"op": "add", "path": "/requestTemplates/text~1plain", "value": "{}"},
        {"op": "replace", "path": "/passthroughBehavior", "value": "NEVER"},
    ]
    updated = fence.gateway.update_integration(patchOperations=operations, **key)
    templates = {"application/json": '{"statusCode": 500}', "text/plain": "{}"}
    assert (updated["requestTemplates"], updated["passthroughBehavior"]) == (templates, "NEVER")
    assert fence.gateway.get_integration(**key)["requestTemplates"] == templates
    assert fence.ask(GERMAN).status == 200
    fence.deploy()
    assert fence.ask(GERMAN).status == 500
    fence.gateway.update_integration(patchOperations=[{"op": "remove", "path": path}], **key)
    fence.deploy()
    assert fence.ask(GERMAN).status == 415


@pytest.mark.parametrize(
    ("operation", "path", "value", "expected"),
    [
        ("replace", "/requestTemplates/text~1plain", "{}", "NotFoundException"),
        ("add", "/requestTemplates/application~1json", None, "BadRequestException"),
        ("replace", "/passthroughBehavior", "SOMETIMES", "BadRequestException"),
        ("replace", "/uri", "https://example.com", "NotImplemented"),
    ],
)
def test_an_update_that_api_gateway_refuses_changes_nothing(
    fence: Fence,
    refusal: Callable[..., tuple[str, str]],
    operation: str,
    path: str,
    value: str | None,
    expected: str,
) -> None:
    key = {"restApiId": fence.api, "resourceId": fence.resource, "httpMethod": "GET"}
    before = fence.gateway.get_integration(**key)["requestTemplates"]
    good = {"op": "replace", "path": "/requestTemplates/application~1json", "value": "{}"}
    bad = {"op": operation, "path": path} | ({} if value is None else {"value": value})
    assert refusal(fence.gateway.update_integration, patchOperations=[good, bad], **key)[0] == expected
    assert fence.gateway.get_integration(**key)["requestTemplates"] == before


def test_a_deployment_stays_while_a_stage_points_to_it(fence: Fence, refusal: Callable[..., tuple[str, str]]) -> None:
    former = fence.gateway.get_stage(restApiId=fence.api, stageName="live")["deploymentId"]
    code, _ = refusal(fence.gateway.delete_deployment, restApiId=fence.api, deploymentId=former)
    assert code == "BadRequestException"
    fence.deploy()
    fence.gateway.delete_deployment(restApiId=fence.api, deploymentId=former)
    code, _ = refusal(fence.gateway.create_stage, restApiId=fence.api, stageName="two", deploymentId=former)
    assert code == "BadRequestException"


def test_a_stage_that_is_made_anew_has_no_web_acl(fence: Fence, refusal: Callable[..., tuple[str, str]]) -> None:
    key = {"Name": fence.name, "Scope": "REGIONAL", "Id": fence.acl["Id"], "LockToken": fence.acl["LockToken"]}
    assert refusal(fence.waf.delete_web_acl, **key)[0] == "WAFAssociatedItemException"
    arns = fence.waf.list_resources_for_web_acl(WebACLArn=fence.acl["ARN"], ResourceType="API_GATEWAY")
    assert arns["ResourceArns"] == [fence.stage_arn]
    fence.gateway.delete_stage(restApiId=fence.api, stageName="live")
    fence.deploy()
    assert fence.ask(GERMAN).status == 500
    fence.waf.delete_web_acl(**key)


def test_the_resource_policy_lets_only_its_addresses_in_once_deployed(fence: Fence) -> None:
    fence.waf.disassociate_web_acl(ResourceArn=fence.stage_arn)
    fence.answers('{"statusCode": 200}')
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
        "Condition": {"IpAddress": {"aws:SourceIp": [f"{CHECKER}/32"]}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    operations = [{"op": "replace", "path": "/policy", "value": policy}]
    fence.deploy()
    fence.gateway.update_rest_api(restApiId=fence.api, patchOperations=operations)
    assert fence.ask(GERMAN, "203.0.113.9").status == 200
    fence.deploy()
    refused = fence.ask(GERMAN, "203.0.113.9")
    assert (refused.status, refused.headers["x-amzn-errortype"]) == (403, "AccessDeniedException")
    assert "User: anonymous is not authorized to perform: execute-api:Invoke" in refused.body
    assert fence.ask(GERMAN, CHECKER).status == 200


def test_a_policy_is_checked_spelled_out_and_given_back_escaped(
    fence: Fence, refusal: Callable[..., tuple[str, str]]
) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/live/*"}
    operations = [{"op": "replace", "path": "/policy", "value": json.dumps({"Statement": [statement]})}]
    fence.gateway.update_rest_api(restApiId=fence.api, patchOperations=operations)
    escaped = fence.gateway.get_rest_api(restApiId=fence.api)["policy"]
    stored = json.loads(json.loads(f'"{escaped}"'))
    full = f"arn:aws:execute-api:us-east-1:123456789012:{fence.api}/live/*"
    assert stored == {"Statement": [{**statement, "Resource": full}]}
    malformed = [{"op": "replace", "path": "/policy", "value": "{}"}]
    code, _ = refusal(fence.gateway.update_rest_api, restApiId=fence.api, patchOperations=malformed)
    assert code == "BadRequestException"


@pytest.mark.parametrize(
    ("path", "error"), [("/more", "MissingAuthenticationTokenException"), ("/../../other", "ForbiddenException")]
)
def test_what_is_not_there_is_answered_as_aws_does(fence: Fence, path: str, error: str) -> None:
    fence.waf.disassociate_web_acl(ResourceArn=fence.stage_arn)
    url = fence.url + path if path == "/more" else fence.url.replace("/live/", "/other/")
    answer = fence.cloud.execute_api(CHECKER).request(url)
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (403, error)


def test_what_is_not_emulated_says_so(fence: Fence) -> None:
    fence.answers("#evaluate('1')")
    fence.deploy()
    answer = fence.ask(GERMAN)
    assert answer.status == 501
    assert "#evaluate" in answer.body


def test_the_web_acl_reports_to_cloudwatch(fence: Fence) -> None:
    fence.update(VisibilityConfig={**VISIBILITY, "MetricName": fence.name})
    for client in (GERMAN, FRENCH, FRENCH):
        fence.ask(client)
    now = fence.cloud.now()
    sums = {}
    for name, rule in (("AllowedRequests", "admit"), ("BlockedRequests", "Default_Action"), ("BlockedRequests", "ALL")):
        pairs = (("Region", "us-east-1"), ("Rule", rule), ("WebACL", fence.name))
        points = fence.cloud.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/WAFV2",
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in pairs],
            StartTime=now.replace(microsecond=0).timestamp() - 300,
            EndTime=now.timestamp() + 300,
            Period=600,
            Statistics=["Sum"],
        )["Datapoints"]
        sums[name, rule] = sum(point["Sum"] for point in points)
    assert list(sums.values()) == [1, 2, 2]


def test_tls_is_for_the_names_of_apis_and_trusted_by_our_authority_alone(fence: Fence) -> None:
    place = fence.cloud.execute_api(CHECKER)
    ours = ssl.create_default_context(cafile=str(place.certificates))
    for context, name in (
        (ssl.create_default_context(), f"{fence.api}.execute-api.us-east-1.amazonaws.com"),
        (ours, "example.com"),
    ):
        with socket.create_connection((place.host, place.port), 5) as plain, pytest.raises(ssl.SSLError):
            context.wrap_socket(plain, server_hostname=name)


def test_a_caller_comes_from_an_address(cloud: LocalCloud) -> None:
    with pytest.raises(LocalCloudError, match="source must be an IP address"):
        cloud.execute_api("somewhere")


def test_a_connection_serves_many_requests(fence: Fence) -> None:
    place = fence.cloud.execute_api(CHECKER)
    host = fence.url.split("/")[2]
    context = ssl.create_default_context(cafile=str(place.certificates))
    connection = http.client.HTTPSConnection(host, context=context)
    plain = socket.create_connection((place.host, place.port), 5)
    connection.sock = kept = context.wrap_socket(plain, server_hostname=host)
    for _ in range(3):
        connection.request("GET", "/live/check", headers={NONCE: "1", CLIENT: GERMAN})
        assert connection.getresponse().read()
        assert connection.sock is kept
    connection.close()


def invoke(fence: Fence, **event: Any) -> dict[str, Any]:
    payload = {"url": fence.url, "headers": {NONCE: "n1", CLIENT: GERMAN}, **event}
    answer = fence.cloud.client("lambda").invoke(FunctionName=fence.name, Payload=json.dumps(payload))
    result: dict[str, Any] = json.loads(answer["Payload"].read())
    return result


def test_a_function_outside_a_vpc_comes_from_amazons_address(fence: Fence) -> None:
    create_function(fence.cloud, fence.name, zipped(CALLER), "payload.handler")
    assert invoke(fence)["status"] == 403
    fence.update(DefaultAction={"Allow": {}})
    answer = invoke(fence)
    assert (answer["status"], answer["body"]["nonce"]) == (200, "n1")
    assert answer["body"]["source"] not in (CHECKER, "127.0.0.1")


@pytest.fixture
def network(cloud: LocalCloud) -> Iterator[dict[str, str]]:
    """A VPC with a private subnet whose way out is a NAT gateway in a public one."""
    ec2 = cloud.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    public, private = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=block)["Subnet"]["SubnetId"] for block in ("10.9.0.0/24", "10.9.1.0/24")
    )
    internet = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=internet, VpcId=vpc)
    address = ec2.allocate_address(Domain="vpc")
    nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=address["AllocationId"])["NatGateway"]["NatGatewayId"]
    tables = []
    for subnet, way in ((public, {"GatewayId": internet}), (private, {"NatGatewayId": nat})):
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **way)
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        tables.append(table)
    group = ec2.create_security_group(GroupName=vpc, Description="checker", VpcId=vpc)["GroupId"]
    yield {
        "public": public,
        "private": private,
        "group": group,
        "address": address["PublicIp"],
        "nat": nat,
        "table": tables[1],
    }


def test_a_function_in_a_vpc_leaves_by_its_nat_gateway(fence: Fence, network: dict[str, str]) -> None:
    where = {"SubnetIds": [network["private"]], "SecurityGroupIds": [network["group"]]}
    create_function(fence.cloud, fence.name, zipped(CALLER), "payload.handler", VpcConfig=where)
    assert invoke(fence)["status"] == 403
    lock = fence.waf.get_ip_set(Name=fence.name, Scope="REGIONAL", Id=fence.ip_set["Id"])["LockToken"]
    fence.waf.update_ip_set(
        Name=fence.name,
        Scope="REGIONAL",
        Id=fence.ip_set["Id"],
        Addresses=[f"{network['address']}/32"],
        LockToken=lock,
    )
    answer = invoke(fence)
    assert (answer["status"], answer["body"]["source"]) == (200, network["address"])
    assert ipaddress.ip_address(network["address"]).is_global
    fence.cloud.client("ec2").delete_nat_gateway(NatGatewayId=network["nat"])
    assert "timed out" in invoke(fence, timeout=1)["error"]


def test_a_function_in_a_public_subnet_reaches_nothing(fence: Fence, network: dict[str, str]) -> None:
    where = {"SubnetIds": [network["public"]], "SecurityGroupIds": [network["group"]]}
    create_function(fence.cloud, fence.name, zipped(CALLER), "payload.handler", VpcConfig=where)
    assert "timed out" in invoke(fence, timeout=1)["error"]


def test_a_security_group_must_let_https_out(fence: Fence, network: dict[str, str]) -> None:
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    fence.cloud.client("ec2").revoke_security_group_egress(GroupId=network["group"], IpPermissions=everything)
    where = {"SubnetIds": [network["private"]], "SecurityGroupIds": [network["group"]]}
    create_function(fence.cloud, fence.name, zipped(CALLER), "payload.handler", VpcConfig=where)
    assert "timed out" in invoke(fence, timeout=1)["error"]
    https = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    fence.cloud.client("ec2").authorize_security_group_egress(GroupId=network["group"], IpPermissions=https)
    assert invoke(fence)["status"] == 403
