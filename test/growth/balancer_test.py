#!/usr/bin/env python3
"""Two proxies behind HAProxy: any of them may go, for they hold no state."""
import concurrent.futures
import sys
import time

from stand import ASSETS, Proxy, eventually, expect, free_port, main, request

HERE = {}


def start_balancer(stand, proxies):
    port = free_port()
    path = f"{stand.directory}/haproxy.cfg"
    servers = "".join(f"    server proxy{n} 127.0.0.1:{proxy.port} check port {proxy.admin} inter 100ms fall 1 rise 1\n"
                      for n, proxy in enumerate(proxies))
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"""defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
    # A proxy that closed an idle connection did not read the request.
    retries 3
    option redispatch
    retry-on conn-failure empty-response
listen inventory
    bind 127.0.0.1:{port}
    balance roundrobin
    option httpchk GET /readyz
{servers}""")
    stand.run(["haproxy", "-db", "-f", path], "haproxy")
    eventually(lambda: is_served(stand, port), "HAProxy serves")
    return port


def is_served(stand, port):
    try:
        return stand.get(port).status == 200
    except OSError:
        return False


def requests_of(proxy):
    return proxy.metric("inventory_proxy_requests_total")


def test_both_proxies_serve(stand):
    options = ("--drain-delay", "1s")
    HERE["proxies"] = [stand.proxy(None, *options), stand.proxy(None, *options)]
    HERE["port"] = start_balancer(stand, HERE["proxies"])
    trouble = stand.mixed_requests(HERE["port"], 200)
    expect(not trouble, f"{len(trouble)} failed, the first: {trouble[:1]}")
    for proxy in HERE["proxies"]:
        expect(requests_of(proxy) > 50, f"each has its share: {requests_of(proxy)}")


def test_what_one_proxy_began_the_other_goes_on_with(stand):
    first, second = HERE["proxies"]
    page = stand.get(first.port, f"{ASSETS}?limit=10").json
    following = stand.get(second.port, page["links"]["next"]).json
    back = stand.get(first.port, following["links"]["prev"]).json
    expect(back["data"] == page["data"], "cursors are anybody's")
    etag = stand.get(first.port).headers["etag"]
    expect(stand.get(second.port).headers["etag"] == etag, "so are entity tags")
    made = request(first.port, "POST", f"{ASSETS}/searches", token=stand.token)
    expect(stand.get(second.port, made.headers["location"]).status == 200, "so are searches")


def test_a_rolling_restart_fails_no_request(stand):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        load = pool.submit(stand.mixed_requests, HERE["port"], 6000, 4)
        for proxy in HERE["proxies"]:
            time.sleep(0.3)
            port, admin = proxy.port, proxy.admin
            proxy.stop()
            expect(not load.done(), "the load outlived the restart")
            restart(stand, port, admin)
        trouble = load.result()
    expect(not trouble, f"{len(trouble)} failed, the first: {trouble[:1]}")


def restart(stand, port, admin):
    """A proxy at the same place, so that HAProxy need not be told."""
    proxy = Proxy(stand.directory, stand.primary.conninfo, "--drain-delay", "1s", at=(port, admin))
    stand.processes.append(proxy)
    time.sleep(0.3)  # three checks of HAProxy's


if __name__ == "__main__":
    sys.exit(main(globals()))
