"""Logs with something missing: topics off, slow rates, cut short. FlightLog to FlightLog."""

from dataclasses import replace

import numpy as np

from windsock.agent.logs.flightlog import Table

_ESTIMATES = ("vehicle_local_position", "XKF1")
_BAROMETERS = ("vehicle_air_data", "BARO")


def without(log, *names):
    """Less these tables."""
    return replace(
        log, tables={name: one for name, one in log.tables.items() if name not in names}
    )


def without_fields(log, name, *fields):
    """Less these fields of a table."""

    def less(table):
        kept = {field: values for field, values in table.fields.items() if field not in fields}
        return Table(table.name, table.instance, table.boot_us, kept)

    return _changed(log, name, less)


def only_every(log, **steps):
    """Only every so many-th message of each named table."""
    for name, step in steps.items():
        log = _changed(log, name, lambda table, step=step: _rows(table, slice(None, None, step)))
    return log


def until(log, boot_us):
    """The log as if power had gone at that time."""
    for name in log.tables:
        log = _changed(log, name, lambda table: _rows(table, table.boot_us <= boot_us))
    messages = [one for one in log.messages if one.boot_us <= boot_us]
    return replace(log, messages=messages, last_boot_us=boot_us)


def noisy_heights(log):
    """A barometer of 0.6 m noise."""
    rng = np.random.default_rng(1)

    def shaken(table):
        noise = rng.normal(0.0, 0.6, len(table))
        fields = dict(table.fields)
        for field in {"baro_alt_meter", "Alt"} & set(fields):
            fields[field] = fields[field] + noise
        return Table(table.name, table.instance, table.boot_us, fields)

    for name in _BAROMETERS:
        log = _changed(log, name, shaken)
    return log


def gps_only(log):
    """Neither barometer nor estimator."""
    return without_fields(without(log, *_ESTIMATES, *_BAROMETERS), "CTUN", "Alt", "BAlt", "CRt")


def no_wanted_thrust(log):
    """No throttle but what the ESCs get."""
    log = without(log, "vehicle_thrust_setpoint", "vehicle_attitude_setpoint", "actuator_motors")
    return without_fields(log, "CTUN", "ThO")


def no_throttle(log):
    """None at all."""
    return without(no_wanted_thrust(log), "actuator_outputs", "RCOU")


def slow(log):
    """Accelerometer at 10 to 12 Hz, attitude at 5 Hz."""
    return only_every(log, sensor_combined=25, IMU=2, vehicle_attitude=4, ATT=2)


def no_force(log):
    """No accelerometer."""
    return without(log, "sensor_combined", "IMU", "VIBE", "vehicle_imu_status")


def never_disarmed(log):
    """The disarming never comes."""
    for name, field, kept in (
        ("EV", "Id", lambda v: v != 11),
        ("ARM", "ArmState", lambda v: v > 0),
    ):
        log = _changed(log, name, lambda t, f=field, kept=kept: _rows(t, kept(t[f])))
    return log


THINNED = {
    one.__name__.replace("_", "-"): one
    for one in (slow, gps_only, no_wanted_thrust, no_throttle, no_force, noisy_heights,
                never_disarmed)
}  # fmt: skip


def _rows(table, kept):
    fields = {name: values[kept] for name, values in table.fields.items()}
    return Table(table.name, table.instance, table.boot_us[kept], fields)


def _changed(log, name, change):
    if name not in log.tables:
        return log
    instances = {number: change(table) for number, table in log.tables[name].items()}
    kept = {number: table for number, table in instances.items() if len(table)}
    tables = {other: one for other, one in log.tables.items() if other != name}
    return replace(log, tables=tables | ({name: kept} if kept else {}))
