"""The version, in one place for the package's metadata and for the telemetry of a proof."""

from typing import Final

VERSION: Final = "0.1.0"
PRESENTER: Final = f"mynumber-card-agent/{VERSION}"
