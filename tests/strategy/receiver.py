"""A program that is told of steps, as a process: ``python -m tests.strategy.receiver FOLDER [ANSWER …]``.

Speaks https with the certificate in the folder, writes its port there, and each request as a line of ``taken``.
Answers in turn what it is told to, the last one for ever: a status, ``hang``, ``drip``, or ``elsewhere`` for a
redirect to itself.
"""

import json
import ssl
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

folder, answers = Path(sys.argv[1]), sys.argv[2:] or ["200"]


class Receiver(BaseHTTPRequestHandler):
    count = 0

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        heard = {
            "path": self.path,
            "headers": {name.lower(): text for name, text in self.headers.items()},
            "body": body,
        }
        with (folder / "taken").open("a") as taken:
            taken.write(json.dumps(heard) + "\n")
        answer = answers[min(Receiver.count, len(answers) - 1)]
        Receiver.count += 1
        getattr(self, answer, lambda: self.say(int(answer)))()

    def say(self, status, **headers):
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"SECRET")

    def elsewhere(self):
        self.say(307, Location="/elsewhere")

    def hang(self):
        time.sleep(60)

    def slow(self):
        time.sleep(0.02)
        self.say(200)

    def drip(self):
        while True:
            self.wfile.write(b"H")
            self.wfile.flush()
            time.sleep(0.2)

    def log_message(self, *words):
        """Nobody reads it."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
server.daemon_threads = True
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
(folder / "port").write_text(str(server.server_address[1]))
server.serve_forever()
