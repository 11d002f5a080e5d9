"""Flights that never happened: kinematics of drones, built from readable manoeuvres.

`fly(quadcopter(rng), rng, rest(2), arm(), take_off(10), hover(5), touch_down(0.6), ...)` gives a
`Trajectory`, which `firmware_sim.ulog` and `firmware_sim.dataflash` write as an autopilot would.
Pure: randomness comes from the numpy Generator that is passed in.
"""
