"""The report for people, as a whole and where a mistake would mislead."""

from __future__ import annotations

from sample_report import NOT_APPLICABLE, PROVED, REFUTED, UNKNOWN, report

from sapper.render.check_text import check_lines, summary
from sapper.render.line import Piece, plain_text

EXPECTED = """\
a,b:c%.boot  braces, generation 1.3
  not modelled: protocols bgp
  tun0  gre, protection ipsec
    confidentiality  refuted         in boot, deleted; after tampering: flushed
    no-bypass        proved          8 states, 1 packet class
    authenticity     unknown         not modelled: policy route
    liveness         not-applicable  it is disabled
    confidentiality fails in deleted, peer:
      events  boot; the daemon starts; the peer closes the SA
      packet  192.168.1.10 -> 192.168.2.10 udp, in eth1
      route to 192.168.2.0/24 dev tun0
      tun0 encapsulates
    assumed: eth9 is untrusted

a,b:c%.boot:3:2: error LEAK101 50% leaks\\nhere
    fix: a way out
      set a b
      at the peer: set c d
a,b:c%.boot:7:2: warning CFG311 what is wrong
a,b:c%.boot:9:2: info CFG312 what is wrong

bad.boot:4:2: error SYN000 expected a word

2 files; 1 unreadable; 1 proved, 1 refuted; 1 unknown; 2 errors, 1 warning, 1 info
"""


def test_the_whole_report() -> None:
    sample = report(confidentiality=REFUTED, no_bypass=PROVED, authenticity=UNKNOWN, liveness=NOT_APPLICABLE)
    assert plain_text(check_lines(sample)) == EXPECTED


def test_only_proved_has_the_colour_of_a_proof() -> None:
    pieces = [piece for line in check_lines(report(confidentiality=REFUTED, liveness=UNKNOWN)) for piece in line]
    assert not [piece for piece in pieces if piece.role == "good"]
    proved = [piece for line in check_lines(report(confidentiality=PROVED)) for piece in line]
    assert [piece.text.strip() for piece in proved if piece.role == "good"] == ["proved"]


def test_the_summary_counts_nothing_away() -> None:
    assert summary(report()) == (
        Piece("2 files; 1 unreadable; 0 proved, 0 refuted; 0 unknown; 2 errors, 1 warning, 1 info", "title"),
    )
