"""A token server for Dovecot's oauth2 passdb: it tells whose an access token is (introspection, RFC 7662, by GET).

with Tokens({"let-me-in": "mario"}) as tokens: ... Dovecot(tokens=tokens.port); tokens.seen holds what was asked for, tokens.known may be
changed at any time.
"""
import http.server
import json
import threading
import urllib.parse


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        token = urllib.parse.unquote(self.path.partition("token=")[2].partition("&")[0])
        self.server.tokens.seen.append(token)
        user = self.server.tokens.known.get(token)
        body = json.dumps({"active": True, "user": user} if user else {"active": False}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Tokens:
    def __init__(self, known):
        self.known, self.seen = dict(known), []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.server.daemon_threads = True
        self.server.tokens = self
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
