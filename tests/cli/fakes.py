"""An engine that answers what it is told to, so that the command line is tested by itself."""

from dataclasses import dataclass, field
from typing import Any

from geomcheck.answer import Record
from geomcheck.errors import GeomcheckError
from geomcheck.problem.read import problem_from
from geomcheck.verdict import Verdict

PROBLEM = problem_from({"network": "2-1 linear, no bias", "samples": 1})
INSTANCE = PROBLEM.with_(parameters=(1, 2), inputs=((1, 0),), targets="perfect_fit")
CERTIFICATE = {"format": "geomcheck-certificate", "version": 2}

VERDICTS: dict[str, dict[str, Any]] = {
    "PROVED": {"steps": ("H = H_o + H_f", "so rank(H) = rank(G)"), "certificate": CERTIFICATE, "holds_for": "all θ"},
    "REFUTED": {"witness": INSTANCE, "quantities": {"rank(H)": "0", "rank(G)": "1"}, "certificate": CERTIFICATE},
    "SURVIVED": {
        "record": Record(200, 0, {"random": 150, "equal units": 50}, {"rank(H)": {"2": 200}}, {"kink": 3}, "1.5")
    },
    "UNDECIDED": {"reason": "kink", "known": "rank(G) = 1", "next_step": "move the point"},
}


@dataclass(frozen=True)
class Entry:
    id: str
    says: str
    expect: str | None
    outcome: str
    problem: Any = PROBLEM
    source: str = "a paper"
    note: str = ""


@dataclass
class Engine:
    """Answers a claim with the outcome named in its text; an error instance is raised."""

    entries: list[Entry] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    error: BaseException | None = None

    def check(self, claim: str, progress: Any = None, **options: Any) -> Verdict:
        self.calls.append({"claim": claim, **options})
        if self.error is not None:
            raise self.error
        outcome = next((word for word in VERDICTS if word in claim), "PROVED")
        return Verdict(outcome, claim, options["problem"], seconds="0.1", **VERDICTS[outcome])

    def check_entry(self, entry: Entry, progress: Any = None, **limits: Any) -> Verdict:
        self.calls.append({"claim": entry.says, **limits})
        if entry.outcome == "ERROR":
            raise GeomcheckError("expected something else")
        return Verdict(
            entry.outcome, entry.says, entry.problem, claim_id=entry.id, seconds="0.1", **VERDICTS[entry.outcome]
        )
