"""The server process: moto and our extensions behind one port on loopback."""

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request
from moto.core.request import Request
from moto.server import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from localcloud import (
    admin,
    admission,
    bucket_policy,
    elastic_ips,
    extensions,
    missing,
    queue_attributes,
    s3,
    sns,
    timeline,
    vpc,  # noqa: F401 - importing it registers what it corrects
)
from localcloud.apigateway import (
    certificates,
    deployments,  # noqa: F401 - importing it registers what it corrects
    integrations,  # noqa: F401 - importing it registers what it adds
    listener,
    rest_apis,
)
from localcloud.athena.api import (
    catalogs,  # noqa: F401 - importing it registers what it adds
    executions,
    metadata,  # noqa: F401 - importing it registers what it adds
    queries,  # noqa: F401 - importing it registers what it adds
)
from localcloud.client_vpn import (
    authorization,  # noqa: F401 - importing it registers what it adds
    endpoints,  # noqa: F401 - importing it registers what it adds
    networks,  # noqa: F401 - importing it registers what it adds
    sessions,
    tagging,
)
from localcloud.client_vpn import (
    certificates as vpn_certificates,  # noqa: F401 - importing it registers what it corrects
)
from localcloud.cloudwatch import (
    alarms,
    dashboards,  # noqa: F401 - importing it registers what it corrects
    listing,  # noqa: F401 - importing it registers what it corrects
    metric_data,
    metric_queries,  # noqa: F401 - importing it registers what it corrects
)
from localcloud.eventbridge import rules
from localcloud.functions import (
    deployment_package,  # noqa: F401 - importing it registers what it corrects
    event_sources,
    invocations,
    lambda_service,
    provisioned,
    queues,
)
from localcloud.kinesis import streams, tags, traffic
from localcloud.redshift import clusters, maintenance
from localcloud.sts import assume_role  # noqa: F401 - importing it registers what it corrects
from localcloud.wafv2 import ip_sets, web_acls  # noqa: F401 - importing them registers what they correct

HOST = "127.0.0.1"
PARENT_POLL_SECONDS = 0.5
SIGNAL_POLL_SECONDS = 0.5
DUE_POLL_SECONDS = 0.25
WsgiApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]


class QuietHandler(MotoRequestHandler):
    """moto's request handler without a line on stderr for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class Application(DomainDispatcherApplication):
    """Our admin endpoints first, then moto's dispatcher, with every failure in the protocol of the service."""

    def __init__(self) -> None:
        super().__init__(_service_application)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer one request."""
        if _is_foreign(environ):
            return Response("Only programs on this machine are answered.\n", 403)(environ, start_response)
        if environ.get("PATH_INFO", "").startswith(admin.PREFIX):
            return admin.respond(environ)(environ, start_response)
        admission.identify(environ)
        try:
            application = self.get_application(environ)
        except Exception as error:  # a malformed request breaks moto before any service's application sees it
            return missing.internal_failure(Request(environ), None, error)(environ, start_response)
        return application(environ, start_response)


def _is_foreign(environ: dict[str, Any]) -> bool:
    """Whether a web page sent the request, or a name that someone made to point at loopback.

    Functions run here with the rights of the person at this machine, so no page that they visit may reach them.
    """
    name = urlsplit(f"//{environ.get('HTTP_HOST', '')}").hostname or ""
    local = name in (HOST, "localhost") or name.endswith(".localhost")
    return not local or "HTTP_ORIGIN" in environ or environ.get("HTTP_SEC_FETCH_SITE", "none") != "none"


def _service_application(service: str | None) -> WsgiApplication:
    if service is None:  # signed for a service that moto has no backend for
        return lambda environ, start: missing.not_implemented(Request(environ), None)(environ, start)
    application: Flask = create_backend_app(service)

    def unrouted(error: HTTPException) -> Response | HTTPException:
        if request.routing_exception is error and missing.signing_name(request):
            return missing.not_implemented(request, service)
        return error

    application.register_error_handler(NotFound, unrouted)
    application.register_error_handler(
        NotImplementedError, lambda error: missing.not_implemented(request, service, str(error))
    )
    application.register_error_handler(Exception, lambda error: missing.internal_failure(request, service, error))
    return admission.guarded(application, service)


def build_application() -> Application:
    """Install everything of ours in moto and return what serves it."""
    # The AWS-managed policies exist in every account, whose functions share a concurrency of 1,000. The rest of moto's
    # switches stay as they are.
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    os.environ["MOTO_LAMBDA_CONCURRENCY_QUOTA"] = "1000"
    missing.refuse_unrouted_actions()
    clusters.install()
    streams.install()
    tags.install()
    traffic.install()
    lambda_service.install()
    provisioned.install()
    event_sources.install()
    metric_data.install()
    alarms.install()
    elastic_ips.install()
    rest_apis.install()
    s3.install()
    bucket_policy.install()
    sns.install()
    tagging.install()
    queue_attributes.install()
    extensions.install()
    timeline.add(maintenance.MAINTENANCE)
    timeline.add(sessions.SESSIONS)
    timeline.add(traffic.TRAFFIC)
    timeline.add(rules.SCHEDULES)
    timeline.add(alarms.ALARMS)
    timeline.add(queues.QUEUES)
    return Application()


def serve(port: int, directory: Path, *, verbose: bool = False, parent_pid: int | None = None) -> int:
    """Serve on loopback until SIGTERM, SIGINT or the end of the process `parent_pid`.

    Prints `ready http://127.0.0.1:<port>` once requests are answered; `port` 0 takes a free one. Payloads are unpacked
    in `directory`, which is empty. Ends every function's process before it returns 0.
    """
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    handler = MotoRequestHandler if verbose else QuietHandler
    server = make_server(HOST, port, build_application(), threaded=True, request_handler=handler)
    endpoint = f"http://{HOST}:{server.port}"
    os.environ["MOTO_PORT"] = str(server.port)
    certificates.publish(directory)
    invocations.configure(endpoint, json.loads(os.environ.get("LOCALCLOUD_RUNTIMES", "{}")), directory, not verbose)
    threading.Thread(target=server.serve_forever, name="requests", daemon=True).start()
    threading.Thread(target=_pass_time, args=(ending,), name="timeline", daemon=True).start()
    if parent_pid is not None:
        threading.Thread(target=_watch_parent, args=(parent_pid, ending), name="parent", daemon=True).start()
    print(f"ready {endpoint}", flush=True)
    # Who started us may stop reading; nothing may fail over a line that moto prints later.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # A signal may reach another thread of the process; its handler runs when this thread does.
    while not ending.wait(SIGNAL_POLL_SECONDS):
        pass
    executions.shutdown()
    server.shutdown()
    listener.shutdown()
    invocations.shutdown()
    return 0


def _watch_parent(parent_pid: int, ending: threading.Event) -> None:
    while os.getppid() == parent_pid and not ending.wait(PARENT_POLL_SECONDS):
        pass
    ending.set()


def _pass_time(ending: threading.Event) -> None:
    """Do what becomes due as time passes by itself; what fails is tried again, and reported the first time."""
    reported = ""
    while not ending.wait(DUE_POLL_SECONDS):
        try:
            timeline.run_due()
        except Exception:
            report = traceback.format_exc()
            if report != reported:
                print(report, end="", file=sys.stderr, flush=True)
            reported = report
        else:
            reported = ""
