variable "addresses" {
  description = "Public IPv4 addresses inside the fence, by which its people reach AWS: CIDR blocks such as 198.51.100.7/32, none wider than /16."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.addresses) > 0
    error_message = "addresses is empty: the policy would deny everybody everything. Give the addresses of the NAT gateways that the VPN's users leave by."
  }

  validation {
    condition = alltrue([
      for address in var.addresses :
      can(cidrhost(address, 0)) && can(regex("^[0-9.]+/(1[6-9]|2[0-9]|3[0-2])$", address))
    ])
    error_message = "addresses takes IPv4 CIDR blocks from /16 to /32, such as 198.51.100.7/32; got ${join(", ", var.addresses)}."
  }

  validation {
    condition = alltrue([
      for address in var.addresses :
      !can(regex("^(10\\.|127\\.|169\\.254\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\\.)", address))
    ])
    error_message = "addresses takes public addresses, which AWS sees calls come from; a private one never matches. Give vpc_ids or vpc_endpoint_ids for calls from within a network; got ${join(", ", var.addresses)}."
  }
}

variable "vpc_ids" {
  description = "VPCs inside the fence: calls that reach AWS through their own VPC endpoints carry no public address."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.vpc_ids : can(regex("^vpc-[0-9a-f]{8,17}$", id))])
    error_message = "vpc_ids takes ids such as vpc-0123456789abcdef0; got ${join(", ", var.vpc_ids)}."
  }

  validation {
    condition     = length(var.vpc_ids) == 0 || var.form == "strict"
    error_message = "form published knows no VPCs, and denies what comes through their endpoints: drop vpc_ids, or use form strict."
  }
}

variable "region" {
  description = "Region of vpc_ids, in which alone their ids are unique; needed with them."
  type        = string
  default     = null

  validation {
    condition     = length(var.vpc_ids) == 0 || var.region != null
    error_message = "vpc_ids needs region, the Region that the VPCs are in: their ids are unique within it only."
  }

  validation {
    condition     = var.region == null || can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be a code such as eu-central-1; got \"${coalesce(var.region, "null")}\"."
  }
}

variable "vpc_endpoint_ids" {
  description = "Single VPC endpoints inside the fence, where not every endpoint of a VPC is."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.vpc_endpoint_ids : can(regex("^vpce-[0-9a-f]{8,17}$", id))])
    error_message = "vpc_endpoint_ids takes ids such as vpce-0123456789abcdef0; got ${join(", ", var.vpc_endpoint_ids)}."
  }

  validation {
    condition     = length(var.vpc_endpoint_ids) == 0 || var.form == "strict"
    error_message = "form published knows no VPC endpoints, and denies what comes through them: drop vpc_endpoint_ids, or use form strict."
  }
}

variable "in_vpc_actions" {
  description = "Actions that are never denied: data planes that are reached inside a VPC, of which AWS sees neither address nor endpoint. Empty denies them too."
  type        = set(string)
  default     = ["dax:*", "elasticfilesystem:Client*", "es:ES*", "kafka-cluster:*", "neptune-db:*", "rds-db:connect"]
  nullable    = false

  validation {
    condition     = alltrue([for action in var.in_vpc_actions : can(regex("^[a-z0-9-]+:[A-Za-z*]+$", action))])
    error_message = "in_vpc_actions takes actions of a service, such as rds-db:connect or dax:*; got ${join(", ", var.in_vpc_actions)}."
  }
}

variable "break_glass_role_arns" {
  description = "Roles that the fence does not hold, for the day on which it is broken: each by its whole ARN, without wildcards."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.break_glass_role_arns : can(regex("^arn:[^:]+:iam::[0-9]{12}:role/[^*?]+$", arn))])
    error_message = "break_glass_role_arns takes whole ARNs of roles (arn:aws:iam::<account>:role/<name>), for a pattern exempts whoever may create a role that fits it; got ${join(", ", var.break_glass_role_arns)}."
  }

  validation {
    condition     = length(var.break_glass_role_arns) == 0 || var.form == "strict"
    error_message = "form published knows no exempt roles: drop break_glass_role_arns, or use form strict."
  }
}

variable "human_principal_arns" {
  description = "Whom the SCP holds, as patterns of ARNs, such as arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*: roles and users of people, never those of services. Empty renders no SCP."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for arn in var.human_principal_arns : can(regex("^arn:[^:]+:iam::([0-9]{12}|\\*):(user/|role/.*[A-Za-z])", arn))
    ])
    error_message = "human_principal_arns takes patterns of users and of people's roles (arn:aws:iam::*:user/*, arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*); role/* would hold every function and instance as well; got ${join(", ", var.human_principal_arns)}."
  }

  validation {
    condition     = length(var.human_principal_arns) == 0 || var.form == "strict"
    error_message = "form published holds everybody but roles below /service-role/: drop human_principal_arns, or use form strict."
  }
}

variable "form" {
  description = "strict, or published: the statement as it was first published, with what it leaves open."
  type        = string
  default     = "strict"
  nullable    = false

  validation {
    condition     = contains(["strict", "published"], var.form)
    error_message = "form must be strict or published; got \"${var.form}\"."
  }
}

variable "fence" {
  description = "What the protection policy keeps from being changed, by ARN, but by keeper_role_arns: the role that applies this. null renders none."
  type = object({
    keeper_role_arns  = set(string)
    web_acl_arns      = optional(set(string), [])
    stage_arns        = optional(set(string), [])
    api_arns          = optional(set(string), [])
    function_arns     = optional(set(string), [])
    vpn_endpoint_arns = optional(set(string), [])
    address_arns      = optional(set(string), [])
    policy_arns       = optional(set(string), [])
  })
  default = null

  validation {
    condition = var.fence == null || try(length(var.fence.keeper_role_arns) > 0 && alltrue([
      for arn in var.fence.keeper_role_arns : can(regex("^arn:[^:]+:iam::[0-9]{12}:role/[^*?]+$", arn))
    ]), false)
    error_message = "fence.keeper_role_arns takes at least one whole ARN of a role (arn:aws:iam::<account>:role/<name>): without one nobody could change the fence any more."
  }

  validation {
    condition = var.fence == null || try(anytrue([
      for name, arns in var.fence : length(arns) > 0 if name != "keeper_role_arns"
    ]), false)
    error_message = "fence names nothing to protect: give web_acl_arns, stage_arns, api_arns, function_arns, vpn_endpoint_arns, address_arns or policy_arns."
  }
}

variable "policy_name" {
  description = "Name of a managed policy to create with the deny statement, to be attached to people's roles; null only renders it."
  type        = string
  default     = null

  validation {
    condition     = var.policy_name == null || can(regex("^[A-Za-z0-9_+=,.@-]{1,128}$", var.policy_name))
    error_message = "policy_name takes 1 to 128 letters, digits and _ + = , . @ - (IAM's limit); got \"${coalesce(var.policy_name, "null")}\"."
  }
}

variable "path" {
  description = "Path of the managed policy."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/([!-~]+/)?$", var.path))
    error_message = "path must begin and end with a slash, such as / or /groundcrew/; got \"${var.path}\"."
  }
}

variable "tags" {
  description = "Tags for the managed policy."
  type        = map(string)
  default     = {}
  nullable    = false
}
