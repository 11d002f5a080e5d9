"""An autopilot that is not there, as bytes and times: no sockets, no clock, no files.

`Drone` is the whole: a `Vehicle` (PX4 or ArduPilot, with its logs) behind a line with faults. Give
it the bytes that came in and the time, take the frames that go out and the time of its next deed.
docs/simulator.md lists its habits.
"""
