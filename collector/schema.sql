-- The ledger, version 1. Times are microseconds UTC. JSON columns hold the wire's own structures.
-- Never changed: later versions add to it (schema_2.sql and on, collector/ledger.py).

-- What arrived -------------------------------------------------------------------------------

CREATE TABLE batches (              -- every batch ever stored: the memory that makes "twice" once
    agent TEXT NOT NULL, epoch INTEGER NOT NULL, lane INTEGER NOT NULL, seq INTEGER NOT NULL,
    digest BLOB NOT NULL,           -- the same key with other bytes is stored beside it
    kind TEXT NOT NULL,
    received_us INTEGER NOT NULL,
    telemetry_done INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (agent, epoch, lane, seq, digest)
) WITHOUT ROWID;

CREATE TABLE marks (                -- highest sequence number seen
    agent TEXT NOT NULL, epoch INTEGER NOT NULL, lane INTEGER NOT NULL, high_seq INTEGER NOT NULL,
    PRIMARY KEY (agent, epoch, lane)
) WITHOUT ROWID;

CREATE TABLE gaps (                 -- missing below the mark; reason set: closed by a tombstone
    agent TEXT NOT NULL, epoch INTEGER NOT NULL, lane INTEGER NOT NULL,
    first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, reason TEXT,
    PRIMARY KEY (agent, epoch, lane, first_seq)
) WITHOUT ROWID;

CREATE TABLE quarantine (           -- bytes that nobody could decode, whole
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    topic TEXT NOT NULL, received_us INTEGER NOT NULL, reason TEXT NOT NULL, payload BLOB NOT NULL
);

CREATE TABLE dead_letters (         -- lines that InfluxDB refused for good
    id INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL, error TEXT NOT NULL, line TEXT NOT NULL
);

-- What was measured --------------------------------------------------------------------------

CREATE TABLE logs (
    log_id TEXT PRIMARY KEY,
    drone_uid TEXT, name TEXT, format TEXT, error TEXT,
    facts_version INTEGER, size_bytes INTEGER, bytes_seen INTEGER, damaged_bytes INTEGER,
    partial INTEGER, simulated INTEGER,
    firmware TEXT, counters TEXT, parameters_hash TEXT, parameters_changed TEXT, serial TEXT,
    agent TEXT NOT NULL, received_us INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX logs_by_drone ON logs (drone_uid, received_us);

CREATE TABLE flights (
    id INTEGER PRIMARY KEY,
    drone_uid TEXT NOT NULL, log_id TEXT NOT NULL, armed_boot_us INTEGER NOT NULL,
    flight INTEGER NOT NULL, end_boot_us INTEGER NOT NULL, disarmed_boot_us INTEGER,
    start_us INTEGER, start_quality TEXT NOT NULL,
    start_earliest_us INTEGER, start_latest_us INTEGER,
    lat_deg REAL, lon_deg REAL, simulated INTEGER NOT NULL,
    facts_version INTEGER NOT NULL, airborne_s REAL,
    retracted INTEGER NOT NULL DEFAULT 0,           -- a better measurement of its log has none such
    merged_into INTEGER REFERENCES flights (id),    -- another file of the same flight
    agent TEXT NOT NULL, received_us INTEGER NOT NULL,
    facts BLOB NOT NULL,            -- float32 little-endian, one value for each fact of the version
    events TEXT NOT NULL,
    UNIQUE (drone_uid, log_id, armed_boot_us)
);
CREATE INDEX flights_by_drone ON flights (drone_uid, start_us);
CREATE INDEX flights_by_log ON flights (log_id);
CREATE INDEX flights_merged ON flights (merged_into) WHERE merged_into IS NOT NULL;
CREATE VIEW live_flights AS
    SELECT * FROM flights WHERE retracted = 0 AND merged_into IS NULL;

CREATE TABLE windows (              -- kept 30 days, for good where an incident stands
    drone_uid TEXT NOT NULL, log_id TEXT NOT NULL, armed_boot_us INTEGER NOT NULL,
    event_boot_us INTEGER NOT NULL, message BLOB NOT NULL, received_us INTEGER NOT NULL,
    PRIMARY KEY (drone_uid, log_id, armed_boot_us)
);

CREATE TABLE sightings (
    drone_uid TEXT NOT NULL, seen_us INTEGER NOT NULL, source TEXT NOT NULL,
    quality TEXT NOT NULL, firmware TEXT, flight_time_s REAL, flight_uuid INTEGER,
    boot_count INTEGER, armed INTEGER, serial TEXT,
    agent TEXT NOT NULL, received_us INTEGER NOT NULL,
    PRIMARY KEY (drone_uid, seen_us, source)
) WITHOUT ROWID;

CREATE TABLE stations (
    agent TEXT PRIMARY KEY,
    kind TEXT NOT NULL DEFAULT 'fixed', online INTEGER NOT NULL DEFAULT 1,
    first_seen_us INTEGER NOT NULL, last_seen_us INTEGER NOT NULL,
    boot_id TEXT, agent_version TEXT, report TEXT
) WITHOUT ROWID;

CREATE TABLE presence (             -- hours (since 1970) in which a station was up
    agent TEXT NOT NULL, hour INTEGER NOT NULL,
    PRIMARY KEY (agent, hour)
) WITHOUT ROWID;

CREATE TABLE damage (
    id INTEGER PRIMARY KEY,
    agent TEXT NOT NULL, received_us INTEGER NOT NULL,
    what TEXT NOT NULL, detail TEXT NOT NULL, lost_batches INTEGER
);

-- Who is who: facts from outside, with dates -------------------------------------------------

CREATE TABLE drones (
    serial TEXT PRIMARY KEY,
    product TEXT, hardware TEXT, delivered_us INTEGER
) WITHOUT ROWID;

CREATE TABLE accounts (             -- customers and distributors
    account TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('customer', 'distributor')),
    name TEXT NOT NULL, email TEXT, stage TEXT, region TEXT
) WITHOUT ROWID;

