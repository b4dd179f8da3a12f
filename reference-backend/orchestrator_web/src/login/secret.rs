//! Random secrets, and how they are kept: as digests, compared in constant time, for a while.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::Failure;

/// Of these, 32 letters and digits: none that is mistaken for another one.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const WINDOW: Duration = Duration::from_mins(1);
const FAILURES: u32 = 20;

/// SHA-256 of a secret. The secrets are long and random, or the owner's token, so that neither
/// salt nor stretching is needed.
#[derive(Clone, Copy)]
pub struct Digest([u8; 32]);

impl Digest {
    pub fn of(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// A few secrets, each for some time; one too many pushes the oldest out.
pub struct Kept {
    most: usize,
    lifetime: Duration,
    /// With the time of their end, the oldest first.
    entries: VecDeque<(Digest, Instant)>,
}

impl Kept {
    pub fn new(most: usize, lifetime: Duration) -> Self {
        Self {
            most,
            lifetime,
            entries: VecDeque::new(),
        }
    }

    pub fn add(&mut self, digest: Digest, now: Instant) {
        if self.entries.len() == self.most {
            self.entries.pop_front();
        }
        self.entries.push_back((digest, now + self.lifetime));
    }

    pub fn contains(&self, digest: &Digest, now: Instant) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|(kept, end)| kept == digest && now < *end)
    }

    /// Removes the secret, and says whether it was there and still good.
    pub fn take(&mut self, digest: &Digest, now: Instant) -> bool {
        let was_good = self.contains(digest, now);
        self.entries
            .retain(|(kept, end)| kept != digest && now < *end);
        was_good
    }
}

/// Counts failed attempts. What is right is let in at once, however many have failed, so that nobody
/// can lock the owner out.
pub struct Failures {
    since: Option<Instant>,
    count: u32,
}

impl Failures {
    pub fn new() -> Self {
        Self {
            since: None,
            count: 0,
        }
    }

    pub fn add(&mut self, now: Instant) -> Failure {
        let since = self
            .since
            .filter(|since| now.duration_since(*since) < WINDOW);
        if since.is_none() {
            (self.since, self.count) = (Some(now), 0);
        }
        self.count = self.count.saturating_add(1);
        match since {
            Some(since) if FAILURES < self.count => {
                Failure::TooMany(WINDOW.saturating_sub(now.duration_since(since)))
            }
            _ => Failure::Wrong,
        }
    }
}

/// 256 random bits, as 64 letters and digits of which each holds four.
pub fn session() -> String {
    letters::<64>(16)
}

/// 60 random bits, in three groups that a person can read out.
pub fn code() -> String {
    let letters = letters::<12>(32);
    [&letters[..4], &letters[4..8], &letters[8..]].join("-")
}

/// `N` letters, each one of the first `of` of the alphabet; `of` divides 256, so that all are
/// equally likely.
fn letters<const N: usize>(of: u8) -> String {
    let letters = random::<N>().map(|byte| ALPHABET[usize::from(byte % of)]);
    letters.map(char::from).iter().collect()
}

/// A code as it may have been typed, without what does not matter: case, spaces, dashes.
pub fn canonical(code: &str) -> String {
    let letters = code.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_uppercase()).collect()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}
