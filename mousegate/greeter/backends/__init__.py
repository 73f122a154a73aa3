"""Whom the greeter talks to: auth behind the lock, later LightDM and greetd."""
