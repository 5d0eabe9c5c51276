"""Connection strings of the published form: `<kind>://<JDBC URL>`, with `${secret}` where the credentials would be.

    snowflake://jdbc:snowflake://acct.snowflakecomputing.com/?warehouse=W&db=D&schema=S&role=R&${secret}
    oracle://jdbc:oracle:thin:${secret}@//host:1521/service          (or @tcps://host:2484/service, @host:1521:SID)
    teradata://jdbc:teradata://host/TMODE=ANSI,CHARSET=UTF8,DATABASE=D,${secret}      (or & between the pairs)

The grammar is that of awslabs/aws-athena-query-federation (GenericJdbcConnectionFactory, DatabaseConnectionConfig).
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from athena_connectors.connections.model import KINDS, Connection, faults
from common.errors import ConfigurationError
from common.settings import from_document

PLACEHOLDER = re.compile(r"\$\{((?:[a-z-]+!)?[a-zA-Z0-9:/_+=.@!-]+)\}")
CREDENTIALS = re.compile(
    r"password|passwd|pwd|passcode|token|private_?key(_?(file|base64|pwd|password|passphrase))*|logdata|(oauth_?)?client_?secret",
    re.I,
)
SNOWFLAKE = {
    "db": "database",
    "database": "database",
    "schema": "schema",
    "warehouse": "warehouse",
    "role": "role",
    "user": "user",
    "account": "account",
}
TERADATA = {
    "database": "database",
    "user": "user",
    "dbs_port": "port",
    "https_port": "https_port",
    "logmech": "logon_mechanism",
    "tmode": "transaction_mode",
    "sslmode": "tls",
    "sslca": "certificates",
    "numbers": "numbers",
    "number_scale": "number_scale",
}
ORACLE = {
    "ssl_server_cert_dn": "server_dn",
    "wallet_location": "wallet",
    "my_wallet_directory": "wallet",
    "numbers": "numbers",
    "number_scale": "number_scale",
}
WITHOUT_EFFECT = {
    "snowflake": {
        "client_session_keep_alive",
        "jdbc_query_result_format",
        "logintimeout",
        "multi_statement_count",
        "networktimeout",
        "querytimeout",
        "tracing",
    },
    "oracle": {"connect_timeout", "retry_count", "ssl_server_dn_match", "transport_connect_timeout"},
    "teradata": {"charset", "log", "reconnect_count", "reconnect_interval", "type"},
}
"""Parameters that existing strings have and that are settled otherwise here: our timeouts, Unicode, TLS verified."""
AUTHENTICATORS = {"snowflake", "snowflake_jwt", "programmatic_access_token"}


def parse_connection_string(given: str) -> Connection:
    """Read a connection string. Raises ConfigurationError that names the fix, and never shows the string itself."""
    kind, separator, url = given.strip().partition("://")
    if not separator or kind.lower() not in KINDS or not url.lower().startswith(f"jdbc:{kind.lower()}:"):
        raise ConfigurationError(
            "A connection string begins with the kind and the JDBC address of the source: "
            "snowflake://jdbc:snowflake://…, oracle://jdbc:oracle:thin:… or teradata://jdbc:teradata://…"
        )
    kind = kind.lower()
    secret, url = _take_secret(kind, url)
    fields = {"snowflake": _snowflake, "oracle": _oracle, "teradata": _teradata}[kind](url)
    return build(kind, fields | {"secret": secret})


def build(kind: str, fields: Mapping[str, object]) -> Connection:
    """The typed connection of its fields. Raises ConfigurationError."""
    inside = sorted(name for name in fields if CREDENTIALS.fullmatch(name))
    if inside:
        raise credentials_inside(kind, inside[0])
    connection: Connection = from_document(KINDS[kind], dict(fields))
    if found := faults(connection):
        raise ConfigurationError(f"The {kind} connection is wrong: {'; '.join(found)}.")
    return connection


def credentials_inside(kind: str, name: str) -> ConfigurationError:
    """The refusal of a credential in clear text."""
    return ConfigurationError(
        f"The {kind} connection holds {name}: put it in the secret, and name that as ${{secret}} in its place."
    )


def _take_secret(kind: str, url: str) -> tuple[str, str]:
    """The secret's name, and the URL without it."""
    found = PLACEHOLDER.findall(url)
    if len(found) == 1:
        return found[0], PLACEHOLDER.sub("", url)
    if not found and "${" in url:
        raise ConfigurationError(
            f"The {kind} connection has a secret whose name is none: ${{name}} takes letters, digits and :/_+=.@!- "
        )
    if not found and (inside := _inline(kind, url)):
        raise credentials_inside(kind, inside)
    raise ConfigurationError(
        f"The {kind} connection names {'no secret' if not found else 'more than one secret'}: "
        "write ${name} of the one that holds the user name and the password."
    )


