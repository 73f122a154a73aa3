"""The API for web applications: enrol and verify their users; versioned, stateless, over a database."""
