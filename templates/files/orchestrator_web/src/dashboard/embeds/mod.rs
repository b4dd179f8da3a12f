//! Other tools beside the pages: a link to them, or a frame of their own origin. Nothing of theirs ever
//! comes from this origin, where their scripts would be as good as this service's own.

mod page;
mod probe;

use std::fmt;

use serde::{Serialize, Serializer};

use crate::config::{Origin, Text};
use crate::text;

pub use page::routes;

/// `[dashboard.embeds.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Embed {
    pub title: String,
    pub url: Address,
    pub show: Show,
}

text::choices! {
    /// How a tool is shown.
    #[derive(Default)]
    pub enum Show {
        #[default]
        Link = "link",
        Frame = "frame",
    }
}

impl Text for Show {
    const EXPECTED: &'static str = "link or frame";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn show(&self) -> String {
        self.as_str().to_owned()
    }
}

/// What stands in the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(pub String);

impl Text for Title {
    const EXPECTED: &'static str = "a text of 1 to 40 characters";

    fn parse(text: &str) -> Option<Self> {
        text::between(text.to_owned(), 1, 40).ok().map(Self)
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// Where a tool is: an http or https address whose origin is spelled as browsers spell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    text: String,
    origin: Origin,
}

impl Address {
    /// As the policy of a page names it.
    pub fn origin(&self) -> &str {
        self.origin.as_str()
    }

    pub fn is_encrypted(&self) -> bool {
        self.origin().starts_with("https:")
    }

    /// The host, and the port where it is not the scheme's own.
    pub fn authority(&self) -> &str {
        let (_, authority) = self
            .origin()
            .split_once("://")
            .expect("an origin has a scheme");
        authority
    }

    /// Whether its host is an IPv6 address.
    pub fn is_numbered(&self) -> bool {
        self.authority().starts_with('[')
    }

    /// What a request asks for: path and query.
    pub fn target(&self) -> String {
        let path = &self.text[self.origin().len()..];
        let path = path.split('#').next().unwrap_or_default();
        let slash = if path.starts_with('/') { "" } else { "/" };
        format!("{slash}{path}")
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Text for Address {
    const EXPECTED: &'static str = "an http or https address such as http://localhost:5000/ \
        (host in lower case, no default port, no user)";

    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let end = text.len() - rest.len() + rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let origin = Origin::parse(&text[..end])?;
        // None that anything could take for the end of the address.
        let is_plain = |b: u8| b.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&b);
        let is_well = ["http", "https"].contains(&scheme) && text.bytes().all(is_plain);
        let text = text.to_owned();
        (is_well && text.len() <= 2000).then_some(Self { text, origin })
    }

    fn show(&self) -> String {
        self.text.clone()
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
