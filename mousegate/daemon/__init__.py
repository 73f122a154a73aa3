"""The daemon of the session: watches the hand at the mouse, locks, and speaks D-Bus. It never unlocks.

Everything runs on one thread and one main loop. `service` is plain Python; `interface` translates to and from
the bus; `desk` is the X display; `recognition` the model and the store.
"""
