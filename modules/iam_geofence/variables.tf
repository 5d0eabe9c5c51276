variable "prefix" {
  description = "Begins the name of everything that is created: <prefix>-iam-geofence. The handler is AWSClientVPN-<prefix>-iam-geofence, as Client VPN demands."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9-]{1,20}$", var.prefix))
    error_message = "prefix takes 1 to 20 of a-z, 0-9 and hyphens; got \"${var.prefix}\"."
  }
}

variable "allowed_countries" {
  description = "Countries from which people may connect, by their codes of ISO 3166-1 alpha-2 (and XK, Kosovo, as WAF knows it): [\"DE\", \"FR\"], or one text with commas: [\"DE,FR\"]."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(replace(join("", var.allowed_countries), "/[, ]/", "")) > 0
    error_message = "allowed_countries is empty: nobody could connect. Name at least one country, such as DE."
  }

  validation {
    condition = alltrue([
      for code in split(",", join(",", var.allowed_countries)) :
      trimspace(code) == "" || contains(jsondecode(file("${path.module}/countries.json")), trimspace(code))
    ])
    error_message = "allowed_countries takes codes of two capital letters that WAF knows (all of them: countries.json of this module); got ${join(", ", var.allowed_countries)}."
  }
}

variable "mode" {
  description = "enforce keeps out whoever is not permitted; monitor lets them in and says in logs, metrics and posture statuses whom it would keep out."
  type        = string
  default     = "enforce"
  nullable    = false

  validation {
    condition     = contains(["enforce", "monitor"], var.mode)
    error_message = "mode must be enforce or monitor; got \"${var.mode}\"."
  }
}

variable "vpn" {
  description = "The Client VPN endpoint, the way into the fence. null makes the checker alone, for endpoints in endpoint_ids. authentication is saml or directory, certificate, or certificate with one of the others. authorized says by groups (of the identity provider; null: everybody) which networks are open to whom; null: all destinations. active = false keeps the endpoint and drops its associations, which cost by the hour."
  type = object({
    client_cidr            = string
    server_certificate_arn = string
    authentication = object({
      saml        = optional(object({ provider_arn = string, self_service_provider_arn = optional(string) }))
      directory   = optional(object({ directory_id = string }))
      certificate = optional(object({ root_certificate_arn = string }))
    })
    authorized            = optional(map(object({ group_id = optional(string), networks = optional(set(string)) })), { everybody = {} })
    destinations          = optional(set(string), ["0.0.0.0/0"])
    active                = optional(bool, true)
    split_tunnel          = optional(bool, false)
    route_enforcement     = optional(bool, true)
    session_timeout_hours = optional(number, 8)
    self_service_portal   = optional(bool, false)
    dns_servers           = optional(list(string), [])
    banner                = optional(string)
    transport_protocol    = optional(string, "udp")
    port                  = optional(number, 443)
  })
  default = null

  validation {
    condition     = var.vpn == null || try(can(cidrhost(var.vpn.client_cidr, 0)) && can(regex("^[0-9.]+/(1[2-9]|2[0-2])$", var.vpn.client_cidr)), false)
    error_message = "vpn.client_cidr must be an IPv4 block from /12 to /22 (Client VPN's range), such as 10.100.0.0/22; got ${jsonencode(try(var.vpn.client_cidr, null))}."
  }

  validation {
    condition     = var.vpn == null || try(can(regex("^arn:[^:]+:acm:[^:]+:[0-9]{12}:certificate/.+$", var.vpn.server_certificate_arn)), false)
    error_message = "vpn.server_certificate_arn must be the ARN of a certificate in ACM, in the Region of the VPN (arn:aws:acm:<region>:<account>:certificate/<id>)."
  }

  validation {
    condition     = var.vpn == null || try(length([for way in [var.vpn.authentication.saml, var.vpn.authentication.directory, var.vpn.authentication.certificate] : way if way != null]) > 0, false)
    error_message = "vpn.authentication is empty: give saml, directory or certificate."
  }

  validation {
    condition     = var.vpn == null || try(var.vpn.authentication.saml == null || var.vpn.authentication.directory == null, false)
    error_message = "vpn.authentication takes saml or directory, not both: Client VPN combines certificates with one of them only."
  }

  validation {
    condition     = try(var.vpn.authentication.saml, null) == null || try(can(regex("^arn:[^:]+:iam::[0-9]{12}:saml-provider/.+$", var.vpn.authentication.saml.provider_arn)), false)
    error_message = "vpn.authentication.saml.provider_arn must be the ARN of a SAML provider in IAM (arn:aws:iam::<account>:saml-provider/<name>)."
  }

  validation {
    condition     = try(var.vpn.authentication.directory, null) == null || try(can(regex("^d-[0-9a-f]{10}$", var.vpn.authentication.directory.directory_id)), false)
    error_message = "vpn.authentication.directory.directory_id must be the id of a directory, such as d-0123456789."
  }

  validation {
    condition     = try(var.vpn.authentication.certificate, null) == null || try(can(regex("^arn:[^:]+:acm:[^:]+:[0-9]{12}:certificate/.+$", var.vpn.authentication.certificate.root_certificate_arn)), false)
    error_message = "vpn.authentication.certificate.root_certificate_arn must be the ARN of a certificate in ACM: that of the authority, or of the server where one authority issued both."
  }

  validation {
    condition     = var.vpn == null || try(length(var.vpn.authorized) > 0, false)
    error_message = "vpn.authorized is empty: nobody could reach anything. Leave it out for everybody, or name groups."
  }

  validation {
    condition = var.vpn == null || try(
      var.vpn.authentication.saml != null || var.vpn.authentication.directory != null || alltrue([for rule in values(var.vpn.authorized) : rule.group_id == null]), false
    )
    error_message = "vpn.authorized names groups, which certificates do not have: drop group_id, or authenticate by saml or directory."
  }

  validation {
    condition = var.vpn == null || try(length(var.vpn.destinations) > 0 && alltrue([
      for network in setunion(var.vpn.destinations, flatten([for rule in values(var.vpn.authorized) : tolist(coalesce(rule.networks, []))])) :
      can(cidrhost(network, 0)) && can(regex("^[0-9.]+/[0-9]+$", network))
    ]), false)
    error_message = "vpn.destinations and the networks in vpn.authorized take IPv4 blocks, at least one, such as 0.0.0.0/0."
  }

  validation {
    condition     = var.vpn == null || try(var.vpn.split_tunnel != contains(var.vpn.destinations, "0.0.0.0/0"), false)
    error_message = "vpn.destinations is 0.0.0.0/0 with a whole tunnel, and names what the tunnel is for with vpn.split_tunnel: make the two agree."
  }

  validation {
    condition     = var.vpn == null || try(contains([8, 10, 12, 24], var.vpn.session_timeout_hours), false)
    error_message = "vpn.session_timeout_hours must be 8, 10, 12 or 24 (what Client VPN offers)."
  }

  validation {
    condition     = var.vpn == null || try(length(var.vpn.dns_servers) <= 2 && alltrue([for server in var.vpn.dns_servers : can(cidrhost("${server}/32", 0))]), false)
    error_message = "vpn.dns_servers takes at most two IPv4 addresses."
  }

  validation {
    condition     = try(var.vpn.banner, null) == null || try(length(var.vpn.banner) >= 1 && length(var.vpn.banner) <= 1400, false)
    error_message = "vpn.banner takes 1 to 1,400 characters (Client VPN's limit)."
  }

  validation {
    condition     = var.vpn == null || try(contains(["udp", "tcp"], var.vpn.transport_protocol) && contains([443, 1194], var.vpn.port), false)
    error_message = "vpn.transport_protocol is udp or tcp, and vpn.port 443 or 1194 (what Client VPN offers)."
  }
}

