"""
What people look at: the two built web applications, and the pages that the server renders itself.

- ``site``: the viewer's and the host's application, sample pictures, security headers
- ``sandbox``: where a buyer pays in the sandbox gateway
- ``notice``: one page with one message, for when there is nothing else to show
"""
