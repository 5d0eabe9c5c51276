locals {
  vpn = var.vpn == null ? {} : { this = var.vpn }

  # Associations cost by the hour; an endpoint without any costs nothing and keeps its name, which clients hold.
  associated = try(var.vpn.active, false) ? local.vpn_subnet_ids : {}

  # AWS gives intermittent access when the subnets do not all have the same routes.
  vpn_routes = merge([for name, subnet_id in local.associated : {
    for destination in var.vpn.destinations : "${name} ${destination}" => { subnet_id = subnet_id, destination = destination, name = name }
  }]...)

  authorizations = var.vpn == null ? {} : merge([for name, rule in var.vpn.authorized : {
    for network in coalesce(rule.networks, var.vpn.destinations) : "${name} ${network}" => { group_id = rule.group_id, network = network, name = name }
  }]...)

  # Two blocks overlap where, cut to the wider of their masks, they are the same.
  widest_mask = var.vpn == null ? 0 : min([for block in [var.vpn.client_cidr, local.vpc_cidr] : tonumber(split("/", block)[1])]...)
  overlapping = var.vpn == null ? false : length(distinct([
    for block in [var.vpn.client_cidr, local.vpc_cidr] : cidrhost("${split("/", block)[0]}/${local.widest_mask}", 0)
  ])) == 1

  attached = length(var.policy.attached_role_names) > 0 || var.policy.attached_elsewhere
}

resource "aws_ec2_client_vpn_endpoint" "this" {
  for_each = local.vpn

  description            = local.name
  client_cidr_block      = each.value.client_cidr
  server_certificate_arn = each.value.server_certificate_arn
  vpc_id                 = local.vpc_id
  security_group_ids     = [aws_security_group.users[each.key].id]
  dns_servers            = length(each.value.dns_servers) > 0 ? each.value.dns_servers : null
  transport_protocol     = each.value.transport_protocol
  vpn_port               = each.value.port
  split_tunnel           = each.value.split_tunnel
  self_service_portal    = each.value.self_service_portal ? "enabled" : "disabled"
  session_timeout_hours  = each.value.session_timeout_hours
  # What the fence decided counts until the session ends; a client that reconnects is asked about again.
  disconnect_on_session_timeout = true
  tags                          = merge(var.tags, { Name = local.name })

  dynamic "authentication_options" {
    for_each = each.value.authentication.saml[*]

    content {
      type                           = "federated-authentication"
      saml_provider_arn              = authentication_options.value.provider_arn
      self_service_saml_provider_arn = authentication_options.value.self_service_provider_arn
    }
  }

  dynamic "authentication_options" {
    for_each = each.value.authentication.directory[*]

    content {
      type                = "directory-service-authentication"
      active_directory_id = authentication_options.value.directory_id
    }
  }

  dynamic "authentication_options" {
    for_each = each.value.authentication.certificate[*]

    content {
      type                       = "certificate-authentication"
      root_certificate_chain_arn = authentication_options.value.root_certificate_arn
    }
  }

  client_connect_options {
    enabled             = true
    lambda_function_arn = local.waits ? module.function.alias_arn : module.function.function_arn
  }

  # A client that takes routes away would send its calls around the tunnel.
  client_route_enforcement_options {
    enforced = each.value.route_enforcement
  }

  dynamic "client_login_banner_options" {
    for_each = each.value.banner[*]

    content {
      enabled     = true
      banner_text = client_login_banner_options.value
    }
  }

  connection_log_options {
    enabled               = true
    cloudwatch_log_group  = aws_cloudwatch_log_group.connections[each.key].name
    cloudwatch_log_stream = aws_cloudwatch_log_stream.connections[each.key].name
  }

  lifecycle {
    precondition {
      condition     = !local.overlapping
      error_message = "vpn.client_cidr ${each.value.client_cidr} overlaps the VPC's ${local.vpc_cidr}: choose another for one of them."
    }

    precondition {
      condition     = length(local.vpn_subnet_ids) >= 2
      error_message = "The VPN needs subnets in at least two zones: give two in existing_network.vpn_subnet_ids."
    }

    precondition {
      condition     = length(local.user_addresses) > 0
      error_message = "The VPN's users leave by addresses that the policies trust: give them in existing_network.vpn_addresses."
    }

    precondition {
      condition     = !(each.value.split_tunnel && local.attached)
      error_message = "With vpn.split_tunnel calls to AWS leave by the user's own address, which the attached policy denies: keep the tunnel whole, or detach the policy first (policy.attached_role_names, policy.attached_elsewhere)."
    }

    precondition {
      condition     = each.value.active || !local.attached
      error_message = "Without a VPN the attached policy locks out whoever it holds: detach it first (policy.attached_role_names, policy.attached_elsewhere), apply, and then set vpn.active = false."
    }

    # What was attached by hand, as AWS counted it when the plan was made.
    precondition {
      condition     = each.value.active || try(coalesce(module.policies["this"].attachment_count, 0), 0) == 0
      error_message = "The policy ${local.name} is attached still, and would lock out whoever it holds: detach it everywhere, and then set vpn.active = false."
    }
  }
}

resource "aws_ec2_client_vpn_network_association" "this" {
  for_each = local.associated

  client_vpn_endpoint_id = aws_ec2_client_vpn_endpoint.this["this"].id
  subnet_id              = each.value

  # Usually five to fifteen minutes.
  timeouts {
    create = "60m"
    delete = "60m"
  }
}

resource "aws_ec2_client_vpn_route" "this" {
  for_each = local.vpn_routes

  client_vpn_endpoint_id = aws_ec2_client_vpn_endpoint.this["this"].id
  target_vpc_subnet_id   = aws_ec2_client_vpn_network_association.this[each.value.name].subnet_id
  destination_cidr_block = each.value.destination
  description            = "${each.value.destination} by ${each.value.name}"

  timeouts {
    create = "15m"
    delete = "15m"
  }
}

resource "aws_ec2_client_vpn_authorization_rule" "this" {
  for_each = local.authorizations

  client_vpn_endpoint_id = aws_ec2_client_vpn_endpoint.this["this"].id
  target_network_cidr    = each.value.network
  access_group_id        = each.value.group_id
  authorize_all_groups   = each.value.group_id == null ? true : null
  description            = each.value.name
}

# What clients may reach is the authorization rules' business; nothing comes to them from outside.
resource "aws_security_group" "users" {
  #checkov:skip=CKV_AWS_382:The tunnel carries all that the users' machines send; the VPN's authorization rules say to where.
  for_each = local.vpn

  name        = "${local.name}-users"
  description = "What the VPN's users reach."
  vpc_id      = local.vpc_id
  tags        = merge(var.tags, { Name = "${local.name}-users" })
}

resource "aws_vpc_security_group_egress_rule" "users" {
  #checkov:skip=CKV_AWS_382:The tunnel carries all that the users' machines send; the VPN's authorization rules say to where.
  for_each = aws_security_group.users

  security_group_id = each.value.id
  description       = "All that the users' machines send."
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
  tags              = var.tags
}

resource "aws_cloudwatch_log_group" "connections" {
  for_each = local.vpn

  name              = "/aws/clientvpn/${local.name}"
  retention_in_days = var.function.log_retention_days
  kms_key_id        = var.function.kms_key_arn
  tags              = var.tags
}

resource "aws_cloudwatch_log_stream" "connections" {
  for_each = aws_cloudwatch_log_group.connections

  name           = "connections"
  log_group_name = each.value.name
}
