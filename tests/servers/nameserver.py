"""A name server that knows MX records only, on a port of this machine; UDP, as the resolver asks first."""
import socket
import struct
import threading


def labels(name):
    return b"".join(bytes([len(label)]) + label for label in (part.encode() for part in name.split(".")) if label) + b"\0"


class NameServer:
    """zone: domain -> list of (preference, host); None: there is no such domain; "silent" and "broken" are what they say."""

    def __init__(self, zone):
        self.zone, self.asked = zone, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def close(self):
        # a datagram to itself wakes the thread
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", ("127.0.0.1", self.port))
        self.thread.join(5)
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def serve(self):
        while True:
            query, peer = self.socket.recvfrom(4096)
            if not query:
                return
            answer = self.answer(query)
            if answer:
                self.socket.sendto(answer, peer)

    def answer(self, query):
        at, parts = 12, []
        while query[at]:
            parts.append(query[at + 1:at + 1 + query[at]].decode("ascii", "replace"))
            at += 1 + query[at]
        question, domain = query[12:at + 5], ".".join(parts).lower()
        self.asked.append(domain)
        records = self.zone.get(domain)
        if records == "silent":
            return None
        code = 3 if records is None else 0
        body = b""
        if records == "broken":
            records, body = [(1, "")], b"\xc0\xff\x00"
        else:
            records = records or []
            for preference, host in records:
                data = struct.pack(">H", preference) + (labels(host) if isinstance(host, str) else host)
                body += struct.pack(">HHHIH", 0xc00c, 15, 1, 60, len(data)) + data
        return query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(records), 0, 0) + question + body
