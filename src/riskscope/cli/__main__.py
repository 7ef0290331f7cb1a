"""``python -m riskscope.cli``."""

from riskscope.cli import main

main()
