"""Which service answers on a port, and whether it serves people whom it does not know: one harmless request each."""
