"""Queries: started, watched, stopped, and their results in pages.

API_StartQueryExecution, API_GetQueryExecution, API_GetQueryResults, API_StopQueryExecution,
API_ListQueryExecutions, API_BatchGetQueryExecution, API_GetQueryRuntimeStatistics.
"""

import itertools
from typing import TYPE_CHECKING, Any

from flask import request
from moto.athena.responses import AthenaResponse
from moto.core.responses import ActionResult, EmptyResult

from localcloud.athena.api import catalogs, executions
from localcloud.athena.api.executions import Execution, Executions
from localcloud.extensions import AwsError, adds, corrects
from localcloud.sts.caller import Caller

if TYPE_CHECKING:
    from athena_connectors.federation.model import Identity

INVALID = "InvalidRequestException"
LONGEST_QUERY_BYTES = 262_144
MOST_ROWS = 1000
ENGINE = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}
DEFAULT_WORK_GROUP = "primary"


@corrects(AthenaResponse, "StartQueryExecution")
def start_query_execution(self: Any) -> ActionResult:
    """StartQueryExecution: really runs it. What cannot be parsed is refused at once, as Athena does."""
    from localcloud.athena.api.boto_account import BotoAccount
    from localcloud.athena.query.failure import QueryFailed
    from localcloud.athena.query.statement import LAKE, Context, parse

    token, started = self._get_param("ClientRequestToken"), _started(self)
    if token in started.by_token:
        return ActionResult({"QueryExecutionId": started.by_token[token].id})
    query, context = self._get_param("QueryString"), self._get_param("QueryExecutionContext") or {}
    if self._get_param("ExecutionParameters"):
        raise NotImplementedError("parameters of a query")
    if len(query.encode()) > LONGEST_QUERY_BYTES:
        raise AwsError(INVALID, f"Query is longer than {LONGEST_QUERY_BYTES} bytes.")
    work_group = _work_group(self)
    try:
        statement = parse(query, Context(context.get("Catalog", LAKE), context.get("Database")))
    except QueryFailed as failure:
        raise AwsError(INVALID, str(failure)) from failure
    backend = self.athena_backend
    account = BotoAccount(self.current_account, self.region, lambda name: catalogs.lookup(backend.data_catalogs, name))
    execution = Execution(query, context, work_group.name, _output_location(self, work_group, account))
    execution.output += f"{execution.id}.csv"
    started.by_id[execution.id] = execution
    if token:
        started.by_token[token] = execution
    execution.start(account, statement, identity(self))
    return ActionResult({"QueryExecutionId": execution.id})


@corrects(AthenaResponse, "GetQueryExecution")
def get_query_execution(self: Any) -> ActionResult:
    """GetQueryExecution: with the times that it really took."""
    return ActionResult({"QueryExecution": _described(_find(self, self._get_param("QueryExecutionId")))})


@adds(AthenaResponse, "BatchGetQueryExecution")
def batch_get_query_execution(self: Any) -> ActionResult:
    """BatchGetQueryExecution: those that are there, and which are not."""
    known, ids = _started(self).by_id, self._get_param("QueryExecutionIds")
    missing = [
        {"QueryExecutionId": each, "ErrorCode": INVALID, "ErrorMessage": _not_found(each)}
        for each in ids
        if each not in known
    ]
    found = [_described(known[each]) for each in ids if each in known]
    return ActionResult({"QueryExecutions": found, "UnprocessedQueryExecutionIds": missing})


@corrects(AthenaResponse, "ListQueryExecutions")
def list_query_executions(self: Any) -> ActionResult:
    """ListQueryExecutions: of a work group, newest first."""
    work_group = _work_group(self)
    ids = [each.id for each in reversed(_started(self).by_id.values()) if each.work_group == work_group.name]
    begin, size = int(self._get_param("NextToken") or 0), self._get_param("MaxResults") or 50
    answer: dict[str, Any] = {"QueryExecutionIds": ids[begin : begin + size]}
    return ActionResult(answer | ({"NextToken": str(begin + size)} if begin + size < len(ids) else {}))


@corrects(AthenaResponse, "StopQueryExecution")
def stop_query_execution(self: Any) -> EmptyResult:
    """StopQueryExecution: connectors that watch the query stop, too."""
    _find(self, self._get_param("QueryExecutionId")).stop()
    return EmptyResult()


@corrects(AthenaResponse, "GetQueryResults")
def get_query_results(self: Any) -> ActionResult:
    """GetQueryResults: the names of the columns are the first row."""
    from localcloud.athena.api import result_text

    execution = _find(self, self._get_param("QueryExecutionId"))
    if execution.state not in executions.ENDED:
        raise AwsError(INVALID, f"Query has not yet finished. Current state: {execution.state}")
    if execution.result is None:
        raise AwsError(INVALID, f"Query did not finish successfully. Final query state: {execution.state}")
    size, token = self._get_param("MaxResults") or MOST_ROWS, self._get_param("NextToken")
    if not 1 <= size <= MOST_ROWS:
        raise AwsError(INVALID, f"MaxResults must be between 1 and {MOST_ROWS}.")
    if token and not token.isdigit():
        raise AwsError(INVALID, "NextToken is not one that was given out.")
    begin, total = int(token or 0), execution.result.table.num_rows + 1
    named: list[list[str | None]] = [[*execution.result.names]] if begin == 0 else []
    lines = itertools.chain(named, result_text.texts(execution.result, max(begin - 1, 0), size - len(named)))
    rows = [{"Data": [{} if text is None else {"VarCharValue": text} for text in line]} for line in lines]
    metadata = {"ColumnInfo": result_text.column_info(execution.result)}
    answer: dict[str, Any] = {"UpdateCount": 0, "ResultSet": {"Rows": rows, "ResultSetMetadata": metadata}}
    return ActionResult(answer | ({"NextToken": str(begin + size)} if begin + size < total else {}))


