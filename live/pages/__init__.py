"""
What people look at: the two built web applications, and the pages that the server renders itself.

- ``site``: the viewer's and the host's application, and the sample pictures
- ``sandbox``: where a buyer pays in the sandbox gateway
- ``headers``: what protects each of them
- ``notice``: one page with one message, for when there is nothing else to show
"""
