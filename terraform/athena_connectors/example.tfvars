prefix = "groundcrew"
region = "us-east-1"

# Three databases, each with at most ten connections. A secret is {"username": "…", "password": "…"}, or the keys that
# key pairs and tokens take.
sources = {
  sales = {
    kind                = "snowflake"
    connection          = "snowflake://jdbc:snowflake://acme.snowflakecomputing.com/?warehouse=LAKE&db=SALES&schema=PUBLIC&$${groundcrew/sales}"
    secret_arns         = ["arn:aws:secretsmanager:us-east-1:123456789012:secret:groundcrew/sales-a1B2c3"]
    maximum_connections = 10
    exclude_schemas     = ["INFORMATION_SCHEMA"]
  }
  erp = {
    kind                = "oracle"
    connection          = "oracle://jdbc:oracle:thin:$${groundcrew/erp}@tcps://erp.example.com:2484/erp"
    secret_arns         = ["arn:aws:secretsmanager:us-east-1:123456789012:secret:groundcrew/erp-d4E5f6"]
    maximum_connections = 10
  }
  logistics = {
    kind                = "teradata"
    connection          = "teradata://jdbc:teradata://logistics.example.com/LOGMECH=LDAP,SSLMODE=VERIFY-FULL,$${groundcrew/logistics}"
    secret_arns         = ["arn:aws:secretsmanager:us-east-1:123456789012:secret:groundcrew/logistics-g7H8i9"]
    maximum_connections = 10
  }
}

# What `make publish` left in artifacts.json, by kind: the zips are about as large as Lambda takes directly.
artifacts = {}

# A bucket of the module's own, whose content is gone after a day.
spill = { prefix = "athena-spill", expire_days = 1 }

function = {}
alarms   = { topic_arns = ["arn:aws:sns:us-east-1:123456789012:platform-alarms"] }
network  = null
tags     = { owner = "platform" }