CREATE TABLE people (               -- CSMs, sales owners, support
    email TEXT PRIMARY KEY, name TEXT, role TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE links (                -- half-open [from_us, until_us), until NULL: still
    kind TEXT NOT NULL CHECK (kind IN (
        'uid_drone', 'drone_customer', 'drone_service', 'customer_distributor',
        'account_csm', 'account_sales', 'station_account')),
    subject TEXT NOT NULL, object TEXT NOT NULL,
    from_us INTEGER NOT NULL, until_us INTEGER,
    PRIMARY KEY (kind, subject, from_us)
) WITHOUT ROWID;
CREATE INDEX links_back ON links (kind, object);

CREATE TABLE tickets (
    ticket TEXT PRIMARY KEY,
    drone TEXT, account TEXT, critical INTEGER NOT NULL, incident_us INTEGER, opened_us INTEGER,
    state TEXT NOT NULL, merged_into TEXT, detail TEXT
) WITHOUT ROWID;

CREATE TABLE surveys (
    survey TEXT PRIMARY KEY,
    account TEXT NOT NULL, kind TEXT NOT NULL, score REAL NOT NULL, scale REAL NOT NULL,
    answered_us INTEGER NOT NULL
) WITHOUT ROWID;

-- What was judged ----------------------------------------------------------------------------

CREATE TABLE unjudged (             -- flights whose measurement or standing changed: to be judged
    flight_id INTEGER PRIMARY KEY REFERENCES flights (id)
);
CREATE TRIGGER flight_arrived AFTER INSERT ON flights BEGIN
    INSERT INTO unjudged SELECT NEW.id
        WHERE NOT EXISTS (SELECT 1 FROM unjudged WHERE flight_id = NEW.id);
END;
CREATE TRIGGER flight_changed AFTER UPDATE ON flights
    WHEN OLD.facts IS NOT NEW.facts OR OLD.start_us IS NOT NEW.start_us
        OR OLD.simulated IS NOT NEW.simulated OR OLD.retracted IS NOT NEW.retracted
        OR OLD.merged_into IS NOT NEW.merged_into
BEGIN
    INSERT INTO unjudged SELECT NEW.id
        WHERE NOT EXISTS (SELECT 1 FROM unjudged WHERE flight_id = NEW.id);
END;

CREATE TABLE verdicts (             -- append-only; the newest row of a flight counts
    id INTEGER PRIMARY KEY,
    flight_id INTEGER NOT NULL REFERENCES flights (id),
    rules_version TEXT NOT NULL,
    verdict TEXT NOT NULL, kind TEXT NOT NULL, severity INTEGER NOT NULL,
    event_boot_s REAL, event_us INTEGER, evidence TEXT NOT NULL, judged_us INTEGER NOT NULL
);
CREATE INDEX verdicts_by_flight ON verdicts (flight_id, id);

CREATE TABLE incidents (            -- a detection, a ticket, or both of one event
    id INTEGER PRIMARY KEY,
    drone TEXT, drone_uid TEXT, event_us INTEGER,
    flight_id INTEGER UNIQUE REFERENCES flights (id), ticket TEXT UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('possible', 'confirmed', 'withdrawn')),
    withdrawn_by INTEGER REFERENCES flights (id),   -- the normal flight after it, if that did
    case_id INTEGER REFERENCES cases (id),          -- the case that tells of it
    opened_us INTEGER NOT NULL
);
CREATE INDEX incidents_by_drone ON incidents (drone_uid, event_us);
CREATE INDEX incidents_by_case ON incidents (case_id);

CREATE TABLE cases (
    id INTEGER PRIMARY KEY AUTOINCREMENT,           -- never again: channels know notices by it
    rule TEXT NOT NULL, subject_kind TEXT NOT NULL, subject TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'snoozed', 'resolved')),
    severity INTEGER NOT NULL, basis TEXT, csm TEXT, playbook TEXT,
    episode TEXT NOT NULL,          -- what it is about: the same again reopens, another opens
    facts TEXT NOT NULL,            -- what the rule saw, as JSON
    opened_us INTEGER NOT NULL, due_us INTEGER, snoozed_until_us INTEGER,
    closed_us INTEGER, closed_by TEXT               -- 'facts', or the person who answered
);
CREATE UNIQUE INDEX one_open_case ON cases (rule, subject) WHERE state <> 'resolved';

CREATE TABLE case_events (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES cases (id),
    at_us INTEGER NOT NULL, transition TEXT NOT NULL, actor TEXT NOT NULL,
    news TEXT NOT NULL,             -- what there was to tell; told once
    decision TEXT NOT NULL,         -- why somebody was told, or nobody
    detail TEXT NOT NULL
);
CREATE INDEX case_events_by_case ON case_events (case_id, id);

CREATE TABLE outbox (               -- written with the case, sent after: at least once
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,       -- channel, recipient, case, transition
    channel TEXT NOT NULL, recipient TEXT NOT NULL,
    case_id INTEGER REFERENCES cases (id), notice TEXT NOT NULL,
    created_us INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_us INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'parked')),
    error TEXT, sent_us INTEGER
);
CREATE INDEX outbox_due ON outbox (next_us) WHERE state = 'waiting';

CREATE TABLE lease (                -- which process judges
    name TEXT PRIMARY KEY, holder TEXT NOT NULL, until_us INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE progress (             -- how far a follower of append-only rows has come
    name TEXT PRIMARY KEY, last_id INTEGER NOT NULL
) WITHOUT ROWID;
