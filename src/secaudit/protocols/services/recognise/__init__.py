"""One module for each service that can be asked. See `secaudit.protocols.services.asking`."""
