-- Version 5: what the rounds read of the ledger is kept packed (docs/decisions/0012).

CREATE INDEX logs_by_hint ON logs (drone_uid, received_us, serial) WHERE serial IS NOT NULL;
CREATE INDEX sightings_by_hint ON sightings (drone_uid, received_us, serial)
    WHERE serial IS NOT NULL;

CREATE TABLE packed (               -- all rows that an autopilot has in a table, as one
    source TEXT NOT NULL, drone_uid TEXT NOT NULL,
    made_by INTEGER NOT NULL,       -- which way of packing
    digest INTEGER NOT NULL, words TEXT NOT NULL, rows BLOB NOT NULL,
    PRIMARY KEY (source, drone_uid)
);
CREATE INDEX packed_by ON packed (source, made_by, drone_uid);
CREATE TABLE unpacked (             -- whose rows changed since they were packed
    source TEXT NOT NULL, drone_uid TEXT NOT NULL,
    PRIMARY KEY (source, drone_uid)
) WITHOUT ROWID;
CREATE TRIGGER flight_unpacked AFTER INSERT ON flights BEGIN
    INSERT INTO unpacked SELECT 'flights', NEW.drone_uid WHERE NOT EXISTS (
        SELECT 1 FROM unpacked WHERE source = 'flights' AND drone_uid = NEW.drone_uid);
END;
CREATE TRIGGER flight_repacked AFTER UPDATE OF id, drone_uid, start_us, start_earliest_us,
        start_latest_us, received_us, airborne_s, simulated, agent, retracted, merged_into ON flights
BEGIN
    INSERT INTO unpacked SELECT 'flights', NEW.drone_uid WHERE NOT EXISTS (
        SELECT 1 FROM unpacked WHERE source = 'flights' AND drone_uid = NEW.drone_uid);
    INSERT INTO unpacked SELECT 'flights', OLD.drone_uid
        WHERE OLD.drone_uid <> NEW.drone_uid AND NOT EXISTS (
            SELECT 1 FROM unpacked WHERE source = 'flights' AND drone_uid = OLD.drone_uid);
END;
CREATE TRIGGER flight_gone AFTER DELETE ON flights BEGIN
    INSERT INTO unpacked SELECT 'flights', OLD.drone_uid WHERE NOT EXISTS (
        SELECT 1 FROM unpacked WHERE source = 'flights' AND drone_uid = OLD.drone_uid);
END;
CREATE TRIGGER sighting_unpacked AFTER INSERT ON sightings BEGIN
    INSERT INTO unpacked SELECT 'sightings', NEW.drone_uid WHERE NOT EXISTS (
        SELECT 1 FROM unpacked WHERE source = 'sightings' AND drone_uid = NEW.drone_uid);
END;
CREATE TRIGGER sighting_repacked AFTER UPDATE OF drone_uid, seen_us, received_us, flight_time_s,
        source, quality ON sightings
BEGIN
    INSERT INTO unpacked SELECT 'sightings', NEW.drone_uid WHERE NOT EXISTS (
        SELECT 1 FROM unpacked WHERE source = 'sightings' AND drone_uid = NEW.drone_uid);
    INSERT INTO unpacked SELECT 'sightings', OLD.drone_uid
        WHERE OLD.drone_uid <> NEW.drone_uid AND NOT EXISTS (
            SELECT 1 FROM unpacked WHERE source = 'sightings' AND drone_uid = OLD.drone_uid);
END;
CREATE TRIGGER sighting_gone AFTER DELETE ON sightings BEGIN
    INSERT INTO unpacked SELECT 'sightings', OLD.drone_uid WHERE NOT EXISTS (
        SELECT 1 FROM unpacked WHERE source = 'sightings' AND drone_uid = OLD.drone_uid);
END;
INSERT INTO unpacked SELECT DISTINCT 'flights', drone_uid FROM flights;
INSERT INTO unpacked SELECT DISTINCT 'sightings', drone_uid FROM sightings;
