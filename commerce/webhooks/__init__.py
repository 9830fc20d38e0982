"""
Merchants' webhooks: events brought to their programs.

- ``target``: where a request may go, and a transport that goes nowhere else
- ``deliverer``: signed requests, tried again until they arrive
"""
