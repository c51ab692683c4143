"""The task service: tasks per tenant and owner, for Admins, Editors and Readers."""
