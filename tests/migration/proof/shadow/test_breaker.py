"""What costs too much is ended, and tried again later."""

from __future__ import annotations

from nova_drf.migration.proof.shadow.breaker import Breaker, Budget


class Clock:
    """A clock that goes on when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_some_failures_in_a_row_open_it_and_a_success_begins_anew() -> None:
    clock = Clock()
    breaker = Breaker(3, 60, clock)
    assert [breaker.failed("time"), breaker.failed("time")] == [False, False]
    breaker.succeeded()
    assert [breaker.failed("a") for _ in range(3)] == [False, False, True]
    assert (breaker.is_open, breaker.reason) == (True, "a")
    assert not breaker.failed("while it is open"), "it is told once"


def test_it_lets_one_pass_after_a_while_and_waits_longer_each_time() -> None:
    clock = Clock()
    breaker = Breaker(2, 60, clock)
    breaker.failed("a")
    breaker.failed("a")
    clock.now = 60
    assert not breaker.is_open
    assert breaker.failed("b")
    clock.now = 179
    assert breaker.is_open
    clock.now = 180
    assert not breaker.is_open
    breaker.succeeded()
    assert (breaker.failed("c"), breaker.is_open, breaker.reason) == (False, False, "")


def test_a_budget_is_a_share_of_the_time() -> None:
    clock = Clock()
    budget = Budget(0.5, 10, clock)
    budget.spend(9)
    assert not budget.is_used_up
    budget.spend(3)
    assert budget.is_used_up
    clock.now = 4
    assert budget.is_used_up
    clock.now = 4.2
    assert not budget.is_used_up
    clock.now = 1000
    budget.spend(9.5)
    assert not budget.is_used_up, "no more is saved than is allowed"
    budget.spend(0.5)
    assert budget.is_used_up
