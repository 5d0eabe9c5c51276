"""CreateFunction and UpdateFunctionCode take the zip from where they are told, and only one that Lambda would take.

Lambda copies the object when it is told of it: what happens to the object afterwards changes no function. Of itself
moto ignores the version, takes an object from any Region, and makes a function without code where there is no object.
https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCode.html
"""

import base64
import io
import json
import zipfile
from typing import Any

from moto.awslambda.responses import LambdaResponse
from moto.s3.exceptions import MissingBucket
from moto.s3.models import s3_backends
from moto.utilities.utils import get_partition

from localcloud.extensions import AwsError, corrects

REQUEST_BYTES = 70_167_211
"""What a request may hold, in which a zip is a third larger: Lambda's own figure, from its message."""

UNZIPPED_BYTES = 262_144_000
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

IN_S3 = ("S3Bucket", "S3Key", "S3ObjectVersion")

moto_create_function = LambdaResponse.create_function
moto_update_function_code = LambdaResponse.update_function_code


@corrects(LambdaResponse, "CreateFunction")
def create_function(self: Any) -> Any:
    """CreateFunction: moto gets the bytes, wherever they lie."""
    _check_length(self, "CreateFunction")
    request = self.json_body
    if "ImageUri" not in request["Code"]:
        self.body = json.dumps({**request, "Code": _inline(self, request["Code"])})
    return moto_create_function(self)


@corrects(LambdaResponse, "UpdateFunctionCode")
def update_function_code(self: Any) -> Any:
    """UpdateFunctionCode: moto gets the bytes, wherever they lie, and does not forget the architecture."""
    _check_length(self, "UpdateFunctionCode")
    request = self.json_body
    if "ImageUri" in request:
        return moto_update_function_code(self)
    others = {name: value for name, value in request.items() if name not in IN_S3}
    self.body = json.dumps(others | _inline(self, request))
    if (architectures := request.get("Architectures")) and not request.get("DryRun"):
        name = self.path.rsplit("/", 2)[-2].replace("%3A", ":")
        self.backend.get_function(name).architectures = architectures
    return moto_update_function_code(self)


def _check_length(self: Any, operation: str) -> None:
    if len(self.body) >= REQUEST_BYTES:
        message = f"Request must be smaller than {REQUEST_BYTES} bytes for the {operation} operation"
        raise AwsError("RequestEntityTooLargeException", message)


def _inline(self: Any, code: dict[str, Any]) -> dict[str, str]:
    """`code` with the zip itself. Raises AwsError as Lambda does for what is no zip, or is not there."""
    located = {name: code[name] for name in IN_S3 if code.get(name)}
    if "ZipFile" in code and located:
        message = "Please do not provide other FunctionCode parameters when providing a ZipFile."
        raise _invalid(message)
    content = base64.b64decode(code["ZipFile"]) if "ZipFile" in code else _object(self, located)
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise _invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) >= UNZIPPED_BYTES:
            raise _invalid(f"Unzipped size must be smaller than {UNZIPPED_BYTES} bytes")
    return {"ZipFile": base64.b64encode(content).decode()}


def _object(self: Any, located: dict[str, str]) -> bytes:
    if not {"S3Bucket", "S3Key"} <= located.keys():
        raise _invalid("Please provide a source for function code.")
    try:
        backend = s3_backends[self.current_account][get_partition(self.region)]
        bucket = backend.get_bucket(located["S3Bucket"])
    except MissingBucket:
        raise _refused_by_s3("NoSuchBucket", "The specified bucket does not exist") from None
    if bucket.region_name != self.region:
        message = f"The bucket is in this region: {bucket.region_name}. Please use this region to retry the request"
        raise _refused_by_s3("PermanentRedirect", message)
    version = located.get("S3ObjectVersion")
    found = backend.get_object(bucket.name, located["S3Key"], version_id=version)
    if found is None and version and backend.get_object(bucket.name, located["S3Key"]):
        raise _refused_by_s3("NoSuchVersion", "The specified version does not exist.")
    if found is None:
        raise _refused_by_s3("NoSuchKey", "The specified key does not exist.")
    return bytes(found.value)


def _refused_by_s3(code: str, message: str) -> AwsError:
    return _invalid(f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValueException", message)
