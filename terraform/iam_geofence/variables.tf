variable "region" {
  description = "Region of the VPN, which people's certificates and the checker are in."
  type        = string
  nullable    = false
}

variable "prefix" {
  description = "Begins the name of everything that is created: <prefix>-iam-geofence. The handler is AWSClientVPN-<prefix>-iam-geofence, as Client VPN demands."
  type        = string
  nullable    = false
}

variable "allowed_countries" {
  description = "Countries from which people may connect, by their codes of ISO 3166-1 alpha-2 (and XK, Kosovo, as WAF knows it): [\"DE\", \"FR\"], or one text with commas: [\"DE,FR\"]."
  type        = set(string)
  nullable    = false
}

variable "mode" {
  description = "enforce keeps out whoever is not permitted; monitor lets them in and says in logs, metrics and posture statuses whom it would keep out."
  type        = string
  default     = "enforce"
  nullable    = false
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
}

variable "endpoint_ids" {
  description = "Other Client VPN endpoints of this account and Region that may ask the check: those that this module does not make, with this handler as theirs."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "permitted_address" {
  description = "A public IPv4 address in a permitted country, about which the canary asks as well: it must be admitted, so that a country that is missing is noticed. null asks only about addresses that are nobody's."
  type        = string
  default     = null
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
}

variable "provisioned_concurrency" {
  description = "Environments of the handler that wait, so that nobody who connects waits for one to start; 0 for none. They cost by the hour."
  type        = number
  default     = 0
  nullable    = false
}

variable "snap_start" {
  description = "Start environments of the handler from a snapshot instead."
  type        = bool
  default     = false
  nullable    = false
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
