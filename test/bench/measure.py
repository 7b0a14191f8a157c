"""What the benchmarks share: pgbench and wrk as measuring tools, medians of interleaved rounds."""

import os
import re
import statistics
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def demo_environment():
    """The lines of build/demo.env."""
    lines = (ROOT / "build/demo.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def pgbench_tool():
    config = os.environ.get("PG_CONFIG", "/usr/lib/postgresql/15/bin/pg_config")
    bindir = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True).stdout.strip()
    return f"{bindir}/pgbench"


def pgbench(database, sql, clients=1, seconds=3, prepared=True):
    """Runs one script; returns (mean latency in ms, transactions a second)."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(sql)
        script.flush()
        command = [pgbench_tool(), "-n", "-c", str(clients), "-j", "1", "-T", str(seconds), "-f", script.name]
        command += ["-M", "prepared" if prepared else "simple", database]
        done = subprocess.run(command, capture_output=True, text=True)
    latency = re.search(r"latency average = ([\d.]+) ms", done.stdout)
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode != 0 or not latency or not rate:
        raise SystemExit(f"pgbench failed:\n{done.stdout}{done.stderr}")
    return float(latency[1]), float(rate[1])


def wrk(url, token, connections, seconds=3):
    """Requests a second and the 99th percentile in ms of one GET through the proxy."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency", "-H", f"Authorization: Token {token}", url]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out:
        raise SystemExit(f"wrk met errors:\n{out}")
    rate = float(re.search(r"Requests/sec: +([\d.]+)", out)[1])
    number, unit = re.search(r"99% +([\d.]+)(us|ms|s)", out).groups()
    return rate, float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def rest(target, token):
    """The statement of one GET."""
    return f"select status, headers, body from inventory.rest('GET', '{target}', E'authorization: Token {token}\\n');"


def report(title, values, base):
    """Prints each value and its ratio to that of `base`."""
    print(title)
    for name, value in values.items():
        print(f"  {name:<34} {value:10.3f}  {value / values[base]:6.2f} x")


def interleaved(measures, rounds=5):
    """Runs each measure in turn, `rounds` times; returns {name: median}. Noise that comes and
    goes meets all of them alike."""
    seen = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            seen[name].append(measure())
    return {name: statistics.median(values) for name, values in seen.items()}
