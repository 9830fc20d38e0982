"""
The HTTP interface: one file a resource, each with its table of endpoints.

- ``endpoint``: what an endpoint is, and how a request becomes a call
- ``bodies``: the Structs that only travel here
- ``problems``: one table from error code to status
- ``idempotency``: the same answer for the same ``Idempotency-Key``
- ``openapi``: the same tables as a document
"""
