module "athena_connectors" {
  source = "../../"

  prefix = "data"
  sources = {
    sales = {
      kind        = "snowflake"
      connection  = "snowflake://jdbc:snowflake://acme.snowflakecomputing.com/?warehouse=LAKE&db=SALES&schema=PUBLIC&$${sales/snowflake}"
      secret_arns = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:sales/snowflake-a1B2c3"]
    }
  }
}
