"""Goes once through everything that a client does, with stomp.py; prints what it saw as JSON."""

import json
import sys
import threading

import stomp

PATIENCE_S = 60


class Listener(stomp.ConnectionListener):
    def __init__(self, connection, version):
        self.connection = connection
        self.version = version
        self.bodies = []
        self.receipts = []
        self.errors = []
        self.heartbeats = 0
        self.changed = threading.Condition()

    def _note(self, change):
        with self.changed:
            change()
            self.changed.notify_all()

    def until(self, condition, what):
        with self.changed:
            if not self.changed.wait_for(condition, PATIENCE_S):
                raise SystemExit(f"no {what} came: {self.bodies} {self.receipts} {self.errors}")

    def on_message(self, frame):
        headers = frame.headers
        again = headers.get("redelivered", "false")
        if headers.get("subscription") == "work":
            settle = self.connection.ack
            if again == "false" and self.version != "1.0":
                settle = self.connection.nack
            if self.version == "1.2":
                settle(headers["ack"])
            elif self.version == "1.1":
                settle(headers["message-id"], "work")
            else:
                settle(headers["message-id"])
        self._note(lambda: self.bodies.append(f"{frame.body} {again}"))

    def on_receipt(self, frame):
        self._note(lambda: self.receipts.append(frame.headers["receipt-id"]))

    def on_error(self, frame):
        self._note(lambda: self.errors.append(frame.headers.get("message")))

    def on_heartbeat(self):
        def count():
            self.heartbeats += 1

        self._note(count)


def main(port, version):
    kind = {"1.0": stomp.Connection10, "1.1": stomp.Connection11, "1.2": stomp.Connection12}[version]
    # The library takes a broker for dead that it has not heard for 15 times as long, also when it stood still itself.
    beats = {} if version == "1.0" else {"heartbeats": (2100, 300), "heart_beat_receive_scale": 15}
    connection = kind([("127.0.0.1", port)], **beats)
    listener = Listener(connection, version)
    connection.set_listener("", listener)
    connection.connect("ann", "", wait=True)
    connection.subscribe("/topic/a", id="all", ack="auto", headers={"receipt": "sub"})
    connection.subscribe("/queue/work", id="work", ack="client", headers={"receipt": "work"})
    listener.until(lambda: len(listener.receipts) == 2, "receipts of SUBSCRIBE")
    connection.send("/topic/a", "grüße", content_type="text/plain")
    connection.send("/queue/work", "work", receipt="sent")
    transaction = connection.begin()
    connection.send("/topic/a", "committed", transaction=transaction)
    connection.commit(transaction)
    wanted = 3 if version == "1.0" else 4
    listener.until(lambda: len(listener.bodies) == wanted and "sent" in listener.receipts, "messages")
    if version != "1.0":
        # At 100 to 200 ms each, longer than the 5.2 s after which the broker would take a silent client for dead.
        listener.until(lambda: listener.heartbeats >= 55, "heart-beats")
    connection.unsubscribe(id="all")
    connection.disconnect(receipt="bye")
    listener.until(lambda: "bye" in listener.receipts, "receipt of DISCONNECT")
    print(json.dumps({"bodies": sorted(listener.bodies), "receipts": listener.receipts, "errors": listener.errors}))


main(int(sys.argv[1]), sys.argv[2])
