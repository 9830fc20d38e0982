"""
Moderation of live rooms: what hosts and moderators decide, kept, logged and told.
"""
