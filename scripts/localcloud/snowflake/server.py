"""Snowflake's HTTP interface, as its drivers speak it, on loopback. Run by `standin.py` in `.venv-fakesnow`.

`python -m localcloud.snowflake.server ACCOUNT.json PID` prints `ready http://127.0.0.1:<port>` and ends with that
process.
"""

import gzip
import itertools
import json
import secrets
import socket
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import uvicorn
from fakesnow.statement_type import DML_TYPE_IDS
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localcloud.lifetime import end_with
from localcloud.snowflake import bindings, dictionary, results
from localcloud.snowflake.accounts import Account, Refused, User
from localcloud.snowflake.queries import Query, Session, Warehouse, arrived, statements

HOLD_SECONDS = 5.0
"""How long a request waits for its result before it is told to ask again (Snowflake: 45 s)."""
IN_PROGRESS, IN_PROGRESS_ASYNC = "333333", "333334"


class Server:
    """The routes, and what they share."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.warehouse = Warehouse()
        self.sessions: dict[str, Session] = {}
        self.expired: set[str] = set()
        self.renewals: dict[str, Session] = {}
        self.telemetry = 0
        self.failing_chunks = False
        self._numbers = itertools.count(1)
        self._owner = Session("OWNER", None, None, "OWN", None, {})
        for statement in statements(account.seed):
            if error := self._run(statement):
                raise SystemExit(f"The seed fails at {statement!r}: {error}")

    def _run(self, statement: str) -> str | None:
        """Run the owner's statement, unrecorded; what is wrong with it."""
        query = arrived(self._owner, "", statement, [], {}, False)
        self.warehouse.start(query)
        query.done.wait()
        del self.warehouse.queries[query.id]
        return query.error.message if query.error else None

    def application(self) -> Starlette:
        """The ASGI application."""
        routes = [
            Route("/session/v1/login-request", self.login, methods=["POST"]),
            Route("/session", self.session, methods=["POST"]),
            Route("/session/heartbeat", self.session, methods=["POST"]),
            Route("/session/token-request", self.renew, methods=["POST"]),
            Route("/queries/v1/query-request", self.query, methods=["POST"]),
            Route("/queries/v1/abort-request", self.abort, methods=["POST"]),
            Route("/queries/{id}/abort-request", self.abort, methods=["POST"]),
            Route("/queries/{id}/result", self.result),
            Route("/monitoring/queries/{id}", self.monitoring),
            Route("/chunks/{id}/{number:int}", self.chunk),
            Route("/telemetry/send", self.telemetry_send, methods=["POST"]),
            Route("/stand-in/record", self.record),
            Route("/stand-in/change", self.change, methods=["POST"]),
        ]
        return Starlette(routes=routes)

    async def login(self, request: Request) -> JSONResponse:
        """Sign in: the user's credentials, then the role; a warehouse that does not exist is left out, as there."""
        data = (await _body(request))["data"]
        asked = {name: _identifier(value) for name, value in request.query_params.items() if value}
        try:
            user = self.account.sign_in(data)
            role = asked.get("roleName")
            if role is not None and role not in self.account.roles:
                raise Refused(
                    390189,
                    f"Role '{role}' specified in the connect string does not exist or not authorized. "
                    "Contact your local system administrator, or attempt to login with another valid role.",
                )
            session = self._session(user, asked, data.get("SESSION_PARAMETERS") or {})
        except Refused as refused:
            return _refusal(refused)
        token, master = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self.sessions[token] = self.renewals[master] = session
        number = next(self._numbers)
        parameters = {"AUTOCOMMIT": True, "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD": 0, "TIMEZONE": "America/Los_Angeles"}
        parameters |= session.parameters
        return _success(
            token=token,
            masterToken=master,
            validityInSeconds=3600,
            masterValidityInSeconds=14400,
            sessionId=number,
            serverVersion="9.30.0",
            parameters=[{"name": name, "value": value} for name, value in parameters.items()],
            sessionInfo={
                "databaseName": session.database,
                "schemaName": session.schema,
                "warehouseName": session.warehouse,
                "roleName": session.role,
            },
        )

    def _session(self, user: str, asked: dict[str, str], parameters: dict[str, Any]) -> Session:
        database, schema, warehouse = (asked.get(name) for name in ("databaseName", "schemaName", "warehouse"))
        databases = self.warehouse.databases()
        missing = [
            kind
            for kind, wanted, known in (
                ("database", database, databases),
                ("warehouse", warehouse, self.account.warehouses),
            )
            if wanted is not None and wanted not in known
        ]
        if missing and str(parameters.get("CLIENT_VALIDATE_DEFAULT_PARAMETERS", "")).lower() == "true":
            raise Refused(390201, f"The requested {missing[0]} does not exist or not authorized.")
        return Session(
            user,
            database if "database" not in missing else None,
            schema if "database" not in missing else None,
            warehouse if "warehouse" not in missing else None,
            asked.get("roleName"),
            parameters,
        )

    async def session(self, request: Request) -> JSONResponse:
        """Heartbeat and sign out."""
        try:
            token, _ = self._signed_in(request)
        except Refused as refused:
            return _refusal(refused)
        if request.query_params.get("delete"):
            del self.sessions[token]
        return _success()

    async def renew(self, request: Request) -> JSONResponse:
        """A new token of the session for one that expired, by the master token."""
        session = self.renewals.get(_token(request))
        if session is None:
            return _refusal(Refused(390114, "Authentication token has expired.  The user must authenticate again."))
        token = secrets.token_urlsafe(32)
        self.sessions[token] = session
        return _success(
            sessionToken=token,
            validityInSecondsST=3600,
            masterToken=_token(request),
            validityInSecondsMT=14400,
            sessionId=next(self._numbers),
        )

    async def query(self, request: Request) -> JSONResponse:
        """Run a statement; wait for it unless it was sent to run asynchronously."""
        try:
            _, session = self._signed_in(request)
            body = await _body(request)
            query = arrived(
                session,
                request.query_params.get("requestId", ""),
                body["sqlText"],
                bindings.values(body.get("bindings")),
                body.get("parameters") or {},
                bool(body.get("describeOnly")),
            )
        except Refused as refused:
            return _refusal(refused)
        self.warehouse.start(query)
        if body.get("asyncExec"):
            return self._in_progress(query, IN_PROGRESS_ASYNC)
        return await self._await(query)

    async def result(self, request: Request) -> JSONResponse:
        """The result of a statement that was sent before."""
        try:
            self._signed_in(request)
            return await self._await(self._find(request.path_params["id"]))
        except Refused as refused:
            return _refusal(refused)

    async def monitoring(self, request: Request) -> JSONResponse:
        """How a statement fares."""
        try:
            self._signed_in(request)
        except Refused as refused:
            return _refusal(refused)
        query = self.warehouse.queries.get(request.path_params["id"])
        if query is None:
            return _success(queries=[])
        found: dict[str, Any] = {"id": query.id, "status": query.status}
        if query.done.is_set() and query.error is not None:
            found |= {"errorCode": f"{query.error.code:06d}", "errorMessage": query.error.message}
        return _success(queries=[found])

    async def abort(self, request: Request) -> JSONResponse:
        """Cancel a statement by its id, or by the request that sent it."""
        try:
            self._signed_in(request)
        except Refused as refused:
            return _refusal(refused)
        body = await _body(request)
        if self.warehouse.cancel(query_id=request.path_params.get("id"), request_id=body.get("requestId", "none")):
            return _success()
        return _refusal(Refused(605, "Identified SQL statement is not currently executing.", "02000"))

    async def chunk(self, request: Request) -> Response:
        """A part of a result; the address alone admits, like the pre-signed ones of S3."""
        query = self._find(request.path_params["id"])
        if query.table is None or self.failing_chunks:
            return Response(status_code=403)
        number = request.path_params["number"]
        return Response(await run_in_threadpool(results.chunk, query.table, query.rowtype, number))

    async def telemetry_send(self, request: Request) -> JSONResponse:
        """Count what the driver tells of itself."""
        self.telemetry += 1
        return _success()

    async def record(self, _: Request) -> JSONResponse:
        """What has happened since the start: for scenes and tests."""
        queries = [query.recorded() for query in self.warehouse.queries.values()]
        return JSONResponse({"queries": queries, "sessions": len(self.sessions), "telemetry": self.telemetry})

    async def change(self, request: Request) -> JSONResponse:
        """What befalls an account: others' statements, a rotated secret, a queue, lost sessions and chunks."""
        body = await _body(request)
        if "user" in body:
            self.account.users[body["user"].upper()] = User(**body["as"])
        self.warehouse.queue_seconds = body.get("queue_seconds", self.warehouse.queue_seconds)
        self.failing_chunks = body.get("failing_chunks", self.failing_chunks)
        if body.get("expire_tokens"):
            self.expired |= self.sessions.keys()
        if body.get("end_sessions"):
            self.sessions.clear()
            self.renewals.clear()
        error = await run_in_threadpool(self._run, body["sql"]) if "sql" in body else None
        return JSONResponse({"error": error})

    def _signed_in(self, request: Request) -> tuple[str, Session]:
        token = _token(request)
        if token in self.expired:
            raise Refused(390112, "Your session has expired. Please login again.")
        session = self.sessions.get(token)
        if session is None:
            raise Refused(390111, "Session no longer exists.  New login required to access the service.")
        return token, session

    def _find(self, query_id: str) -> Query:
        try:
            return self.warehouse.queries[query_id]
        except KeyError:
            raise Refused(709, f"Statement {query_id} not found", "02000") from None

    async def _await(self, query: Query) -> JSONResponse:
        await run_in_threadpool(query.done.wait, HOLD_SECONDS)
        if not query.done.is_set():
            return self._in_progress(query, IN_PROGRESS)
        if query.error is not None:
            return _refusal(query.error, queryId=query.id)
        return _success(**await run_in_threadpool(_answer, query))

    @staticmethod
    def _in_progress(query: Query, code: str) -> JSONResponse:
        data = {"queryId": query.id, "getResultUrl": f"/queries/{query.id}/result", "queryAbortsAfterSecs": 300}
        return JSONResponse({"data": data, "code": code, "message": "Query execution in progress.", "success": True})


