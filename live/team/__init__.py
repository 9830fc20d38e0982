"""
The team of a shop: who may do what for a host, and who decided so.

- ``permissions``: their names, and the sets of them that people are invited with
- ``policy``: one table from operation to permission
- ``standing``: the one place that asks it
- ``store``: members, invitations and the audit list
"""
