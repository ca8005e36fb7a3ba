//! Times as text: of an event, and of how long a host has run.

/// The time that is handed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds on a clock that never goes back.
    pub monotonic: u64,
    /// Milliseconds since 1970, UTC.
    pub wall: u64,
}

const DAY: u64 = 86_400;

/// RFC 3339 in UTC, with three fraction digits or none. Lattice protocol 1.x, section 4.1.
pub(crate) fn rfc3339(wall: u64) -> String {
    let (seconds, millis) = (wall / 1000, wall % 1000);
    let (days, rest) = (seconds / DAY, seconds % DAY);
    let (year, month, day) = civil(days);
    let fraction = if millis == 0 { String::new() } else { format!(".{millis:03}") };
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// The Gregorian date of a day since 1970. Years are counted from March, so that the leap day is the last.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

/// `1day 2h 3m 4s`: units of value 0 are skipped. Lattice protocol 1.x, section 3.3.
pub(crate) fn human(seconds: u64) -> String {
    const YEAR: u64 = 31_557_600;
    const MONTH: u64 = 2_630_016;
    let long = |count: u64, unit: &str| match count {
        0 => None,
        1 => Some(format!("1{unit}")),
        _ => Some(format!("{count}{unit}s")),
    };
    let short = |count: u64, unit: &str| (count > 0).then(|| format!("{count}{unit}"));
    let parts = [
        long(seconds / YEAR, "year"),
        long(seconds % YEAR / MONTH, "month"),
        long(seconds % YEAR % MONTH / DAY, "day"),
        short(seconds % YEAR % MONTH % DAY / 3600, "h"),
        short(seconds % YEAR % MONTH % DAY / 60 % 60, "m"),
        short(seconds % YEAR % MONTH % DAY % 60, "s"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_events_are_dates() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!(rfc3339(1_795_359_934_600), "2026-11-22T15:05:34.600Z");
        assert_eq!(rfc3339(4_102_444_799_001), "2099-12-31T23:59:59.001Z");
    }

    #[test]
    fn uptimes_skip_units_of_value_zero() {
        for (seconds, text) in [
            (0, "0s"),
            (30, "30s"),
            (60, "1m"),
            (90, "1m 30s"),
            (2400, "40m"),
            (387, "6m 27s"),
            (7380, "2h 3m"),
            (93_600, "1day 2h"),
            (172_801, "2days 1s"),
        ] {
            assert_eq!(human(seconds), text);
        }
    }
}
