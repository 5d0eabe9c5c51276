"""CloudWatch: metrics from logs and services, alarms that are evaluated as time passes, and what they set off."""
