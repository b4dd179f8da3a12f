//! Whose request it is: `Host`, `Origin` and the fetch metadata of browsers.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::config::{Host, Settings};
use crate::{Error, Result};

/// The hosts and origins that the settings name. What a request says of itself adds nothing: with
/// DNS rebinding a foreign page's `Origin` and `Host` agree with each other.
pub struct Rules {
    /// Values of `Host`, with the port.
    hosts: Vec<String>,
    /// Names that may stand in `Host` with whatever port: a proxy in front has its own.
    names: Vec<String>,
    own_origins: Vec<String>,
    allowed_origins: Vec<String>,
    /// Whether pages of allowed origins may use the session cookie; without a token there is none.
    pub with_credentials: bool,
}

/// Who sent a request, as far as its browser tells. Pages cannot forge these headers; programs
/// can, but a program on this machine needs no such trick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// A page of this service.
    Own,
    /// A page of an origin in `CORS_ORIGINS`.
    Allowed(HeaderValue),
    /// No page: a program, an address that was typed, a link that was followed.
    Unknown,
}

impl Rules {
    pub fn new(settings: &Settings) -> Self {
        let mut addresses = vec!["127.0.0.1".into(), "localhost".into(), "[::1]".into()];
        if let Host::Address(address) = settings.host
            && !address.is_unspecified()
        {
            let is_v6 = address.is_ipv6();
            addresses.push(if is_v6 {
                format!("[{address}]")
            } else {
                address.to_string()
            });
        }
        let names = settings
            .allowed_hosts
            .iter()
            .map(|name| name.as_str().to_owned());
        let names: Vec<String> = names.collect();
        // Browsers leave the default port out of both headers.
        let with_port = |name: &String| match settings.port {
            80 => name.clone(),
            port => format!("{name}:{port}"),
        };
        let own = addresses.iter().chain(&names).map(with_port);
        let allowed = settings.cors_origins.iter();
        Self {
            own_origins: own.map(|host| format!("http://{host}")).collect(),
            hosts: addresses.iter().map(with_port).collect(),
            names,
            allowed_origins: allowed.map(|origin| origin.as_str().to_owned()).collect(),
            with_credentials: settings.token.is_some(),
        }
    }

    pub fn check(&self, request: &Request) -> Result<Sender> {
        self.check_host(request)?;
        self.sender(request)
    }

    fn check_host(&self, request: &Request) -> Result<()> {
        // A whole URL as the target is how one speaks to a proxy, and a second host to disagree with.
        let is_absolute = request.uri().authority().is_some();
        let host = single(request.headers(), header::HOST.as_str());
        match host {
            Ok(Some(host)) if !is_absolute && self.knows(host) => Ok(()),
            _ => Err(Error::Refused(
                StatusCode::MISDIRECTED_REQUEST,
                "the request must name this service in one `host` header; \
                 other names are listed in `allowed_hosts`"
                    .into(),
            )),
        }
    }

    fn knows(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        let name = match host.rsplit_once(':') {
            Some((name, port)) if is_port(port) => name,
            _ => &host,
        };
        self.hosts.contains(&host) || self.names.iter().any(|known| known == name)
    }

    fn sender(&self, request: &Request) -> Result<Sender> {
        let headers = request.headers();
        let origin = single(headers, header::ORIGIN.as_str())?;
        let site = single(headers, "sec-fetch-site")?;
        let is_in = |origins: &[String], origin| origins.iter().any(|known| known == origin);
        match (origin, site) {
            (Some(origin), _) if is_in(&self.own_origins, origin) => Ok(Sender::Own),
            (Some(origin), _) if is_in(&self.allowed_origins, origin) => {
                // Behind a proxy the service's own pages have the proxy's origin.
                if site == Some("same-origin") {
                    return Ok(Sender::Own);
                }
                let value = HeaderValue::from_str(origin).expect("it was a header");
                Ok(Sender::Allowed(value))
            }
            (None, Some("same-origin")) => Ok(Sender::Own),
            (None, None | Some("none")) => Ok(Sender::Unknown),
            // Links in mail and chat.
            (None, Some(_)) if is_navigation(request) => Ok(Sender::Unknown),
            _ => Err(forbidden(
                "the request comes from a web page whose origin is not in `cors_origins`",
            )),
        }
    }
}

/// Whether the answer becomes a page of its own in the browser, out of reach of the page that
/// asked for it.
fn is_navigation(request: &Request) -> bool {
    let is = |name, value| single(request.headers(), name).is_ok_and(|it| it == Some(value));
    request.method() == Method::GET
        && is("sec-fetch-mode", "navigate")
        && is("sec-fetch-dest", "document")
}

/// The header's value, if it stands there once; twice is an attempt to be read in two ways.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| unreadable(name)),
        _ => Err(unreadable(name)),
    }
}

fn unreadable(name: &str) -> Error {
    forbidden(&format!(
        "the header `{name}` stands there twice, or is not ASCII"
    ))
}

fn forbidden(detail: &str) -> Error {
    Error::Refused(StatusCode::FORBIDDEN, detail.into())
}