def _answer(query: Query) -> dict[str, Any]:
    """The result as the driver reads it: DML counts as JSON, rows as Arrow, the first of them in the answer itself."""
    table = query.table
    data: dict[str, Any] = {
        "rowtype": query.rowtype,
        "total": table.num_rows if table is not None else 0,
        "returned": table.num_rows if table is not None else 0,
        "queryId": query.id,
        "statementTypeId": query.type_id,
        "numberOfBinds": len(query.values),
        "parameters": [],
        "finalDatabaseName": query.session.database,
        "finalSchemaName": query.session.schema,
        "finalWarehouseName": query.session.warehouse,
        "finalRoleName": query.session.role,
        "queryResultFormat": "arrow",
        "rowsetBase64": "",
    }
    if table is None:
        return data
    if query.type_id in DML_TYPE_IDS:
        columns = [column.to_pylist() for column in table.columns]
        rows = [[None if value is None else str(value) for value in row] for row in zip(*columns, strict=True)]
        return data | {"queryResultFormat": "json", "rowset": rows}
    data["rowsetBase64"] = results.inline(table, query.rowtype)
    if found := results.chunks(table, f"{ENDPOINT[0]}/chunks/{query.id}"):
        data |= {"chunks": found, "chunkHeaders": {}}
    return data


