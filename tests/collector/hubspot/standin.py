"""A HubSpot that is not there: what we use of its CRM API, written from its published pages.

CRM API v3: owners, search, batch upsert, properties, associations, errors and rate limits as
developers.hubspot.com describes them. What a request asks for and is not here answers 404, so
that nothing passes by accident.
"""

import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKEN = "pat-eu1-0123456789abcdef"  # noqa: S105 - of nobody
SEARCHED = 10_000
"""Results that a search reaches at most."""


class Wrong(Exception):  # noqa: N818 - an answer, not a mistake
    """A request that HubSpot answers with an error."""

    def __init__(self, status, message, **more):
        super().__init__(message)
        self.status = status
        self.more = more


class StandIn:
    """The portal, and a server in front of it on a free port."""

    def __init__(self):
        self.owners = {}
        self.objects = {"companies": {}, "tickets": {}, "tasks": {}}
        self.associations = set()
        self.properties = {
            "windsock_key": True,
            "windsock_outcome": False,
            "windsock_until": False,
        }
        self.requests = []
        self.failures = []
        """What the next requests get instead: (status, headers), or "cut" after it was done."""
        self.batch_errors = []
        """Categories of what the next batches answer with HTTP 207."""
        self.words = "later"
        """And what is said of it."""
        self.holding = None
        """What is done at addresses with this is not answered until `hold` is set."""
        self.hold = threading.Event()
        self.done = threading.Event()
        self.lock = threading.RLock()
        self._clock_ms = 1_780_000_000_000
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.portal = self
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()

    def owner(self, number, email, first="", last="", archived=False):
        self.owners[str(number)] = {
            "id": str(number), "email": email, "firstName": first, "lastName": last,
            "userId": number + 1000, "archived": archived, "type": "PERSON",
        }  # fmt: skip

    def put(self, kind, number, at_ms=None, **properties):
        """Somebody makes or changes an object."""
        with self.lock:
            self._clock_ms = at_ms if at_ms is not None else self._clock_ms + 1000
            found = self.objects[kind].setdefault(str(number), {"createdate": iso(self._clock_ms)})
            found |= properties
            found["hs_lastmodifieddate"] = iso(self._clock_ms)

    def complete(self, number, outcome="", until=""):
        """A CSM completes a task."""
        self.put("tasks", number, hs_task_status="COMPLETED", windsock_outcome=outcome,
                 windsock_until=until)  # fmt: skip
        task = self.objects["tasks"][str(number)]
        task["hs_task_completion_date"] = task["hs_lastmodifieddate"]

    def tasks(self):
        """Of ours, by key: how many, and what they say."""
        found = list(self.objects["tasks"].values())
        assert max(Counter(task["windsock_key"] for task in found).values(), default=1) == 1
        return {task["windsock_key"]: task for task in found}

    def answer(self, method, address, headers, body):
        """Status, headers and body; raises Wrong."""
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Wrong(401, "Authentication credentials not found or are invalid")
        place = urlsplit(address)
        query = {key: values[0] for key, values in parse_qs(place.query).items()}
        if method == "POST":
            return self._posted(place.path.strip("/").split("/"), body)
        match (method, *place.path.strip("/").split("/")):
            case "GET", "crm", "v3", "owners":
                return self._owners(query)
            case "GET", "crm", "v3", "properties", "tasks", name if name in self.properties:
                return {"name": name, "hasUniqueValue": self.properties[name]}
            case "PUT", "crm", "v3", "objects", "tasks", task, "associations", *to:
                return self._associate(task, *to)
        raise Wrong(404, f"resource not found: {method} {place.path}")

    def _posted(self, path, body):
        match path:
            case "crm", "v3", "objects", kind, "search":
                return self._search(kind, json.loads(body))
            case "crm", "v3", "objects", "tasks", "batch", "upsert":
                return self._upserted(inputs_of(body))
            case "crm", "v3", "associations", "tickets", "companies", "batch", "read":
                return {"status": "COMPLETE", "results": self._companies_of(inputs_of(body))}
        raise Wrong(404, f"resource not found: {path}")

    def _associate(self, task, kind, company, label):
        there = task in self.objects["tasks"] and company in self.objects["companies"]
        if (kind, label) != ("companies", "192") or not there:
            raise Wrong(404, "resource not found")
        self.associations.add(("tasks", task, company))
        return {"status": "COMPLETE", "results": []}

    def _owners(self, query):
        archived = query.get("archived") == "true"
        found = [
            owner for owner in self.owners.values()
            if owner["archived"] == archived and query.get("email") in (None, owner["email"])
        ]  # fmt: skip
        return page(found, int(query.get("after", 0)), min(int(query.get("limit", 100)), 500))

    def _search(self, kind, body):
        limit, after = body.get("limit", 10), int(body.get("after", 0))
        if not 1 <= limit <= 200:
            raise Wrong(400, "limit must be from 1 to 200")
        if after + limit > SEARCHED:
            raise Wrong(400, "a search reaches 10,000 results")
        found = [
            {"id": number, "properties": properties}
            for number, properties in self.objects[kind].items()
            if any(all(holds(one, properties) for one in group["filters"])
                   for group in body.get("filterGroups", [{"filters": []}]))
        ]  # fmt: skip
        for order in body.get("sorts", []):
            found.sort(key=lambda one: one["properties"].get(order["propertyName"]) or "",
                       reverse=order["direction"] == "DESCENDING")  # fmt: skip
        wanted = body.get("properties", [])
        shown = [
            one | {"properties": {name: one["properties"].get(name) for name in wanted}}
            for one in found
        ]
        return {"total": len(shown)} | page(shown, after, limit)

    def _upserted(self, given):
        if not self.batch_errors:
            return {"status": "COMPLETE", "results": list(map(self._upsert, given))}
        error = problem(400, self.words) | {"category": self.batch_errors.pop(0)}
        return {"status": "COMPLETE", "results": [], "numErrors": 1, "errors": [error]}

    def _upsert(self, given):
        if not self.properties.get(given["idProperty"]):
            raise Wrong(400, f"{given['idProperty']} is not a unique property")
        key, said = given["id"], given["properties"]
        unknown = [n for n in said if n.startswith("windsock") and n not in self.properties]
        if unknown:
            raise Wrong(400, f"Property values were not valid: {unknown[0]} does not exist")
        tasks = self.objects["tasks"]
        number = next((n for n, task in tasks.items() if task[given["idProperty"]] == key), None)
        new = number is None
        if new and "hs_timestamp" not in said:
            raise Wrong(400, "hs_timestamp is required")
        number = number or str(9000 + len(tasks))
        self.put("tasks", number, **said)
        if said.get("hs_task_status") == "COMPLETED":
            tasks[number].setdefault("hs_task_completion_date", iso(self._clock_ms))
        return {"id": number, "new": new, "properties": tasks[number]}

    def _companies_of(self, given):
        return [
            {"from": {"id": one["id"]}, "to": [
                {"id": company, "type": "ticket_to_company"}
                for kind, ticket, company in sorted(self.associations)
                if (kind, ticket) == ("tickets", one["id"])
            ]}
            for one in given
        ]  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """One connection to the stand-in."""

    protocol_version = "HTTP/1.1"

    def handle_one(self):
        portal = self.server.portal
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        failure = portal.failures.pop(0) if portal.failures else None
        portal.requests.append((self.command, self.path, body))
        if failure and failure != "cut":
            self._reply(failure[0], problem(failure[0], portal.words), failure[1])
            return
        try:
            with portal.lock:
                said = portal.answer(self.command, self.path, self.headers, body)
            status = 207 if "numErrors" in said else 200
        except Wrong as error:
            status, said = error.status, problem(error.status, str(error))
        if portal.holding and portal.holding in self.path:
            portal.done.set()
            portal.hold.wait(60)
        if failure == "cut":
            self.close_connection = True
        else:
            self._reply(status, said, {})

    do_GET = do_POST = do_PUT = handle_one  # noqa: N815 - names of http.server

    def _reply(self, status, said, headers):
        data = json.dumps(said).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json;charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Says nothing."""


def inputs_of(body):
    found = json.loads(body)["inputs"]
    if len(found) > 100:
        raise Wrong(400, "at most 100 inputs")
    return found


def page(found, after, limit):
    shown = {"results": found[after : after + limit]}
    if after + limit < len(found):
        shown["paging"] = {"next": {"after": str(after + limit), "link": "?"}}
    return shown


def holds(one, properties):
    value = properties.get(one["propertyName"])
    if one["operator"] == "HAS_PROPERTY":
        return value not in (None, "")
    if one["operator"] == "EQ":
        return value == one["value"]
    if one["operator"] == "GTE":
        return value is not None and value >= iso(int(one["value"]))
    raise Wrong(400, f"unknown operator {one['operator']}")


def problem(status, message):
    if status == 429:
        message = "You have reached your secondly limit."
        return {"status": "error", "message": message, "errorType": "RATE_LIMIT",
                "policyName": "SECONDLY", "correlationId": "c0"}  # fmt: skip
    return {"status": "error", "message": message, "correlationId": "c0", "category": "ERROR"}


def iso(ms):
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(ms // 1000))}.{ms % 1000:03}Z"
