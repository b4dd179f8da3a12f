//! The settings that are names and addresses on the network.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::field::Text;

/// Where the service listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// 127.0.0.1 and, where the machine has it, `::1`: `localhost` may mean either.
    Localhost,
    Address(IpAddr),
}

impl Host {
    pub fn addresses(self) -> Vec<IpAddr> {
        match self {
            Self::Localhost => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
            Self::Address(address) => vec![address],
        }
    }

    /// Whether only this machine can connect.
    pub fn is_loopback(self) -> bool {
        self.addresses()
            .iter()
            .all(|address| address.to_canonical().is_loopback())
    }
}

impl Text for Host {
    const EXPECTED: &'static str = "an IP address or localhost";

    fn parse(text: &str) -> Option<Self> {
        if text == "localhost" {
            return Some(Self::Localhost);
        }
        let bare = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'));
        Some(Self::Address(bare.unwrap_or(text).parse().ok()?))
    }

    fn show(&self) -> String {
        match self {
            Self::Localhost => "localhost".to_owned(),
            Self::Address(address) => address.to_string(),
        }
    }
}

/// A browser origin exactly as a browser sends it (RFC 6454 §6.1), so that comparing bytes is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The two origins of a page that is served on this machine.
    pub fn of_localhost(port: impl fmt::Display) -> Vec<Self> {
        ["localhost", "127.0.0.1"]
            .map(|host| Self(format!("http://{host}:{port}")))
            .into()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Text for Origin {
    const EXPECTED: &'static str =
        "an origin such as http://localhost:3000 (lower case, no path, no default port)";

    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let scheme_is_valid = scheme.starts_with(|c: char| c.is_ascii_lowercase())
            && scheme
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.'));
        let host = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                let number: u16 = port.parse().ok()?;
                let default = matches!((scheme, number), ("http", 80) | ("https", 443));
                if default || number.to_string() != port {
                    return None;
                }
                host
            }
            _ => rest,
        };
        (scheme_is_valid && is_host(host)).then(|| Self(text.to_owned()))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// A name under which the service may be addressed, in lower case, without a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName(String);

impl HostName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Text for HostName {
    const EXPECTED: &'static str = "a host name such as box.example.org, without scheme or port";

    fn parse(text: &str) -> Option<Self> {
        let name = text.to_ascii_lowercase();
        is_host(&name).then_some(Self(name))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// A lower-case DNS name or IPv4 address, or an IPv6 address in brackets, in its canonical spelling.
fn is_host(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix('[') {
        let address = rest.strip_suffix(']').unwrap_or_default();
        return address
            .parse()
            .is_ok_and(|parsed: Ipv6Addr| parsed.to_string() == address);
    }
    let is_letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    text.split('.').all(|label| {
        let bytes = label.as_bytes();
        let ends = [bytes.first(), bytes.last()];
        ends.iter().all(|end| end.is_some_and(|b| is_letter(*b)))
            && bytes.iter().all(|b| is_letter(*b) || *b == b'-')
    })
}
