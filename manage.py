#!/usr/bin/env python
"""Django's command line. Without a SECRET_KEY the command is for this machine and runs as the demo does."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "worksttogether.settings")
    if not os.environ.get("SECRET_KEY"):
        os.environ.setdefault("DEMO", "true")
    execute_from_command_line(sys.argv)
