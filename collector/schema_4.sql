-- What version 4 of the ledger adds to version 3: facts from outside, people's answers, the CSM's day.

-- Facts from outside ---------------------------------------------------------------------------

ALTER TABLE people ADD COLUMN zone TEXT;            -- IANA time zone; NULL: as the settings say
ALTER TABLE tickets ADD COLUMN source TEXT;         -- who brought it: a file, an address, hubspot
ALTER TABLE tickets ADD COLUMN reopened_us INTEGER; -- the last time
ALTER TABLE surveys ADD COLUMN source TEXT;
ALTER TABLE drones ADD COLUMN companion TEXT;       -- version of the app that it is used with
ALTER TABLE releases ADD COLUMN companion TEXT;     -- the oldest one that can install it; NULL: any

CREATE TABLE traits (               -- what held of an account: half-open [from_us, until_us)
    kind TEXT NOT NULL CHECK (kind IN ('stage', 'region', 'tier')),
    account TEXT NOT NULL, value TEXT NOT NULL,
    from_us INTEGER NOT NULL, until_us INTEGER,     -- NULL: still
    PRIMARY KEY (kind, account, from_us)
) WITHOUT ROWID;

CREATE TABLE contacts (             -- people at an account
    email TEXT NOT NULL, account TEXT NOT NULL, name TEXT, role TEXT,
    from_us INTEGER NOT NULL, until_us INTEGER,
    PRIMARY KEY (account, email, from_us)
) WITHOUT ROWID;

CREATE TABLE pauses (               -- somebody said that it would not fly
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('drone', 'customer')),
    subject TEXT NOT NULL,
    from_us INTEGER NOT NULL, until_us INTEGER NOT NULL,
    reason TEXT, source TEXT NOT NULL,
    PRIMARY KEY (subject_kind, subject, from_us)
) WITHOUT ROWID;

CREATE TABLE cover (                -- who stands in for an absent CSM
    csm TEXT NOT NULL, from_us INTEGER NOT NULL, until_us INTEGER NOT NULL,
    substitute TEXT NOT NULL,
    PRIMARY KEY (csm, from_us)
) WITHOUT ROWID;

CREATE TABLE imports (              -- what was taken in, and what was wrong with it
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL, source TEXT NOT NULL, digest BLOB NOT NULL,
    at_us INTEGER NOT NULL, taken INTEGER NOT NULL, refused INTEGER NOT NULL, errors TEXT NOT NULL
);

CREATE TABLE hubspot_companies (    -- which account a company there is
    id TEXT PRIMARY KEY, account TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE hubspot_tasks (        -- the last completion of a task that was taken as an answer
    task TEXT PRIMARY KEY, finish TEXT NOT NULL,
    case_id INTEGER REFERENCES cases (id),
    trouble TEXT                    -- why it changed nothing, until that is told
) WITHOUT ROWID;

CREATE INDEX outbox_by_channel ON outbox (channel, case_id);

-- Answers ----------------------------------------------------------------------------------------

CREATE TABLE answers (              -- what a person said to a case; append-only
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES cases (id),
    at_us INTEGER NOT NULL, actor TEXT NOT NULL,
    via TEXT NOT NULL CHECK (via IN ('command', 'link', 'hubspot')),
    answer TEXT NOT NULL, until_us INTEGER, note TEXT
);
CREATE INDEX answers_by_case ON answers (case_id, id);

CREATE TABLE outcomes (             -- of closed cases: did the account fly within 30 days?
    case_id INTEGER PRIMARY KEY REFERENCES cases (id),
    flew_again INTEGER NOT NULL, decided_us INTEGER NOT NULL
);

CREATE TABLE overruled (            -- links as the roster had them, and as an answer made them
    answer_id INTEGER PRIMARY KEY REFERENCES answers (id),
    kind TEXT NOT NULL, subject TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL
);
ALTER TABLE incidents ADD COLUMN answered_by TEXT;  -- who confirmed or withdrew it; NULL: nobody

-- The CSM's day ----------------------------------------------------------------------------------

CREATE TABLE calls (                -- one an account and local day of its CSM, with all its cases
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL, day TEXT NOT NULL, csm TEXT NOT NULL, opened_us INTEGER NOT NULL,
    interrupts INTEGER NOT NULL DEFAULT 0,          -- rationed ones that were told at once
    thread TEXT,                    -- the first notice of it told at once; NULL: none was
    UNIQUE (account, day)
);
CREATE INDEX calls_by_csm ON calls (csm, day);
CREATE TABLE call_cases (
    call_id INTEGER NOT NULL REFERENCES calls (id),
    case_id INTEGER NOT NULL REFERENCES cases (id),
    how TEXT NOT NULL CHECK (how IN ('at once', 'joined', 'digest')),
    PRIMARY KEY (call_id, case_id)
) WITHOUT ROWID;

CREATE TABLE digests (              -- what was written for whom: once a day, once a week
    csm TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('day', 'quiet')), day TEXT NOT NULL,
    made_us INTEGER NOT NULL, cases INTEGER NOT NULL,
    PRIMARY KEY (csm, kind, day)
) WITHOUT ROWID;

CREATE TABLE tasks (                -- periodic calls and health checks, from the cadence table
    id INTEGER PRIMARY KEY AUTOINCREMENT,           -- never again: channels know tasks by it
    kind TEXT NOT NULL, account TEXT NOT NULL, csm TEXT, playbook TEXT,
    due_us INTEGER NOT NULL, opened_us INTEGER NOT NULL, closed_us INTEGER, closed_by TEXT,
    parent INTEGER REFERENCES tasks (id), facts TEXT NOT NULL
);
CREATE INDEX tasks_by_account ON tasks (account, kind, due_us);

