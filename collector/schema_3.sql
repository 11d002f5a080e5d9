-- What version 3 of the ledger adds to version 2: what a maker released, and who was told of it.

ALTER TABLE drones ADD COLUMN channel TEXT;     -- of releases; NULL: stable
ALTER TABLE drones ADD COLUMN cohort TEXT;      -- a group that waves may name

CREATE TABLE releases (             -- as the file of releases says; '' stands for any
    product TEXT NOT NULL, hardware TEXT NOT NULL, channel TEXT NOT NULL, version TEXT NOT NULL,
    base TEXT, released_us INTEGER NOT NULL, waves TEXT NOT NULL,
    must_pass INTEGER NOT NULL, mandatory INTEGER NOT NULL,
    withdrawn_us INTEGER, grace_days REAL NOT NULL,
    PRIMARY KEY (product, hardware, channel, version)
) WITHOUT ROWID;

CREATE TABLE update_mails (         -- as the file of e-mails sent says
    account TEXT NOT NULL, version TEXT NOT NULL, sent_us INTEGER NOT NULL,
    PRIMARY KEY (account, version, sent_us)
) WITHOUT ROWID;
