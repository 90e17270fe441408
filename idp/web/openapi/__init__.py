"""The OpenAPI description of every route: served at ``/openapi.json`` and compared with what is answered.

Owns: the words and shapes of the description. Does not own: any behaviour. May import: ``route`` and what it describes.
A new endpoint needs one entry in ``client_operations``; a page describes itself by its handler's docstring.
"""
