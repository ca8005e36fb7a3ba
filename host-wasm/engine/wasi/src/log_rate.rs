//! How fast a component may log and print: a bucket of lines that fills up with time.

use std::cell::Cell;

/// A line longer than this counts for several, in bytes.
const LINE: usize = 4096;

/// The bucket of one component.
pub struct LogRate {
    /// Lines a second, and at most at once; none where there is no limit.
    rate: Option<f64>,
    left: Cell<f64>,
    filled_at: Cell<f64>,
    told_at: Cell<f64>,
}

/// What becomes of a line.
#[derive(Debug, PartialEq)]
pub enum Verdict {
    /// It passes.
    Print,
    /// It is dropped.
    Drop,
    /// It is dropped, and nobody has been told of that for a second.
    DropAndTell,
}

impl LogRate {
    /// So many lines a second, and as many at once.
    pub fn new(rate: Option<f64>) -> LogRate {
        let left = Cell::new(rate.unwrap_or_default());
        LogRate { rate, left, filled_at: Cell::default(), told_at: Cell::new(f64::NEG_INFINITY) }
    }

    /// What becomes of a text at a time in milliseconds.
    pub fn take(&self, text: &[u8], now: f64) -> Verdict {
        let Some(rate) = self.rate else { return Verdict::Print };
        let gained = (now - self.filled_at.replace(now)).max(0.0) * rate / 1e3;
        let left = (self.left.get() + gained).min(rate);
        let lines = (text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count()).max(1);
        let wanted = (lines + text.len() / LINE) as f64;
        // What is larger than the bucket passes when it is full: else it never would.
        if left >= wanted.min(rate) {
            self.left.set(left - wanted.min(rate));
            return Verdict::Print;
        }
        self.left.set(left);
        if now - self.told_at.get() < 1e3 {
            return Verdict::Drop;
        }
        self.told_at.set(now);
        Verdict::DropAndTell
    }
}

#[cfg(test)]
mod tests {
    use super::{LogRate, Verdict};

    fn verdicts(rate: &LogRate, lines: usize, now: f64) -> (usize, usize) {
        let all: Vec<_> = (0..lines).map(|_| rate.take(b"a line", now)).collect();
        let of = |verdict| all.iter().filter(|it| **it == verdict).count();
        (of(Verdict::Print), of(Verdict::DropAndTell))
    }

    #[test]
    fn no_more_lines_pass_than_the_rate_allows() {
        let rate = LogRate::new(Some(10.0));
        assert_eq!(verdicts(&rate, 30, 0.0), (10, 1));
        assert_eq!(verdicts(&rate, 30, 500.0), (5, 0), "it is told of once a second");
        assert_eq!(verdicts(&rate, 30, 60_000.0), (10, 1), "what was not used is not saved up");
    }

    #[test]
    fn long_texts_and_many_lines_at_once_count_for_more() {
        let rate = LogRate::new(Some(10.0));
        assert_eq!(rate.take(b"1\n2\n3\n4\n5\n6\n", 0.0), Verdict::Print);
        assert_eq!(rate.take(&[b'x'; 5 * super::LINE], 0.0), Verdict::DropAndTell);
        assert_eq!(rate.take(&[b'\n'; 9], 0.0), Verdict::Print);
        assert_eq!(rate.take(&[b'x'; 100 * super::LINE], 10_000.0), Verdict::Print, "a full bucket lets anything pass");
        assert_eq!(rate.take(b"x", 10_000.0), Verdict::DropAndTell);
        assert_eq!(rate.take(b"x", 10_001.0), Verdict::Drop);
    }

    #[test]
    fn without_a_rate_everything_passes() {
        assert_eq!(verdicts(&LogRate::new(None), 1000, 0.0), (1000, 0));
    }
}
