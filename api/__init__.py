"""The service over HTTP: routes, the OAuth server, problem details, the OpenAPI documents, the command line."""
