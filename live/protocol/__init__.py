"""
What clients in every language are written against, generated from the server's own Structs.

``python -m live.protocol`` writes ``clients/protocol``: the JSON Schema and the AsyncAPI document
of the socket, the OpenAPI document of the HTTP interface, TypeScript types for both, and one golden
frame for every message. Invariant: the folder in the repository is what this package generates;
``--check`` and a test refuse anything else.

- ``documents``: which files there are, and their contents
- ``asyncapi``: the socket as an AsyncAPI document
- ``typescript``: JSON Schema to TypeScript
- ``examples``: one message of every type
"""
