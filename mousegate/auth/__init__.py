"""mousegate-auth: asks PAM, compares, decides. It alone can unlock.

    started by   the keeper, with a fresh nonce on standard input and three descriptors (ARCHITECTURE.md)
    loads        the standard library, argon2, numpy; never torch, onnxruntime, Qt or Xlib
    talks to     the greeter, over a socketpair in the greetd vocabulary; everything from there is untrusted
    unlocks by   writing the nonce to the keeper's pipe, in one place (keeper.Unlocker), after one boolean
    crashes      the screen stays locked; the keeper starts a new pair

One attempt, whatever is right or wrong in it: count it as failed; ask PAM; ask for the probe; compare with
the same work; write the decision down; unlock, or say the one failure message after the one delay. Neither
prompts nor times nor messages tell which factor was wrong: "not enough movement" depends on the probe alone,
and what PAM's account stack says is only asked for after a match.

    __main__    the process            service    the loop of attempts
    attempt     one attempt            verdict    what unlocks
    pam, libpam the password           channel    the socket
    keeper      nonce and heartbeat    throttle   the back-off
    hardening   what the kernel does   check      the password for other commands
"""
