"""Files that belong to the program and are no modules of it: templates, migrations, trust, gunicorn's configuration."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_IN_CHECKOUT = {"templates": "templates", "migrations": "migrations", "trust": "conf/trust", "conf": "conf"}


class ResourceMissing(Exception):
    """This installation is incomplete; the message names the folder."""


def find_resource_directory(name: str) -> Path:
    """The folder of one kind of resource, in an installed wheel or in a source checkout.

    Takes:   ``templates``, ``migrations``, ``trust`` or ``conf``.
    Returns: an absolute path of an existing directory.
    Raises:  ResourceMissing: neither place has it.
    """
    in_wheel = _PACKAGE / "_data" / name
    in_checkout = _PACKAGE.parent / _IN_CHECKOUT[name]
    for directory in (in_wheel, in_checkout):
        if directory.is_dir():
            return directory
    raise ResourceMissing(f"neither {in_wheel} nor {in_checkout} is a directory")
