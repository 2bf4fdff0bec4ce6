"""CPU per Intercom call of Leadline's client, of bare aiohttp and, where given, of the official SDK.

    python benchmarks/intercom_client/run.py [--sdk-python PATH] [--count 2000] [--rounds 5]

Prints the median of the rounds and their range in microseconds per call; the rounds of all clients take turns.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--sdk-python", default="")
    options.add_argument("--count", type=int, default=2000)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    clients = {"aiohttp": sys.executable, "leadline": sys.executable}
    if chosen.sdk_python:
        clients["sdk"] = chosen.sdk_python
    with subprocess.Popen(
        [sys.executable, str(HERE / "server.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        port = server.stdout.readline().strip()
        try:
            for flight in (1, 20):
                _compare(clients, port, chosen.count, flight, chosen.rounds)
        finally:
            server.terminate()


def _compare(clients: dict[str, str], port: str, count: int, flight: int, rounds: int) -> None:
    times: dict[str, list[dict[str, int]]] = {name: [] for name in clients}
    for _ in range(rounds):
        for name, python in clients.items():
            command = [python, str(HERE / "calls.py"), name, port, str(count), str(flight)]
            times[name].append(json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout))
    for name, runs in times.items():
        cpu, wall = ([run[kind] for run in runs] for kind in ("cpu", "wall"))
        print(
            f"{flight:>2} in flight  {name:<9} CPU {statistics.median(cpu):>5.0f} us ({min(cpu)}-{max(cpu)})"
            f"  wall {statistics.median(wall):>5.0f} us ({min(wall)}-{max(wall)})"
        )


if __name__ == "__main__":
    main()
