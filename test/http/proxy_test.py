#!/usr/bin/env python3
"""The proxy's own suites, in their short form, for `make check`.

Hostile HTTP, crossed answers and fuzz run against the demo (URL= of build/demo.env),
the faults against a cluster of their own. Each prints its line `N passed, M failed`.
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PROXY = os.path.join(HERE, "..", "..", "build", "asset-inventory-proxy")


def main():
    suites = [["proxy_http.py"], ["crossed_answers.py", "5"], ["proxy_fuzz.py", "5"],
              ["proxy_faults.py", PROXY]]
    failed = 0
    for script, *arguments in suites:
        print(f"-- {script}", flush=True)
        failed |= subprocess.run([sys.executable, os.path.join(HERE, script), *arguments],
                                 check=False).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