-- Delivery ---------------------------------------------------------------------------------------

CREATE TABLE tallies (              -- figures that outlive the process that counts
    name TEXT PRIMARY KEY, total INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE station_clocks (       -- UTC less monotonic time in each boot of a station's host
    agent TEXT NOT NULL, boot_id TEXT NOT NULL,
    offset_us INTEGER NOT NULL,
    worth INTEGER NOT NULL,         -- 0: a status came then; 1: said by a clock that is kept right
    noted_us INTEGER NOT NULL,
    PRIMARY KEY (agent, boot_id)
) WITHOUT ROWID;

CREATE TABLE backups (              -- this file is a copy, made then: what came after is missing
    made_us INTEGER PRIMARY KEY, in_use_us INTEGER      -- since a collector works on it
);
CREATE TABLE backup_marks (         -- the marks at that moment, until their lane moves on
    agent TEXT NOT NULL, epoch INTEGER NOT NULL, lane INTEGER NOT NULL, high_seq INTEGER NOT NULL,
    PRIMARY KEY (agent, epoch, lane)
) WITHOUT ROWID;

-- Dashboards -------------------------------------------------------------------------------------

CREATE TABLE drone_days (           -- what each autopilot flew on a UTC day (since 1970)
    drone_uid TEXT NOT NULL, day INTEGER NOT NULL,
    firmware TEXT,                  -- of the day's last flight
    flights INTEGER NOT NULL, airborne_s REAL NOT NULL,
    crashes INTEGER NOT NULL, crash_likes INTEGER NOT NULL,
    PRIMARY KEY (drone_uid, day)
) WITHOUT ROWID;
CREATE INDEX drone_days_by_day ON drone_days (day, drone_uid);

CREATE TABLE fleet_standings (      -- how many drones stood how, when the day was last judged
    day INTEGER PRIMARY KEY, counts TEXT NOT NULL
);

CREATE TABLE drawn_events (         -- the annotations that InfluxDB has
    kind TEXT NOT NULL, about TEXT NOT NULL, drone TEXT NOT NULL, at_us INTEGER NOT NULL,
    title TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (kind, about, drone, at_us)
) WITHOUT ROWID;

CREATE TABLE stale_days (           -- days of which drone_days and InfluxDB may be wrong
    id INTEGER PRIMARY KEY AUTOINCREMENT,           -- changed again: a new id
    drone_uid TEXT NOT NULL, day INTEGER NOT NULL,
    UNIQUE (drone_uid, day)
);
CREATE VIEW touched_flights AS      -- what is inserted here makes its day stale
    SELECT drone_uid, start_us, start_quality FROM flights;
CREATE TRIGGER day_stale INSTEAD OF INSERT ON touched_flights
    WHEN NEW.start_quality IN ('gps', 'boot_utc')
BEGIN
    DELETE FROM stale_days
        WHERE drone_uid = NEW.drone_uid AND day = NEW.start_us / 86400000000;
    INSERT INTO stale_days (drone_uid, day)
        VALUES (NEW.drone_uid, NEW.start_us / 86400000000);
END;
CREATE TRIGGER flight_day_new AFTER INSERT ON flights BEGIN
    INSERT INTO touched_flights VALUES (NEW.drone_uid, NEW.start_us, NEW.start_quality);
END;
CREATE TRIGGER flight_day_changed AFTER UPDATE ON flights
    WHEN OLD.drone_uid IS NOT NEW.drone_uid OR OLD.start_us IS NOT NEW.start_us
        OR OLD.start_quality IS NOT NEW.start_quality
        OR OLD.airborne_s IS NOT NEW.airborne_s OR OLD.simulated IS NOT NEW.simulated
        OR OLD.retracted IS NOT NEW.retracted
        OR (OLD.merged_into IS NULL) <> (NEW.merged_into IS NULL)
BEGIN
    INSERT INTO touched_flights VALUES (OLD.drone_uid, OLD.start_us, OLD.start_quality);
    INSERT INTO touched_flights VALUES (NEW.drone_uid, NEW.start_us, NEW.start_quality);
END;
CREATE TRIGGER firmware_day_changed AFTER UPDATE OF firmware ON logs
    WHEN OLD.firmware IS NOT NEW.firmware
BEGIN
    INSERT INTO touched_flights
        SELECT drone_uid, start_us, start_quality FROM flights WHERE log_id = NEW.log_id;
END;
CREATE TRIGGER crash_day_changed AFTER INSERT ON verdicts
    WHEN NEW.verdict IN ('crash', 'crash-like') OR EXISTS (
        SELECT 1 FROM verdicts WHERE flight_id = NEW.flight_id
            AND verdict IN ('crash', 'crash-like'))
BEGIN
    INSERT INTO touched_flights
        SELECT drone_uid, start_us, start_quality FROM flights WHERE id = NEW.flight_id;
END;
CREATE TRIGGER incident_day_changed AFTER UPDATE ON incidents
    WHEN OLD.state IS NOT NEW.state OR OLD.flight_id IS NOT NEW.flight_id
BEGIN
    INSERT INTO touched_flights
        SELECT drone_uid, start_us, start_quality FROM flights
        WHERE id IN (OLD.flight_id, NEW.flight_id);
END;
INSERT INTO stale_days (drone_uid, day)
    SELECT DISTINCT drone_uid, start_us / 86400000000 FROM flights
    WHERE start_quality IN ('gps', 'boot_utc');
