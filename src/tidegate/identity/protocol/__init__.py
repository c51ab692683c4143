"""The protocol without I/O: bytes in, a decision or an `OAuthError` out.

Reading order: `messages` (what comes in and goes out), `access` (what a grant decides), `grants` (the table),
`clients`, `scopes` and `assertions` (what several grants check), then one file for each grant.
"""
