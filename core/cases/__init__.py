"""Cases: register → accept or refuse → classify → dispatch → handle → reply → close. See :mod:`core.cases.life`."""
