# SPDX-License-Identifier: Apache-2.0
"""The relay in containers, under a project name and ports of its own."""

import json
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SERVICES = [
    "deploy", "deploy-fallback", "captain", "pipeline", "pipeline-fallback",
    "monitor", "monitor-fallback", "governance", "governance-fallback",
]
PORTS = {
    "RELAY_KAFKA_PORT": "19094",
    "RELAY_KAFKA_PORT_2": "19095",
    "RELAY_KAFKA_PORT_3": "19096",
    "RELAY_CAPTAIN_PORTS": "18080-18089",
    "RELAY_ROUTER_PORTS": "18090-18099",
    "RELAY_GATEWAY_SCREEN_PORT": "18000",
    "RELAY_GATEWAY_ROUTER_PORT": "18001",
}
SCREEN_PORT, ROUTER_PORT = 18000, 18001
KAFKA = ["embedded", "apache", "cluster"]
# What people are told to name together, after compose.yaml.
OVERLAYS = [
    (), ("embedded",), ("gateway",), ("cluster",), ("observability",), ("gateway", "secure"),
    ("gateway", "cluster", "secure", "secure-cluster"), ("embedded", "gateway", "observability"),
    ("gateway", "cluster", "secure", "secure-cluster", "observability"),
    ("embedded", "gateway", "binaries", "embedded-binaries"), ("gateway", "secure", "binaries", "secure-binaries"),
]


class Failed(Exception):
    """A command ended with another code than 0; the text is the end of what it wrote."""


class Stack:
    """Docker compose with one set of files; `binaries` are executables to run in the place of images.

    `tls` is what trusts the gateway's certificate; None where it has none.
    """

    def __init__(self, binaries=None, kafka="embedded", secure=False):
        self.binaries, self.tls = binaries, None
        self.scratch = tempfile.TemporaryDirectory(prefix="relay-compose-")
        self.environment = dict(os.environ, **PORTS, COMPOSE_PROJECT_NAME="relay-compose-test")
        if secure:
            self._prepare()
        if binaries:
            self.environment["BINARIES"] = self._frozen(binaries)
            self.environment.setdefault("SWIFT_LIBRARIES", self._swift_libraries())
        self.files = self._files(self._overlays(binaries, kafka, secure))

    @staticmethod
    def _overlays(binaries, kafka, secure):
        names = {
            "gateway": True, "embedded": kafka == "embedded", "cluster": kafka == "cluster", "secure": secure,
            "secure-cluster": secure and kafka == "cluster", "binaries": binaries,
            "secure-binaries": binaries and secure, "embedded-binaries": binaries and kafka == "embedded",
        }
        return [name for name, wanted in names.items() if wanted]

    def _prepare(self):
        """An authority, certificates and passwords of its own."""
        secrets = f"{self.scratch.name}/secrets"
        self.call("compose/secure/prepare.sh", secrets)
        self.environment["RELAY_SECRETS_DIRECTORY"] = secrets
        self.tls = ssl.create_default_context(cafile=f"{secrets}/ca.pem")

    @staticmethod
    def _files(overlays):
        names = ["compose", *overlays]
        return [part for name in names for part in ("-f", str(REPOSITORY / "compose" / f"{name}.yaml"))]

    def check(self, overlays):
        """That the files go together; nothing is started."""
        self.call("docker", "compose", *self._files(overlays), "config", "--quiet")

    def _frozen(self, binaries):
        """A copy: a build meanwhile must not change what runs."""
        names = ["relay", "relay-lane"] + [f"relay-{name}" for name in SERVICES if "-" not in name]
        for name in names:
            subprocess.run(["cp", "--dereference", f"{binaries}/{name}", self.scratch.name], check=True)
        os.chmod(self.scratch.name, 0o755)
        return self.scratch.name

    @staticmethod
    def _swift_libraries():
        """Those of the toolchain that is used here; without one, where a distribution has them."""
        swift = shutil.which("swift") or "/usr/bin/swift"
        return str(pathlib.Path(swift).resolve().parent.parent / "lib/swift/linux")

    def compose(self, *arguments):
        return self.call("docker", "compose", *self.files, *arguments)

    def call(self, *command, timeout=3600):
        done = subprocess.run(
            command, cwd=REPOSITORY, env=self.environment, timeout=timeout,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise Failed(f"{' '.join(command[:2])} … {' '.join(command[-3:])}: {done.stdout[-2000:]}")
        return done.stdout

    def start_in_background(self, *arguments):
        return subprocess.Popen(
            ["docker", "compose", *self.files, *arguments], cwd=REPOSITORY, env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def build(self):
        self.compose("build", "topics", "pipeline")

    def image_sizes(self):
        names = ["system", "interpreters"] if self.binaries else ["services", "pipeline"]
        return {
            name: int(self.call("docker", "image", "inspect", "-f", "{{.Size}}", f"production-relay/{name}:dev"))
            for name in names
        }

    def containers(self, service):
        return self.compose("ps", "--quiet", service).split()

    def started_again(self):
        """The containers that the engine had to start more than once."""
        ids = self.compose("ps", "--quiet").split()
        counts = self.call("docker", "inspect", "-f", "{{.Name}} {{.RestartCount}}", *ids).split()
        return [name.lstrip("/") for name, count in zip(counts[::2], counts[1::2]) if count != "0"]

    def wait_until_healthy(self, container, seconds=120):
        deadline = time.monotonic() + seconds
        while self.call("docker", "inspect", "-f", "{{.State.Health.Status}}", container).strip() != "healthy":
            if time.monotonic() > deadline:
                raise Failed(f"{container} was not healthy within {seconds} s: "
                             + self.call("docker", "logs", "--tail", "5", container))
            time.sleep(0.1)

    def crash(self, container):
        """SIGKILL to the process itself: the engine starts its container again, as after any crash."""
        script = 'for p in /proc/[0-9]*; do case "$(cat $p/comm)" in relay-*) kill -9 "${p#/proc/}";; esac; done'
        self.call("docker", "exec", container, "sh", "-c", script)

    def down(self):
        self.compose("--profile", "cli", "down", "--volumes", "--timeout", "15")
        self.scratch.cleanup()


def engine_problem():
    """Why nothing can be tried here; None when it can."""
    try:
        done = subprocess.run(["docker", "compose", "version", "--short"], capture_output=True, text=True, timeout=30)
        alive = subprocess.run(["docker", "info", "-f", "{{json .ServerVersion}}"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"docker cannot be run: {error}"
    if done.returncode != 0:
        return "there is no docker compose"
    if alive.returncode != 0 or not json.loads(alive.stdout or '""'):
        return "no container engine answers"
    major, minor = (int(part) for part in re.findall(r"\d+", done.stdout)[:2])
    return None if (major, minor) >= (2, 24) else f"docker compose {done.stdout.strip()} is older than 2.24"
