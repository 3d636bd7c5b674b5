//! What the answers so far say of a tenant. Pure: the time of each answer is an argument.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// How a tenant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It has not answered yet, and the prober began to ask not long ago.
    Awaited,
    /// It answers with its login page.
    Serving,
    /// It answered once and failed [`FAILURES`] times in a row since, or has been awaited for
    /// [`AWAITED_MAX`]; or an earlier prober found that, and it has not answered since.
    Down,
}

/// How a tenant stands, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How it stands.
    pub health: Health,
    /// When that began.
    pub since: Timestamp,
    /// The latest failure in words, of a tenant that is down only once it came [`FAILURES`] times in
    /// a row, or others than what is told [`UNLIKE_MAX`] times: whoever writes it down is not to be
    /// kept busy by some that take turns. Empty after a success, and before the first answer.
    pub detail: String,
}

/// Failures in a row that make a serving tenant be down, and one that is down be so for another
/// reason.
pub(crate) const FAILURES: u32 = 3;

/// Failures in a row after which what is told of a tenant that is down, and was none of them, is
/// not true any more.
pub(crate) const UNLIKE_MAX: u32 = 10;

/// How long nothing is said of a tenant that has not answered yet.
pub(crate) const AWAITED_MAX: SignedDuration = SignedDuration::from_mins(1);

/// The answers of one tenant.
#[derive(Debug, Clone)]
pub(crate) struct History {
    verdict: Verdict,
    failures: u32,
    latest: String,
    /// How many failures in a row were the latest.
    alike: u32,
    /// How many failures in a row were not what is told.
    unlike: u32,
    began: Timestamp,
}

impl History {
    /// Nothing was asked yet. `health` is what was known before, by an earlier prober.
    pub(crate) fn new(health: Health, now: Timestamp) -> Self {
        Self {
            verdict: Verdict {
                health,
                since: now,
                detail: String::new(),
            },
            failures: 0,
            latest: String::new(),
            alike: 0,
            unlike: 0,
            began: now,
        }
    }

    pub(crate) fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// Takes in one answer. `asked` is when the request was sent, `now` when it was answered.
    /// Returns whether the health changed.
    pub(crate) fn record(
        &mut self,
        answer: Result<(), String>,
        asked: Timestamp,
        now: Timestamp,
    ) -> bool {
        let before = self.verdict.health;
        match answer {
            Ok(()) => {
                self.failures = 0;
                self.verdict.detail.clear();
                self.turn(Health::Serving, now);
            }
            Err(detail) => {
                self.failures += 1;
                self.hear(detail);
                let is_down = match before {
                    Health::Serving => self.failures >= FAILURES,
                    Health::Awaited => now.duration_since(self.began) >= AWAITED_MAX,
                    Health::Down => true,
                };
                if is_down {
                    self.turn(Health::Down, asked);
                }
            }
        }
        before != self.verdict.health
    }

    /// Takes in the words of a failure.
    fn hear(&mut self, detail: String) {
        let is_again = detail == self.latest;
        self.alike = if is_again { self.alike + 1 } else { 1 };
        let is_told = detail == self.verdict.detail;
        self.unlike = if is_told { 0 } else { self.unlike + 1 };
        self.latest = detail;
        let is_settled = self.alike >= FAILURES || self.unlike >= UNLIKE_MAX;
        if self.verdict.health != Health::Down || is_settled {
            self.verdict.detail.clone_from(&self.latest);
            self.unlike = 0;
        }
    }

    fn turn(&mut self, health: Health, since: Timestamp) {
        if self.verdict.health != health {
            self.verdict.health = health;
            self.verdict.since = since;
        }
    }

