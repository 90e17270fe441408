"""``python -m mynumber_card_agent`` is the command ``mynumber-card-agent``."""

import sys

from mynumber_card_agent.cli import main

sys.exit(main())