ENDPOINT: list[str] = []


def _token(request: Request) -> str:
    header = str(request.headers.get("Authorization", ""))
    return header.removeprefix('Snowflake Token="').removesuffix('"')


async def _body(request: Request) -> dict[str, Any]:
    body = await request.body()
    if request.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    found: dict[str, Any] = json.loads(body or b"{}")
    return found


def _identifier(text: str) -> str:
    return text[1:-1] if text.startswith('"') else text.upper()


def _success(**data: Any) -> JSONResponse:
    return JSONResponse({"data": data, "code": None, "message": None, "success": True})


def _refusal(refused: Refused, **data: Any) -> JSONResponse:
    code = f"{refused.code:06d}"
    data |= {"errorCode": code, "sqlState": refused.sql_state}
    return JSONResponse({"data": data, "code": code, "message": refused.message, "success": False})


class SingleSlash:
    """Paths that the driver begins with two slashes where its address ends with one."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """ASGI."""
        if scope["type"] == "http":
            scope = scope | {"path": scope["path"].replace("//", "/")}
        await self._application(scope, receive, send)


def main(argv: list[str]) -> int:
    """Serve until the process ends whose id is the second argument."""
    warnings.simplefilter("ignore")
    threading.Thread(target=end_with, args=[int(argv[1])], daemon=True).start()
    dictionary.install()
    account = Account.parse(json.loads(Path(argv[0]).read_text()))
    listening = socket.create_server(("127.0.0.1", 0))
    ENDPOINT.append(f"http://127.0.0.1:{listening.getsockname()[1]}")
    application = SingleSlash(Server(account).application())
    print(f"ready {ENDPOINT[0]}", flush=True)
    uvicorn.Server(uvicorn.Config(application, log_level="error", lifespan="off")).run(sockets=[listening])
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
