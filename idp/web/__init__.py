"""The HTTP edge: endpoints, the presenter's API and pages for people; Flask around framework-free functions.

Owns: requests, responses, cookies, headers, rate limits, templates.
Does not own: an ``if`` about the protocol or a card. May import: ``signin`` and everything below it; not ``stores``.
"""
