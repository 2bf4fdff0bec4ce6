"""A made-up SMS gateway, as the example of docs/channels/http.md describes it. Run as a program by its test.

`python acme_gateway.py <key> <token>` prints its port. A line `in <webhook> <number> <text>` is an incoming
message; what it is given to send it prints, and reports as undeliverable where the text says so.
"""

from __future__ import annotations

import json
import sys
import threading
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY, TOKEN = sys.argv[1], sys.argv[2]


def post(url: str, fields: dict[str, str]) -> None:
    body = urllib.parse.urlencode(fields | {"secret": TOKEN}).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body)) as answer:  # noqa: S310
        print(f"answered {answer.status} {answer.read().decode()}", flush=True)


def report(number: str, url: str, text: str) -> None:
    state, why = ("UNDELIV", "Absent subscriber") if "nowhere" in text else ("DELIVRD", "")
    post(url, {"id": number, "dlr": state, "reason": why})


class Gateway(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["content-length"])))
        known = self.path == "/v2/sms" and self.headers["authorization"] == f"Bearer {KEY}"
        number = f"A{abs(hash(message['callback']))}"
        answer = {"status": "queued", "id": number} if known else {"status": "denied"}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())
        print(f"sent {message['to']} {message['message']}", flush=True)
        threading.Timer(0.3, report, (number, message["callback"], message["message"])).start()

    def log_message(self, *_: object) -> None:
        """Say nothing of requests."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
for count, line in enumerate(sys.stdin, 1):
    _, webhook, sender, words = line.rstrip("\n").split(" ", 3)
    post(webhook, {"id": f"M{count}", "msisdn": sender, "text": words})
