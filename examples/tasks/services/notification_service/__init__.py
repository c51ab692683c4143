"""The notification service: messages to users, sent by programs that act on the users' behalf."""
