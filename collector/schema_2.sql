-- What version 2 of the ledger adds to version 1.

CREATE TABLE stale_rows (           -- where InfluxDB has a flight as the ledger no longer has it
    id INTEGER PRIMARY KEY AUTOINCREMENT,           -- changed again: a new id
    drone_uid TEXT NOT NULL, start_us INTEGER NOT NULL, end_us INTEGER NOT NULL,
    UNIQUE (drone_uid, start_us)
);
CREATE TRIGGER flight_row_stale AFTER UPDATE ON flights
    WHEN OLD.start_us IS NOT NEW.start_us OR OLD.start_quality IS NOT NEW.start_quality
        OR OLD.facts IS NOT NEW.facts OR OLD.simulated IS NOT NEW.simulated
        OR OLD.lat_deg IS NOT NEW.lat_deg OR OLD.lon_deg IS NOT NEW.lon_deg
        OR OLD.retracted IS NOT NEW.retracted
        OR (OLD.merged_into IS NULL) <> (NEW.merged_into IS NULL)
BEGIN
    DELETE FROM stale_rows
        WHERE drone_uid = OLD.drone_uid AND start_us IN (OLD.start_us, NEW.start_us);
    INSERT INTO stale_rows (drone_uid, start_us, end_us)
        SELECT OLD.drone_uid, OLD.start_us, OLD.start_us + OLD.end_boot_us - OLD.armed_boot_us
        WHERE OLD.start_us IS NOT NULL;
    INSERT INTO stale_rows (drone_uid, start_us, end_us)
        SELECT NEW.drone_uid, NEW.start_us, NEW.start_us + NEW.end_boot_us - NEW.armed_boot_us
        WHERE NEW.start_us IS NOT NULL AND NEW.start_us IS NOT OLD.start_us;
END;

CREATE TABLE boots (                -- starts of a station's host, by its live status messages
    agent TEXT NOT NULL, boot_id TEXT NOT NULL,
    monotonic_us INTEGER NOT NULL,  -- its newest
    returns INTEGER NOT NULL,       -- how often it spoke again after another boot had spoken
    heard_us INTEGER NOT NULL,
    PRIMARY KEY (agent, boot_id)
) WITHOUT ROWID;

CREATE INDEX flights_by_boot ON flights (drone_uid, armed_boot_us, start_quality);
CREATE INDEX windows_by_age ON windows (received_us);
