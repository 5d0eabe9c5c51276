module "kinesis_autoscaler" {
  source = "../../"

  prefix = "data"
  streams = {
    orders = { name = "orders", bounds = { minimum = 2, maximum = 64 } }
  }
}
