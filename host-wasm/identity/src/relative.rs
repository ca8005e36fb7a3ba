//! Times as people say them, relative to now: `in 4days`, `5s ago`.

/// The largest units first: seconds, the name of one, the name of several.
const UNITS: [(u64, &str, &str); 4] = [(86_400, "day", "days"), (3_600, "h", "h"), (60, "m", "m"), (1, "s", "s")];

/// A time relative to `now`, both in seconds since 1970, as a whole number of its largest unit. What is now is past.
pub(crate) fn relative(then: u64, now: u64) -> String {
    let distance = then.abs_diff(now);
    let (unit, one, several) = UNITS.into_iter().find(|(unit, ..)| distance >= *unit).unwrap_or((1, "s", "s"));
    let count = distance / unit;
    let name = if count == 1 { one } else { several };
    if then > now { format!("in {count}{name}") } else { format!("{count}{name} ago") }
}

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn a_time_is_told_in_its_largest_unit() {
        let now = 1_000_000;
        let told = [
            (now, "0s ago"),
            (now - 5, "5s ago"),
            (now + 59, "in 59s"),
            (now - 119, "1m ago"),
            (now + 7199, "in 1h"),
            (now + 86_400, "in 1day"),
            (now + 431_999, "in 4days"),
            (u64::MAX, "in 213503982334589days"),
        ];
        for (then, text) in told {
            assert_eq!(relative(then, now), text);
        }
    }
}
