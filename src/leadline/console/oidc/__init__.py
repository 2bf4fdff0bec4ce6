"""Signing in with an account that people have elsewhere: at Google, Microsoft, Okta or any other OpenID provider.

`routes.py` sends a browser to the provider and takes it back, `accounts.py` says whom that lets in and as what.
"""
