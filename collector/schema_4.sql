-- What version 4 of the ledger adds to version 3: facts from outside, people's answers, the CSM's day.

-- Facts from outside ---------------------------------------------------------------------------

ALTER TABLE people ADD COLUMN zone TEXT;            -- IANA time zone; NULL: as the settings say
ALTER TABLE tickets ADD COLUMN source TEXT;         -- who brought it: a file, an address, hubspot
ALTER TABLE surveys ADD COLUMN source TEXT;

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

-- The CSM's day ----------------------------------------------------------------------------------

CREATE TABLE calls (                -- one an account and local day of its CSM, with all its cases
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL, day TEXT NOT NULL, csm TEXT NOT NULL, opened_us INTEGER NOT NULL,
    interrupts INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account, day)
);
CREATE TABLE call_cases (
    call_id INTEGER NOT NULL REFERENCES calls (id),
    case_id INTEGER NOT NULL REFERENCES cases (id),
    PRIMARY KEY (call_id, case_id)
) WITHOUT ROWID;

CREATE TABLE digests (              -- what was written for whom: once a day, once a week
    csm TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('day', 'quiet')), day TEXT NOT NULL,
    made_us INTEGER NOT NULL, cases INTEGER NOT NULL,
    PRIMARY KEY (csm, kind, day)
) WITHOUT ROWID;

CREATE TABLE tasks (                -- periodic calls and health checks, from the cadence table
    id INTEGER PRIMARY KEY,
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
