"""Names and what they publish: SPF, DMARC, DKIM, CAA, DNSSEC and others, over a function that asks the resolver.

Nothing here opens a connection: `Ask` is `Net.dns`, or anything that answers in the same way.
"""
