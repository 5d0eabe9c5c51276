variable "account_id" {
  description = "The account that the roots deploy to."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is twelve digits."
  }
}

variable "region" {
  description = "The Region that the roots deploy to."
  type        = string
  nullable    = false
}

variable "repository" {
  description = "The repository whose workflows take on the roles."
  type        = object({ owner = string, name = string })
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", "${var.repository.owner}/${var.repository.name}"))
    error_message = "repository.owner and repository.name are names, without wildcards: whoever they name may deploy."
  }
}

variable "environment" {
  description = "The environment of the repository in which plans are applied. They are made in <environment>-plan."
  type        = string
  default     = "production"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]+$", var.environment))
    error_message = "environment is the name of one, without wildcards."
  }
}

variable "permissions_boundary_arn" {
  description = "A policy that bounds the roles of the functions: function.permissions_boundary_arn of every root."
  type        = string
  nullable    = false
}

variable "state_bucket" {
  description = "The bucket of the states."
  type        = string
  nullable    = false
}

variable "roots" {
  description = "What is deployed, by the name of its root: its prefix and function.role_path, the key of its state, and ARNs of zips that it takes from S3."
  type = map(object({
    prefix    = string
    state_key = string
    role_path = optional(string, "/")
    zips      = optional(set(string), [])
  }))
  nullable = false

  validation {
    condition     = length(var.roots) > 0 && alltrue([for root in keys(var.roots) : fileexists("${path.module}/../../${root}/permissions.json")])
    error_message = "roots are named like the directories of terraform/ that have a permissions.json."
  }

  validation {
    condition     = alltrue(flatten([for root in values(var.roots) : [for zip in root.zips : startswith(zip, "arn:aws:s3:::") && zip != "arn:aws:s3:::*"]]))
    error_message = "zips are ARNs of objects, such as arn:aws:s3:::team-zips/groundcrew/*."
  }
}
