"""ClickHouse's engine (chDB) behind a played HTTP front: PORT FOLDER. What is answered is the engine's own."""

import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from chdb import session

engine = session.Session(sys.argv[2])
one_at_a_time = threading.Lock()


class Front(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(200, b"Ok.\n")

    def do_POST(self):
        parameters = dict(parse_qsl(urlsplit(self.path).query))
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        parameters.pop("database", None)
        query = parameters.pop("query", None)
        sql = body
        if query is not None:
            settings = ", ".join(f"{name} = '{value}'" for name, value in parameters.items())
            sql = f"{query.replace(' FORMAT ', f' SETTINGS {settings} FORMAT ')}\n{body}"
        form = re.search(r" FORMAT (\w+)$", body) if query is None else None
        try:
            with one_at_a_time:
                result = engine.query(sql, form.group(1) if form else "TabSeparated").bytes() or b""
            self.answer(200, result)
        except Exception as error:
            self.answer(400, str(error).encode())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Front).serve_forever()
