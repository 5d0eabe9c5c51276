"""Connection strings of the published form."""

import pytest

from athena_connectors.connections.model import (
    Connection,
    LogonMechanism,
    Numbers,
    Oracle,
    Snowflake,
    Teradata,
    TeradataTls,
    TransactionMode,
)
from athena_connectors.connections.published import parse_connection_string
from common.errors import ConfigurationError

ACCEPTED: dict[str, Connection] = {
    "snowflake://jdbc:snowflake://acct.snowflakecomputing.com/?warehouse=W&db=D&schema=S&role=R&${sales/snowflake}": (
        Snowflake(
            host="acct.snowflakecomputing.com",
            database="D",
            warehouse="W",
            schema="S",
            role="R",
            secret="sales/snowflake",
        )
    ),
    "snowflake://jdbc:snowflake://acct.eu-central-1.snowflakecomputing.com:8443/?DB=%22My Db%22&${s}&tracing=WARNING": (
        Snowflake(host="acct.eu-central-1.snowflakecomputing.com", port=8443, database='"My Db"', secret="s")
    ),
    "snowflake://jdbc:snowflake://127.0.0.1:9000/?db=D&ssl=off&user=athena&${s}": (
        Snowflake(host="127.0.0.1", port=9000, database="D", tls=False, user="athena", secret="s")
    ),
    "oracle://jdbc:oracle:thin:${Test/RDS/Oracle}@//db.example.com:1522/sales": (
        Oracle(host="db.example.com", port=1522, service="sales", secret="Test/RDS/Oracle")
    ),
    "oracle://jdbc:oracle:thin:${rds!db-1}@tcps://db.example.com/sales.example.com": (
        Oracle(host="db.example.com", port=2484, service="sales.example.com", tls=True, secret="rds!db-1")
    ),
    "oracle://jdbc:oracle:thin:${s}@db.example.com:1521:ORCL": (
        Oracle(host="db.example.com", port=1521, sid="ORCL", secret="s")
    ),
    "oracle://jdbc:oracle:thin:${s}@tcps://h:2484/x?ssl_server_cert_dn=%22CN=h,O=Example%22&wallet_location=/opt/w": (
        Oracle(host="h", port=2484, service="x", tls=True, server_dn="CN=h,O=Example", wallet="/opt/w", secret="s")
    ),
    "teradata://jdbc:teradata://td.example.com/TMODE=ANSI,CHARSET=UTF8,DATABASE=sales,${td}": (
        Teradata(host="td.example.com", database="sales", transaction_mode=TransactionMode.ANSI, secret="td")
    ),
    "teradata://jdbc:teradata://td/TMODE=TERA&DBS_PORT=1026&LOGMECH=ldap&SSLMODE=VERIFY-FULL&ENCRYPTDATA=ON&${td}": (
        Teradata(
            host="td",
            port=1026,
            transaction_mode=TransactionMode.TERA,
            logon_mechanism=LogonMechanism.LDAP,
            tls=TeradataTls.VERIFY_FULL,
            encrypt_data=True,
            secret="td",
        )
    ),
    "teradata://jdbc:teradata://td/HTTPS_PORT=8443,NUMBERS=double,NUMBER_SCALE=4,SSLCA=ca.pem,${td}": (
        Teradata(host="td", https_port=8443, numbers=Numbers.DOUBLE, number_scale=4, certificates="ca.pem", secret="td")
    ),
    "teradata://jdbc:teradata://td/${arn:aws:secretsmanager:eu-west-1:123456789012:secret:td-AbCdEf}": (
        Teradata(host="td", secret="arn:aws:secretsmanager:eu-west-1:123456789012:secret:td-AbCdEf")
    ),
}
PASSWORDS_INSIDE = [
    "snowflake://jdbc:snowflake://acct.snowflakecomputing.com/?db=D&user=u&password=hunter2",
    "snowflake://jdbc:snowflake://acct.snowflakecomputing.com/?db=D&${s}&PASSWORD=hunter2",
    "snowflake://jdbc:snowflake://acct.snowflakecomputing.com/?db=D&${s}&private_key_pwd=hunter2",
    "snowflake://jdbc:snowflake://acct.snowflakecomputing.com/?db=D&${s}&token=hunter2",
    "oracle://jdbc:oracle:thin:scott/hunter2@//db:1521/sales",
    "oracle://jdbc:oracle:thin:scott/hunter2${s}@//db:1521/sales",
    "teradata://jdbc:teradata://td/TMODE=ANSI,USER=dbc,PASSWORD=hunter2",
    "teradata://jdbc:teradata://td/TMODE=ANSI&${s}&password=hunter2",
    "teradata://jdbc:teradata://td/LOGMECH=LDAP,LOGDATA=hunter2,${s}",
]
REFUSED = {
    "jdbc:snowflake://acct/?db=D&${s}": "begins with the kind",
    "mysql://jdbc:mysql://h/d?${s}": "begins with the kind",
    "snowflake://jdbc:oracle:thin:${s}@//h/s": "begins with the kind",
    "snowflake://jdbc:snowflake://acct/?db=D": "names no secret",
    "snowflake://jdbc:snowflake://acct/?db=D&${a}&${b}": "more than one secret",
    "snowflake://jdbc:snowflake://acct/?db=D&${a secret}": "takes letters",
    "snowflake://jdbc:snowflake://acct/?${s}": "database is missing",
    "snowflake://jdbc:snowflake://acct:x/?db=D&${s}": "with or without :port",
    "snowflake://jdbc:snowflake:///?db=D&${s}": "with or without :port",
    "snowflake://jdbc:snowflake://acct.example.com/?db=D&ssl=off&${s}": "loopback alone",
    "snowflake://jdbc:snowflake://acct/?db=D&authenticator=externalbrowser&${s}": "authenticator=externalbrowser",
    "snowflake://jdbc:snowflake://acct/?db=D&warehause=W&${s}": "warehause; ",
    "oracle://jdbc:oracle:oci:${s}@//h/s": "the thin driver",
    "oracle://jdbc:oracle:thin:${s}//h/s": "@ before the address",
    "oracle://jdbc:oracle:thin:${s}@//h:1521": "service is missing",
    "oracle://jdbc:oracle:thin:${s}@ldaps://h/s": "tcp and tcps",
    "oracle://jdbc:oracle:thin:${s}@(DESCRIPTION=(ADDRESS=(HOST=h)))": "typed form",
    "teradata://jdbc:teradata://td/TMODE=FAST,${s}": "transaction_mode is 'FAST'",
    "teradata://jdbc:teradata://td/LOGMECH=KRB5,${s}": "logon_mechanism is 'KRB5'",
    "teradata://jdbc:teradata://td/DBS_PORT=99999,${s}": "port is 99999",
    "teradata://jdbc:teradata://td/DBS_PORT=443,${s}": "port and https_port are the same",
}


@pytest.mark.parametrize("given", ACCEPTED)
def test_a_published_string_says_where_the_source_is_and_which_secret_opens_it(given: str) -> None:
    assert parse_connection_string(given) == ACCEPTED[given]


@pytest.mark.parametrize("given", PASSWORDS_INSIDE)
def test_a_password_inside_is_refused_and_not_repeated(given: str) -> None:
    with pytest.raises(ConfigurationError, match="put it in the secret") as refused:
        parse_connection_string(given)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("given", REFUSED)
def test_what_is_wrong_with_a_string_is_named(given: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_connection_string(given)
    assert REFUSED[given] in str(refused.value)
