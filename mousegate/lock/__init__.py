"""The keeper: what holds the grabs, covers the root and guards the two processes that may end the lock.

Three processes come from this package, and two more are started by it:

- the **supervisor** (`supervisor.py`, the process that `mousegate-lock` starts): forks the keeper, starts
  another the moment one dies locked, and passes on its exit status. It links the standard library. When it
  crashes the keeper holds on.
- the **keeper** (`keeper.py`): takes the grabs, covers every screen of the X server, forwards input, and
  waits for the nonce. It links Xlib. When it crashes, the covers stay mapped (RetainPermanent) with the input
  focus on one of them, and the next keeper grabs, maps covers of its own and only then destroys the old ones.
- **greeter** and **auth** (`children.py` starts them, `mousegate.greeter` and `mousegate.auth` are them):
  when either crashes, hangs or breaks the protocol, both are killed and started again. It stays locked.

And one for who keeps xsecurelock as the locker: **auth_mousegate** (`xsecurelock.py`) starts greeter and auth
in its window. It links Xlib; when it crashes, xsecurelock stays locked and starts it anew.

The one thing that unlocks is `Pair.unlocked`: the 64 hexadecimal digits, made new for every start of auth,
coming back on the pipe that only auth holds. No exit status, signal, message or silence of any process does.

Nothing here may import numpy, Qt, D-Bus or another package of mousegate except `mousegate.errors`;
`lint-imports` proves it. Read in this order: keeper, grabs, cover, focus, forward, children, messages,
supervisor.
"""
