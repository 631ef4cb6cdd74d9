"""What stands in front of a server: it listens, and serves each client in a thread. The base of proxy.py and tamper.py."""
import re
import socket
import threading


class Line:
    """One client's connection, and the one behind it."""

    def __init__(self, gate, client):
        self.gate, self.client = gate, client
        self.server = socket.create_connection((gate.host, gate.target), 10)
        self.server.settimeout(None)
        for sock in (client, self.server):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lock = threading.Lock()

    def hang_up(self):
        for sock in (self.client, self.server):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Gate:
    """with Gate(server.port) as gate: gate.port is where the client goes. commands: the text of every command seen; connections: how many there were."""

    def __init__(self, target, host="127.0.0.1", listen=0):
        self.target, self.host = target, host
        self.commands, self.connections = [], 0
        self.lock, self.closing = threading.Lock(), False
        self.listener = socket.create_server(("127.0.0.1", listen), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def serve(self, client):
        """In a thread of its own. OSError: the server is down."""
        raise NotImplementedError

    def count(self, match):
        """How many commands began with that (a regular expression)."""
        with self.lock:
            return sum(1 for text in self.commands if re.match(match.encode(), text, re.I))

    def _accept(self):
        while not self.closing:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            self.serve(client)
        except OSError:         # the server is down: the client sees a connection that ends at once
            client.close()

    def close(self):
        self.closing = True
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
