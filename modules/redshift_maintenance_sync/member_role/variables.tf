variable "name" {
  description = "Name of the role."
  type        = string
  default     = "groundcrew-redshift-maintenance-sync-member"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.name))
    error_message = "name takes 1 to 64 letters, digits and _ + = , . @ - (IAM's limit); got \"${var.name}\"."
  }
}

variable "function_role_arn" {
  description = "ARN of the role that the function runs as: output role_arn of redshift_maintenance_sync. It must exist when this one is made."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[^:]+:iam::[0-9]{12}:role/.+$", var.function_role_arn))
    error_message = "function_role_arn must be the ARN of a role (arn:aws:iam::<account>:role/<name>); got \"${var.function_role_arn}\"."
  }
}

variable "external_id" {
  description = "What the function must say when it assumes the role: the external_id of this account in its input accounts."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@:/-]{2,}$", var.external_id)) && length(var.external_id) <= 1224
    error_message = "external_id takes 2 to 1224 letters, digits and _ + = , . @ : / - (as STS does)."
  }
}

variable "regions" {
  description = "Regions whose clusters may be changed: those of the function."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.regions) > 0 && alltrue([for region in var.regions : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", region))])
    error_message = "regions takes at least one code such as eu-central-1; got ${join(", ", var.regions)}."
  }
}

variable "dry_run" {
  description = "Give no permission to change anything."
  type        = bool
  default     = false
  nullable    = false
}

variable "path" {
  description = "Path of the role."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/([!-~]+/)?$", var.path))
    error_message = "path must begin and end with a slash, such as / or /groundcrew/; got \"${var.path}\"."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that bounds the role; null for none."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags for the role."
  type        = map(string)
  default     = {}
  nullable    = false
}