variable "endpoint_ids" {
  description = "Other Client VPN endpoints of this account and Region that may ask the check: those that this module does not make, with this handler as theirs."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.endpoint_ids : can(regex("^cvpn-endpoint-[0-9a-f]{8,17}$", id))])
    error_message = "endpoint_ids takes ids such as cvpn-endpoint-0123456789abcdef0; got ${join(", ", var.endpoint_ids)}."
  }
}

variable "permitted_address" {
  description = "A public IPv4 address in a permitted country, about which the canary asks as well: it must be admitted, so that a country that is missing is noticed. null asks only about addresses that are nobody's."
  type        = string
  default     = null

  validation {
    condition     = var.permitted_address == null || can(cidrhost("${var.permitted_address}/32", 0))
    error_message = "permitted_address must be one public IPv4 address, such as that of an office; got ${jsonencode(var.permitted_address)}."
  }

  validation {
    condition     = var.permitted_address == null || var.vpn != null || length(var.endpoint_ids) > 0
    error_message = "permitted_address needs an endpoint to ask for: give vpn, or endpoint_ids."
  }
}

variable "vpc" {
  description = "The network that is made: a VPC of cidr, over zones (none: the first two of the Region), with NAT gateways of the checker's and of the users' own. nat_in_every_zone = false has one of each, which is cheaper and ends with its zone."
  type = object({
    cidr              = optional(string, "10.220.0.0/20")
    zones             = optional(set(string), [])
    nat_in_every_zone = optional(bool, true)
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(cidrhost(var.vpc.cidr, 0)) && can(regex("^[0-9.]+/(1[6-9]|2[0-3])$", var.vpc.cidr))
    error_message = "vpc.cidr must be an IPv4 block from /16 to /23: a sixteenth of it is a subnet, and Client VPN takes none below /27; got ${var.vpc.cidr}."
  }

  validation {
    condition     = contains([0, 2, 3, 4, 5], length(var.vpc.zones))
    error_message = "vpc.zones takes two to five zones, such as eu-central-1a and eu-central-1b, or none for the Region's first two; got ${join(", ", var.vpc.zones)}."
  }
}

variable "existing_network" {
  description = "A network of yours instead of vpc: the subnets of the checker and of the VPN (one a zone, by names of your choosing), and the public addresses that each leaves by. The two must leave by different ones."
  type = object({
    vpc_id             = string
    checker_subnet_ids = set(string)
    checker_addresses  = set(string)
    vpn_subnet_ids     = optional(map(string), {})
    vpn_addresses      = optional(set(string), [])
  })
  default = null

  validation {
    condition     = var.existing_network == null || try(length(var.existing_network.checker_subnet_ids) > 0 && length(var.existing_network.checker_addresses) > 0, false)
    error_message = "existing_network needs checker_subnet_ids and the checker_addresses that they leave by: without one nobody may ask the check."
  }

  validation {
    condition = var.existing_network == null || try(alltrue([
      for address in setunion(var.existing_network.checker_addresses, var.existing_network.vpn_addresses) : can(cidrhost("${address}/32", 0))
    ]), false)
    error_message = "existing_network.checker_addresses and vpn_addresses take public IPv4 addresses, without a mask, such as 198.51.100.7."
  }

  validation {
    condition     = var.existing_network == null || try(length(setintersection(var.existing_network.checker_addresses, var.existing_network.vpn_addresses)) == 0, false)
    error_message = "existing_network.checker_addresses and vpn_addresses share an address: then every user of the VPN could ask the check about anybody. Give the checker a NAT gateway of its own."
  }
}

variable "policy" {
  description = "The deny policy, its SCP and the protection: see the module policies. addresses are trusted besides the VPN's; the policy is attached to attached_role_names; attached_elsewhere says that it, or the SCP, is attached by somebody else too. With keeper_role_arns, the roles that may still change the fence, its protection is rendered."
  type = object({
    form                  = optional(string, "strict")
    addresses             = optional(set(string), [])
    break_glass_role_arns = optional(set(string), [])
    human_principal_arns  = optional(set(string), [])
    keeper_role_arns      = optional(set(string), [])
    attached_role_names   = optional(set(string), [])
    attached_elsewhere    = optional(bool, false)
    path                  = optional(string, "/")
  })
  default  = {}
  nullable = false

  validation {
    condition     = length(var.policy.attached_role_names) == 0 || var.vpn != null || length(var.policy.addresses) > 0
    error_message = "policy.attached_role_names would hold roles inside a fence that nobody is in: give vpn, or policy.addresses."
  }

  validation {
    condition     = alltrue([for name in var.policy.attached_role_names : can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", name))])
    error_message = "policy.attached_role_names takes names of roles, not their ARNs; got ${join(", ", var.policy.attached_role_names)}."
  }
}

variable "provisioned_concurrency" {
  description = "Environments of the handler that wait, so that nobody who connects waits for one to start; 0 for none. They cost by the hour."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.provisioned_concurrency >= 0 && floor(var.provisioned_concurrency) == var.provisioned_concurrency
    error_message = "provisioned_concurrency must be a whole number, 0 for none; got ${var.provisioned_concurrency}."
  }
}

variable "snap_start" {
  description = "Start environments of the handler from a snapshot instead."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.snap_start || var.provisioned_concurrency == 0
    error_message = "snap_start and provisioned_concurrency exclude each other: Lambda refuses both for one version."
  }
}

variable "log_user_data" {
  description = "Log addresses and names as they are, in the handler's log and in the web ACL's; otherwise the handler logs a keyed hash of the address, and the web ACL's log leaves it out."
  type        = bool
  default     = false
  nullable    = false
}

variable "function" {
  description = "How the handler and the canary are built and run: their zip, architecture, size, limits, logs, and who owns their keys and roles. log_retention_days and kms_key_arn hold for the logs of the VPN and of the web ACL too."
  type = object({
    artifact = optional(object({
      path          = optional(string)
      bucket        = optional(string)
      key           = optional(string)
      version_id    = optional(string)
      sha256_base64 = optional(string)
    }), {})
    architecture             = optional(string, "arm64")
    memory_mb                = optional(number, 256)
    timeout_seconds          = optional(number, 20)
    reserved_concurrency     = optional(number)
    log_level                = optional(string, "INFO")
    log_retention_days       = optional(number, 365)
    kms_key_arn              = optional(string)
    permissions_boundary_arn = optional(string)
    role_path                = optional(string, "/")
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.function.timeout_seconds >= 10 && var.function.timeout_seconds <= 29
    error_message = "function.timeout_seconds must be 10 to 29: the handler allows its check 8 s and has to start as well, and Client VPN waits 30 s for an answer; got ${var.function.timeout_seconds}."
  }
}

variable "alarms" {
  description = "Who hears of trouble: SNS topics that the alarms publish to."
  type = object({
    topic_arns = optional(set(string), [])
  })
  default  = {}
  nullable = false
}

variable "tags" {
  description = "Tags for everything this module creates."
  type        = map(string)
  default     = {}
  nullable    = false
}
