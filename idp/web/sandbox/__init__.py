"""The sandbox's pages and servers; not imported, not registered in production.

Owns: the page on which a developer picks a test card and an outcome. Does not own: cards and their answers
(``sandbox``), the rules of a proof (``signin``).
"""
