"""COMPRESS=DEFLATE (RFC 4978) in front of a server or a proxy that does not have it: what is behind it sees plain text.

with Squeeze(proxy.port) as squeeze: squeeze.port is where the client goes; squeeze.on: how many connections were compressed; packed, plain: bytes that
came and went by them, both ways. breaks: what comes of it instead: "no" (answered so); "close", "plain" (the OK, and then
that); a number (the connection is lost behind so many compressed bytes to the client).
"""
import re
import socket
import threading
import zlib

import gate

CAPABILITY = re.compile(rb"^(\S+ OK \[CAPABILITY [^\]]*)\]", re.M)      # that of the sign-in, not the greeting's
COMPRESS = re.compile(rb"^(\S+) COMPRESS DEFLATE\r\n$", re.I)


class Line(gate.Line):
    def __init__(self, squeeze, client):
        super().__init__(squeeze, client)
        self.packer, self.left = None, None

    def up(self):
        lines, unpacker = b"", None
        while data := self.client.recv(65536):
            if unpacker:
                plain = unpacker.decompress(data)
                self.count(data, plain)
                self.server.sendall(plain)
                continue
            lines += data
            while not unpacker and b"\n" in lines:
                line, lines = re.match(rb"(?s)(.*?\n)(.*)", lines).groups()
                asked = COMPRESS.match(line)
                if not asked:
                    self.server.sendall(line)
                elif self.asked(asked.group(1)):
                    unpacker = zlib.decompressobj(-15)

    def asked(self, tag):
        breaks = self.gate.breaks
        if breaks == "no":
            self.client.sendall(tag + b" NO not here\r\n")
            return False
        with self.lock:
            self.client.sendall(tag + b" OK packed from here\r\n")
            if breaks == "close":
                self.hang_up()
            if breaks != "plain":
                self.packer, self.left = zlib.compressobj(6, zlib.DEFLATED, -15), breaks if isinstance(breaks, int) else None
        with self.gate.lock:
            self.gate.on += 1
        return True

    def count(self, packed, plain):
        with self.gate.lock:
            self.gate.packed += len(packed)
            self.gate.plain += len(plain)

    def down(self):
        lines = b""
        while data := self.server.recv(65536):
            with self.lock:
                if not self.packer:
                    whole, lines = re.match(rb"(?s)(.*\n)?(.*)", lines + data).groups(b"")
                    self.client.sendall(CAPABILITY.sub(rb"\1 COMPRESS=DEFLATE]", whole))
                    continue
                packed = self.packer.compress(data) + self.packer.flush(zlib.Z_SYNC_FLUSH)
                self.count(packed, data)
                if self.left is not None:
                    packed, self.left = packed[:self.left], self.left - len(packed)
                self.client.sendall(packed)
                if self.left is not None and self.left < 0:
                    return

    def run(self, way):
        try:
            way()
        except (OSError, zlib.error):
            pass
        self.hang_up()


class Squeeze(gate.Gate):
    def __init__(self, target, breaks=None, host="127.0.0.1"):
        self.breaks, self.on, self.packed, self.plain = breaks, 0, 0, 0
        super().__init__(target, host)

    def serve(self, client):
        line = Line(self, client)
        for way in (line.up, line.down):
            threading.Thread(target=line.run, args=(way,), daemon=True).start()