    /// How long to wait before the next request. Someone waits for a tenant that is about to
    /// serve, so it is asked often at first.
    pub(crate) fn pause(&self, now: Timestamp) -> Duration {
        let awaited = now.duration_since(self.began);
        match self.verdict.health {
            Health::Serving if self.failures == 0 => Duration::from_secs(10),
            Health::Awaited if awaited < AWAITED_MAX => Duration::from_millis(50),
            _ => Duration::from_secs(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    fn failure() -> Result<(), String> {
        Err("answered 503".to_owned())
    }

    #[test]
    fn the_first_login_page_makes_a_tenant_serve() {
        let mut history = History::new(Health::Awaited, at(0));
        assert!(!history.record(failure(), at(1), at(1)));
        assert_eq!(history.verdict().health, Health::Awaited);
        assert!(history.record(Ok(()), at(2), at(3)));
        assert_eq!(history.verdict().health, Health::Serving);
        assert_eq!(history.verdict().since, at(3));
    }

    #[test]
    fn only_three_failures_in_a_row_take_a_tenant_down() {
        let mut history = History::new(Health::Awaited, at(0));
        history.record(Ok(()), at(0), at(0));
        history.record(failure(), at(1), at(1));
        history.record(failure(), at(2), at(2));
        history.record(Ok(()), at(3), at(3));
        history.record(failure(), at(4), at(4));
        history.record(failure(), at(5), at(5));
        assert_eq!(history.verdict().health, Health::Serving);
        assert!(history.record(failure(), at(6), at(6)));
        assert_eq!(history.verdict().health, Health::Down);
        assert_eq!(history.verdict().detail, "answered 503");
        assert!(history.record(Ok(()), at(7), at(7)));
    }

    #[test]
    fn a_tenant_that_is_awaited_for_long_is_told_to_be_down() {
        let mut history = History::new(Health::Awaited, at(0));
        assert!(!history.record(failure(), at(59), at(59)));
        assert_eq!(history.verdict().health, Health::Awaited);
        assert!(history.record(failure(), at(60), at(60)));
        assert_eq!(history.verdict().health, Health::Down);
        assert!(!history.record(failure(), at(61), at(61)));
        assert_eq!(history.verdict().since, at(60));
        assert!(history.record(Ok(()), at(62), at(62)));
    }

    #[test]
    fn a_tenant_that_served_before_a_restart_is_down_only_after_three_failures() {
        let mut history = History::new(Health::Serving, at(0));
        assert!(!history.record(failure(), at(1), at(1)));
        assert!(!history.record(failure(), at(2), at(2)));
        assert!(history.record(failure(), at(3), at(3)));
    }

    #[test]
    fn two_failures_that_take_turns_are_told_as_the_one_that_took_the_tenant_down() {
        let mut history = History::new(Health::Awaited, at(0));
        history.record(failure(), at(60), at(60));
        let other = || Err("no answer within 5 s".to_owned());
        for second in 61..70 {
            let answer = if second % 2 == 0 { failure() } else { other() };
            history.record(answer, at(second), at(second));
            assert_eq!(history.verdict().detail, "answered 503");
        }
        for second in 70..73 {
            history.record(other(), at(second), at(second));
        }
        assert_eq!(history.verdict().detail, "no answer within 5 s");
    }

    #[test]
    fn what_took_the_tenant_down_is_not_told_for_ever_when_it_is_not_the_trouble_any_more() {
        let mut history = History::new(Health::Awaited, at(0));
        history.record(failure(), at(60), at(60));
        let others = ["answered 502", "no answer within 5 s"];
        let mut told = Vec::new();
        for (second, other) in (61..100).zip(others.into_iter().cycle()) {
            history.record(Err(other.to_owned()), at(second), at(second));
            told.push(history.verdict().detail.clone());
        }
        assert_eq!(told[8], "answered 503");
        told.dedup();
        assert_eq!(told, ["answered 503", "no answer within 5 s"]);
    }

    #[test]
    fn a_tenant_that_was_down_before_a_restart_is_told_otherwise_only_after_three_failures() {
        let mut history = History::new(Health::Down, at(0));
        history.record(failure(), at(1), at(1));
        history.record(failure(), at(2), at(2));
        assert_eq!(history.verdict().detail, "");
        history.record(failure(), at(3), at(3));
        assert_eq!(history.verdict().detail, "answered 503");
    }

    #[test]
    fn a_tenant_is_asked_often_only_while_it_is_awaited() {
        let mut history = History::new(Health::Awaited, at(0));
        assert_eq!(history.pause(at(1)), Duration::from_millis(50));
        assert_eq!(history.pause(at(61)), Duration::from_secs(1));
        history.record(Ok(()), at(62), at(62));
        assert_eq!(history.pause(at(62)), Duration::from_secs(10));
        history.record(failure(), at(72), at(72));
        assert_eq!(history.pause(at(72)), Duration::from_secs(1));
    }
}
