"""``python -m obligations``: the same as the command ``obligations``."""

import sys

from obligations.orchestration.commands.cli import main

sys.exit(main())
