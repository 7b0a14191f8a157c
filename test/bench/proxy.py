"""make bench: what the proxy adds to a call of inventory.rest, in one run.

Direct calls are pgbench -M prepared of the same statement; through the proxy they are wrk's.
What is added at half load is measured with one connection, which has one call in hand at
any time and so keeps about half of two cores busy; the share is printed.
"""

import os
import re
import statistics
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from measure import ROOT, demo_environment, interleaved, pgbench, pgbench_tool, report, rest, wrk

env = demo_environment()
database, token, url = env["DATABASE"], env["TOKEN"], env["URL"]
path = f"/tenants/{env['TENANT']}/inventory/assets"
slow_path = f"/tenants/{env['TENANT']}/inventory/assets?meta_count=only&filter=q%3D%3Da"
call = rest(path, token)


def proxy_process():
    return int((ROOT / "build/demo/proxy.pid").read_text())


def cpu_seconds(process):
    """Its own and the kernel's."""
    times = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return [int(ticks) / os.sysconf("SC_CLK_TCK") for ticks in times[11:13]]


def resident_mb(process):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())[1]) / 1024


def direct_latency(seconds=3):
    """p50 and p99 in ms of direct calls, one after another."""
    with tempfile.TemporaryDirectory() as directory:
        script = Path(directory, "call.sql")
        script.write_text(call)
        subprocess.run([pgbench_tool(), "-n", "-c1", "-T", str(seconds), "-M", "prepared", "-l", "--log-prefix", f"{directory}/log",
                        "-f", script, database], check=True, capture_output=True)
        times = sorted(int(line.split()[2]) / 1000
                       for log in Path(directory).glob("log.*") for line in log.read_text().splitlines())
    return times[len(times) // 2], times[len(times) * 99 // 100]


def proxy_latency(seconds=3, connections=1):
    """The same through the proxy."""
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency", "-H", f"Authorization: Token {token}", url + path],
                         capture_output=True, text=True, check=True).stdout
    unit = {"us": 0.001, "ms": 1, "s": 1000}
    parts = [re.search(rf"{percent}% +([\d.]+)(us|ms|s)", out).groups() for percent in (50, 99)]
    return [float(number) * unit[scale] for number, scale in parts]


def cpu_of_a_request(process, address, seconds=10):
    """Microseconds at 64 connections: its own and the kernel's."""
    before = cpu_seconds(process)
    rate, _ = wrk(address, token, 64, seconds=seconds)
    return [(now - then) / (rate * seconds) * 1e6 for now, then in zip(cpu_seconds(process), before)]


def cpu_of_the_calls_alone(size, *arguments, port=8999):
    """The same of a server that only makes the system calls which an answer of this size needs."""
    with tempfile.TemporaryDirectory() as directory:
        program = Path(directory, "loopback")
        subprocess.run(["c++", "-std=c++20", "-O2", "-o", program, ROOT / "test/bench/loopback.cpp"], check=True)
        with subprocess.Popen([program, str(port), str(size), *arguments]) as server:
            try:
                time.sleep(0.3)
                return cpu_of_a_request(server.pid, f"http://127.0.0.1:{port}/", seconds=3)
            finally:
                server.kill()


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
own, kernel = cpu_of_a_request(process, url + path)
print(f"CPU of the proxy a request, 64 connections: {own:.1f} us its own, {kernel:.1f} us the kernel's")
for title, arguments in (("with the database's socket", []), ("the client's socket only", ["local"])):
    print(f"  the system calls alone, {title}: {sum(cpu_of_the_calls_alone(8700, *arguments)):.1f} us")

share = rates[1]["through the proxy, wrk"] / rates[64]["through the proxy, wrk"]
direct_p50, direct_p99 = medians(direct_latency)
proxy_p50, proxy_p99 = medians(proxy_latency)
print(f"one connection, which is {share * 100:.0f} % of the load of 64, ms")
print(f"  direct             p50 {direct_p50:.3f}  p99 {direct_p99:.3f}")
print(f"  through the proxy  p50 {proxy_p50:.3f}  p99 {proxy_p99:.3f}")
print(f"  added              p50 {proxy_p50 - direct_p50:.3f}  p99 {proxy_p99 - direct_p99:.3f}")

for connections in (1, 8):
    alone = medians(lambda: proxy_latency(connections=connections))
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(wrk, url + slow_path, token, 1, 3 * 5)
        beside = medians(lambda: proxy_latency(connections=connections))
        slow_rate, _ = slow.result()
    print(f"{connections} connections alone: p50 {alone[0]:.3f}  p99 {alone[1]:.3f}; beside one slow caller of "
          f"{1000 / slow_rate:.0f} ms a request: p50 {beside[0]:.3f}  p99 {beside[1]:.3f}")
print(f"resident memory of the proxy: {resident_mb(process):.1f} MB")
