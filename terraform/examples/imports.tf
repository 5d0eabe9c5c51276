# What exists under the solution's names already is taken over instead of refused: copy this file beside the root's
# main.tf, keep the blocks for what exists, plan, apply, delete it.
import {
  to = module.redshift_maintenance_sync.module.function.aws_cloudwatch_log_group.this
  id = "/aws/lambda/${var.prefix}-redshift-maintenance-sync"
}

import {
  to = module.redshift_maintenance_sync.aws_dynamodb_table.state
  id = "${var.prefix}-redshift-maintenance-sync"
}
