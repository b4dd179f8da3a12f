//! Made-up numbers.

use std::thread::panicking;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The same numbers for the same seed: `TAC_SEED`, which a failure names.
pub struct Chance {
    seed: u64,
    state: u64,
}

impl Chance {
    pub fn new() -> Self {
        let now = || {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap()
                .as_secs()
        };
        let given = std::env::var("TAC_SEED");
        let seed = given.map_or_else(|_| now(), |seed| seed.parse().unwrap());
        Self { seed, state: seed }
    }

    /// From 0, less than `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)) % bound
    }

    /// From nothing to so many milliseconds.
    pub fn moment(&mut self, bound: u64) -> Duration {
        Duration::from_millis(self.below(bound))
    }
}

impl Drop for Chance {
    #[expect(clippy::print_stderr, reason = "the way to the same failure")]
    fn drop(&mut self) {
        if panicking() {
            eprintln!("TAC_SEED={} draws the same moments again", self.seed);
        }
    }
}
