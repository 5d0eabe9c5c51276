# Every stream that carries groundcrew:kinesis-autoscaler = on, and one that is told how here.
module "kinesis_autoscaler" {
  source = "../../"

  prefix = "data"
  streams = {
    clicks = {
      name     = "clicks"
      bounds   = { minimum = 4, maximum = 200 }
      policy   = "target"
      consumer = { function_name = "click-counter", per_shard = 2 }
    }
  }
  discovery = { bounds = { maximum = 32 } }
}