def _inline(kind: str, url: str) -> str | None:
    """The name of a credential in the URL, before the lack of a secret is complained of."""
    if kind == "oracle" and re.match(r"jdbc:oracle:thin:[^@/]+/[^@]*@", url, re.I):
        return "a password"
    return next((name for name, _ in _pairs(url.partition("?")[2] or url, "[&,]") if CREDENTIALS.fullmatch(name)), None)


def _snowflake(url: str) -> dict[str, object]:
    address, _, query = url[len("jdbc:snowflake:") :].removeprefix("//").partition("?")
    fields = _host_and_port("snowflake", address.rstrip("/"))
    for name, value in _pairs(query, "&"):
        if name == "ssl":
            fields["tls"] = value.lower() not in ("off", "false")
        elif name == "authenticator":
            # What the secret holds decides; the parameter only must not ask for what is not done.
            if value.lower() not in AUTHENTICATORS:
                raise ConfigurationError(
                    f"The snowflake connection asks for authenticator={value}; {', '.join(sorted(AUTHENTICATORS))} are "
                    "accepted, and what the secret holds decides."
                )
        else:
            _set("snowflake", fields, SNOWFLAKE, name, value)
    return fields


def _teradata(url: str) -> dict[str, object]:
    address, _, parameters = url[len("jdbc:teradata:") :].removeprefix("//").partition("/")
    fields = _host_and_port("teradata", address)
    for name, value in _pairs(parameters, "[,&]"):
        if name == "encryptdata":
            fields["encrypt_data"] = value.upper() == "ON"
        else:
            upper = name in ("logmech", "tmode", "sslmode")
            _set("teradata", fields, TERADATA, name, value.upper() if upper else value)
    return fields


def _oracle(url: str) -> dict[str, object]:
    login, at, rest = url[len("jdbc:oracle:") :].partition("@")
    driver, _, inline = login.partition(":")
    if driver.lower() != "thin" or not at:
        raise ConfigurationError(
            "The oracle connection is jdbc:oracle:thin:${secret}@//host:port/service: "
            "the thin driver, the secret, and @ before the address."
        )
    if inline.strip("/"):
        raise credentials_inside("oracle", "a user name and a password" if "/" in inline else "a user name")
    if rest.lstrip().startswith("("):
        raise ConfigurationError(
            "The oracle connection is a descriptor: write @//host:port/service, or the typed form with "
            "host, port, service, tls, server_dn and wallet."
        )
    address, _, query = rest.partition("?")
    scheme, _, address = address.rpartition("//")
    if scheme.lower().rstrip(":") not in ("", "tcp", "tcps"):
        raise ConfigurationError(f"The oracle connection's protocol is {scheme}; tcp and tcps are accepted.")
    tls = scheme.lower().startswith("tcps")
    host, _, service = address.partition("/")
    parts = host.split(":")
    fields: dict[str, object] = {"tls": tls, "port": 2484 if tls else 1521}
    if len(parts) == 3 and not service:
        host, fields["sid"] = ":".join(parts[:2]), parts[2]
    else:
        fields["service"] = service.partition(":")[0]  # `:server` after it chooses the kind of server process
    fields |= _host_and_port("oracle", host)
    for name, value in _pairs(query, "&"):
        _set("oracle", fields, ORACLE, name, value.strip('"'))
    if not fields.get("service"):
        fields.pop("service", None)
    return fields


def _host_and_port(kind: str, address: str) -> dict[str, object]:
    host, colon, port = address.partition(":")
    if not host or (colon and not port.isdigit()):
        raise ConfigurationError(
            f"The {kind} connection's address is {address!r}, a host, with or without :port, is accepted."
        )
    return {"host": host} | ({"port": int(port)} if colon else {})


def _pairs(text: str, separator: str) -> Iterator[tuple[str, str]]:
    """Names in lower case and values; what remains of the secret's place is passed over."""
    for pair in re.split(separator, text):
        name, equals, value = pair.partition("=")
        if equals and name:
            yield unquote(name).strip().lower(), unquote(value).strip()


def _set(kind: str, fields: dict[str, object], known: Mapping[str, str], name: str, value: str) -> None:
    if CREDENTIALS.fullmatch(name):
        raise credentials_inside(kind, name)
    if name in WITHOUT_EFFECT[kind]:
        return
    if name not in known:
        accepted = ", ".join(sorted({*known, *WITHOUT_EFFECT[kind]}))
        raise ConfigurationError(f"The {kind} connection has a parameter {name}; {accepted} are accepted.")
    field = known[name]
    fields[field] = int(value) if field in ("port", "https_port") and value.isdigit() else value
