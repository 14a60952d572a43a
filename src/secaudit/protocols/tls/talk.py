"""Say one hello on a fresh connection, after the words that turn a plain protocol to TLS where it needs them."""

from __future__ import annotations

from typing import Callable

from secaudit.protocols.tls import answer, hello, starttls
from secaudit.protocols.tls.answer import Answer
from secaudit.tableapi import Stopped, Wire

MAX_SILENT = 3
"""Answers that did not come in time, after which no more is asked."""


class Talk:
    """One place that speaks TLS. May be used from several threads."""

    def __init__(
        self, connect: Callable[[], Wire], server_name: str, plain: str = "", alpn: tuple[str, ...] = ()
    ) -> None:
        self._connect = connect
        self.server_name = server_name
        self.plain = plain
        """The protocol that is spoken before TLS: smtp, imap ...; empty for TLS from the first byte."""
        self.alpn = alpn
        self.stopped = ""
        """Why nothing more is asked."""
        self.count = 0
        self._silent = 0

    def ask(self, offer: hello.Offer, *, whole: bool = False) -> Answer:
        """The answer to one hello. Nothing is raised but NotCovered: how it ended is its outcome."""
        if self.stopped:
            return Answer("stopped")
        self.count += 1
        try:
            with self._connect() as wire:
                if self.plain and not starttls.begin(wire, self.plain, self.server_name).agreed:
                    return Answer("no_starttls")
                wire.send(hello.client_hello(offer))
                found = answer.read(wire, offer, whole=whole)
        except Stopped as problem:
            self.stopped = problem.reason
            return Answer("stopped")
        except TimeoutError:
            found = Answer("timeout")
        except ConnectionRefusedError:
            found = Answer("refused")
        except ConnectionError:
            found = Answer("reset")
        except OSError:
            found = Answer("unreachable")
        if found.outcome == "timeout":
            self._silent += 1
            if self._silent >= MAX_SILENT:
                self.stopped = f"{self._silent} answers did not come in time"
        return found
