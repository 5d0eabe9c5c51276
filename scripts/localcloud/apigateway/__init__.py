"""The data plane of API Gateway: deployed REST APIs answer over TLS, as far as their methods are mock integrations."""