@corrects(AthenaResponse, "GetQueryRuntimeStatistics")
def get_query_runtime_statistics(self: Any) -> ActionResult:
    """GetQueryRuntimeStatistics: without stages, which DuckDB has none of."""
    execution = _find(self, self._get_param("QueryExecutionId"))
    statistics: dict[str, Any] = {"Timeline": _timeline(execution)}
    if report := execution.report:
        statistics["Rows"] = {
            "InputRows": sum(scan.rows for scan in report.scans),
            "InputBytes": sum(scan.bytes for scan in report.scans),
            "OutputRows": report.rows,
            "OutputBytes": report.bytes,
        }
    return ActionResult({"QueryRuntimeStatistics": statistics})


@corrects(AthenaResponse, "GetWorkGroup")
def get_work_group(self: Any) -> ActionResult:
    """GetWorkGroup: one that is there."""
    return ActionResult({"WorkGroup": self.athena_backend.get_work_group(_work_group(self).name)})


def identity(self: Any) -> "Identity":
    """Who asks, as a connector is told."""
    from athena_connectors.federation.model import Identity

    caller = Caller.of(request)
    return Identity(self.current_account, caller.arn if caller else "")


def _started(self: Any) -> Executions:
    return executions.of(self.current_account, self.region)


def _find(self: Any, query_id: str) -> Execution:
    try:
        return _started(self).by_id[query_id]
    except KeyError:
        raise AwsError(INVALID, _not_found(query_id)) from None


def _not_found(query_id: str) -> str:
    return f"QueryExecution {query_id} was not found"


def _work_group(self: Any) -> Any:
    name = self._get_param("WorkGroup") or DEFAULT_WORK_GROUP
    try:
        return self.athena_backend.work_groups[name]
    except KeyError:
        raise AwsError(INVALID, f"WorkGroup {name} is not found.") from None


def _output_location(self: Any, work_group: Any, account: Any) -> str:
    """The prefix of the result, by the work group where it insists. Raises AwsError where there is none to write to."""
    settings = work_group.configuration
    theirs = settings.get("ResultConfiguration", {}).get("OutputLocation")
    own = (self._get_param("ResultConfiguration") or {}).get("OutputLocation")
    location = theirs if settings.get("EnforceWorkGroupConfiguration") and theirs else own or theirs
    if not location:
        raise AwsError(
            INVALID,
            "No output location provided. An output location is required either through the Workgroup result "
            "configuration setting or as an API input.",
        )
    bucket = location.removeprefix("s3://").partition("/")[0]
    if not location.startswith("s3://") or not account.has_bucket(bucket):
        raise AwsError(INVALID, f"Unable to verify/create output bucket {bucket}")
    return location if location.endswith("/") else f"{location}/"


def _described(execution: Execution) -> dict[str, Any]:
    status: dict[str, Any] = {"State": execution.state, "SubmissionDateTime": execution.submitted}
    if execution.completed:
        status["CompletionDateTime"] = execution.completed
    if execution.reason:
        status["StateChangeReason"] = execution.reason
    if execution.state == "FAILED":
        status["AthenaError"] = {"ErrorCategory": 2, "ErrorMessage": execution.reason, "Retryable": False}
    scanned = sum(scan.bytes for scan in execution.report.scans) if execution.report else 0
    return {
        "QueryExecutionId": execution.id,
        "Query": execution.query,
        "StatementType": "DML",
        "SubstatementType": "SELECT",
        "ResultConfiguration": {"OutputLocation": execution.output},
        "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": False}},
        "QueryExecutionContext": execution.context,
        "Status": status,
        "Statistics": {
            **_timeline(execution),
            "DataScannedInBytes": scanned,
            "ResultReuseInformation": {"ReusedPreviousResult": False},
        },
        "WorkGroup": execution.work_group,
        "EngineVersion": ENGINE,
    }


def _timeline(execution: Execution) -> dict[str, int]:
    planning = execution.report.planning_seconds if execution.report else 0.0
    total = _milliseconds(execution.seconds)
    return {
        "QueryQueueTimeInMillis": 0,
        "ServicePreProcessingTimeInMillis": 0,
        "QueryPlanningTimeInMillis": min(_milliseconds(planning), total),
        "EngineExecutionTimeInMillis": total,
        "ServiceProcessingTimeInMillis": 0,
        "TotalExecutionTimeInMillis": total,
    }


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
