"""The preset dictionary of wire version 1: what a message holds before anybody measured anything.

A message of a few hundred bytes is mostly names, which deflate can't know when it begins. Both
ends give it these words first (RFC 1950, FDICT). Frozen with its body codec: a reader can only
undo what it has the same bytes of, so new words need a new codec. Words stand in the order of the
messages that hold them; the most frequent come last, where they are cheapest to point at.
"""

from typing import Final

import msgpack

_WORDS: Final = """
damage detail lost_batches tombstone epoch lane first_seq last_seq reason ping Armed Disarmed by
landing Takeoff detected Landing GPS EKF failsafe battery Crash: Disarming Mission: Failsafe:
parameters_changed MPC_ COM_ EKF2_ SENS_ BAT_ CAL_ BATT_ COMPASS_ INS_ SERVO RC kind station
boot_id wall_us monotonic_us agent_version station_kind fixed field online clock_synchronised
disk_free_bytes spool_batches spool_bytes drones kind log log_id name size_bytes .ulg .bin .BIN
format dataflash drone_uid flights error kind flight logs log_id drone_uid ap:00 px4:000200000000
facts_version format dataflash ulog size_bytes bytes_seen partial damaged_bytes simulated
firmware autopilot ardupilot px4 vehicle multicopter plane rover version version_code
vendor_version git_hash hardware PX4_FMU_V banner ArduCopter ArduPlane counters flight_time_s
flight_uuid boot_count serial parameters_hash flights flight armed_boot_us end_boot_us
disarmed_boot_us start quality us lat_deg lon_deg facts armed_s airborne_s takeoff_boot_s
height_max_m distance_max_m ground_speed_max_m_s peak_force_m_s2 peak_force_boot_s contact_boot_s
sink_at_contact_m_s fall_m fall_boot_s tilt_max_deg tilt_max_boot_s tilt_over_60_s
tilt_over_60_boot_s attitude_error_s attitude_error_boot_s lost_attitude_height_m
rest_tilt_before_deg rest_tilt_deg rest_boot_s moved_after_s ends_in_air end_boot_s end_height_m
end_sink_m_s disarm_in_air disarm_height_m disarm_boot_s autopilot_crash autopilot_crash_boot_s
autopilot_failure autopilot_failure_boot_s failsafe failsafe_boot_s aerobatic_s throttle_max_pct
voltage_start_v voltage_min_v used_mah vibration_m_s2 clips estimator_ratio_max
motor_asymmetry_pct attitude_hz force_hz height_hz contact_force_m_s2 tilt_at_contact_deg
tilt_before_contact_deg fixed_wing stood_s contact_clips below_wanted_m full_thrust_sinking_s
return_away_s return_away_boot_s return_away_m failsafe_landing_m failsafe_landing_boot_s events
boot_s what message text level mode error event kind sighting drone_uid seen source serial
firmware counters armed kind window drone_uid log_id armed_boot_us event_boot_us start_boot_us
start quality gps us earliest_us latest_us interval_us rows low force_m_s2 tilt_deg height_m
climb_m_s roll_deg pitch_deg throttle_pct voltage_v high full rows times values
"""

_START: Final = {
    "quality": "gps",
    "us": 0x6_0000_0000_0000,
    "earliest_us": 0x6_0000_0000_0000,
    "latest_us": 0x6_0000_0000_0000,
}
_SERIES: Final = {
    "kind": "series",
    "drone_uid": "px4:000200000000000000000000000000000000",
    "log_id": "0123456789abcdef0123456789abcdef",
    "armed_boot_us": 0x0100_0000,
    "start_boot_us": 0x0100_0000,
    "start": _START,
    "interval_us": 1_000_000,
    "rows": 0x0100,
    "columns": {
        "height_m": b"",
        "climb_m_s": b"",
        "ground_speed_m_s": b"",
        "roll_deg": b"",
        "pitch_deg": b"",
        "yaw_deg": b"",
        "voltage_v": b"",
        "current_a": b"",
        "lat_deg": b"",
        "lon_deg": b"",
    },
}

DICTIONARY: Final = b"".join(map(msgpack.packb, [*_WORDS.split(), _SERIES]))
"""Each word as msgpack has it, with the byte that says how long it is; then a whole series."""
