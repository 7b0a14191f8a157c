"""make bench: what the proxy adds to a call of inventory.rest, in one run.

Direct calls are pgbench -M prepared of the same statement; through the proxy they are wrk's.
At half load both run at half of the rate that the slower of the two reaches with 64
connections, wrk by a pause after each answer and pgbench by --rate.
"""

import os
import re
import statistics
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from measure import ROOT, demo_environment, interleaved, pgbench, pgbench_tool, report, rest, wrk

env = demo_environment()
database, token, url = env["DATABASE"], env["TOKEN"], env["URL"]
path = f"/tenants/{env['TENANT']}/inventory/assets"
slow_path = f"/tenants/{env['TENANT']}/inventory/assets?meta_count=only&filter=q%3D%3Da"
call = rest(path, token)
clients = 16


def proxy_process():
    return int((ROOT / "build/demo/proxy.pid").read_text())


def cpu_seconds(process):
    times = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(process):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())[1]) / 1024


def at_rate_direct(rate, seconds=5):
    """p50 and p99 in ms of direct calls that arrive at a rate, without the wait for their turn."""
    with tempfile.TemporaryDirectory() as directory:
        script = Path(directory, "call.sql")
        script.write_text(call)
        subprocess.run([pgbench_tool(), "-n", "-c", str(clients), "-T", str(seconds), "-M", "prepared", "-R", str(int(rate)),
                        "-l", "--log-prefix", f"{directory}/log", "-f", script, database], check=True, capture_output=True)
        times = sorted((int(line.split()[2]) - int(line.split()[6])) / 1000
                       for log in Path(directory).glob("log.*") for line in log.read_text().splitlines())
    return times[len(times) // 2], times[len(times) * 99 // 100]


def at_rate_proxy(rate, seconds=5, target=None):
    """The same through the proxy: each connection pauses as long as the rate asks."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        # A pause of whole milliseconds at random about the mean, so that the connections do not march in step.
        pause = clients / rate * 1000
        script.write(f"function delay() return math.floor(math.random() * {2 * pause:.3f} + 0.5) end\n")
        script.flush()
        out = subprocess.run(["wrk", "-t1", f"-c{clients}", f"-d{seconds}", "--latency", "-s", script.name, "-H",
                              f"Authorization: Token {token}", url + (target or path)],
                             capture_output=True, text=True, check=True).stdout
    unit = {"us": 0.001, "ms": 1, "s": 1000}
    parts = [re.search(rf"{percent}% +([\d.]+)(us|ms|s)", out).groups() for percent in (50, 99)]
    return [float(number) * unit[scale] for number, scale in parts]


def medians(measure, rounds=5):
    return [statistics.median(values) for values in zip(*(measure() for _ in range(rounds)))]


rates = {}
for connections in (1, 16, 64):
    rates[connections] = interleaved({
        "direct, pgbench -M prepared": lambda: pgbench(database, call, clients=connections)[1],
        "through the proxy, wrk": lambda: wrk(url + path, token, connections)[0],
    }, rounds=5)
    report(f"requests a second, {connections} connections", rates[connections], "direct, pgbench -M prepared")

process = proxy_process()
before = cpu_seconds(process)
rate, _ = wrk(url + path, token, 64, seconds=10)
print(f"CPU of the proxy a request, 64 connections: {(cpu_seconds(process) - before) / (rate * 10) * 1e6:.1f} us")

half = min(rates[64].values()) / 2
direct_p50, direct_p99 = medians(lambda: at_rate_direct(half))
proxy_p50, proxy_p99 = medians(lambda: at_rate_proxy(half))
print(f"half load, {half:.0f} requests a second of {clients} connections, ms")
print(f"  direct             p50 {direct_p50:.3f}  p99 {direct_p99:.3f}")
print(f"  through the proxy  p50 {proxy_p50:.3f}  p99 {proxy_p99:.3f}")
print(f"  added              p50 {proxy_p50 - direct_p50:.3f}  p99 {proxy_p99 - direct_p99:.3f}")

quarter = half / 2
alone = medians(lambda: at_rate_proxy(quarter))
with ThreadPoolExecutor() as pool:
    slow = pool.submit(wrk, url + slow_path, token, 1, 5 * 6)
    beside = medians(lambda: at_rate_proxy(quarter))
    slow_rate, _ = slow.result()
print(f"one slow caller, {1000 / slow_rate:.0f} ms a request, beside {quarter:.0f} requests a second: "
      f"p99 {alone[1]:.3f} ms alone, {beside[1]:.3f} ms beside it")
print(f"resident memory of the proxy: {resident_mb(process):.1f} MB")
