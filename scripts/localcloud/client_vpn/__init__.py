"""Client VPN, which moto lacks: endpoints, their networks, routes and rules, and clients that connect."""
