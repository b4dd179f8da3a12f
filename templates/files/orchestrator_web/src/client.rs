//! Asks the service that runs with the same settings, for the subcommands that need it.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::config::Settings;
use crate::fault::{Fault, reason};

const PATIENCE: Duration = Duration::from_secs(3);

pub struct Reply {
    pub status: u16,
    pub body: String,
}

/// Sends a request without a body, with the token where there is one. `target` is a method and a
/// path: `GET /health`.
pub fn ask(settings: &Settings, target: &str) -> Result<Reply, Fault> {
    if settings.port == 0 {
        return Err(Fault::new(
            "port 0 stands for a free port, and does not say which one the service took",
            "name the port that the service printed: --port",
        ));
    }
    let address = address(settings);
    let silent = |reason: String| {
        Fault::new(
            format!("the service at http://{address} does not answer: {reason}"),
            "is it running, and with the same settings? `orchestrator_web config` shows those used here",
        )
    };
    let text = send(settings, address, target).map_err(|error| silent(reason(&error)))?;
    parse(&text).ok_or_else(|| silent("that is not HTTP".into()))
}

/// An address of the service that this machine can reach.
fn address(settings: &Settings) -> SocketAddr {
    let address = match settings.host.addresses()[0] {
        IpAddr::V4(any) if any.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(any) if any.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    };
    SocketAddr::new(address, settings.port)
}

/// The whole answer: the service closes the connection after it.
fn send(settings: &Settings, address: SocketAddr, target: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let authorization = settings.token.as_ref().map_or(String::new(), |token| {
        format!("Authorization: Bearer {}\r\n", token.expose())
    });
    let port = settings.port;
    let request = format!(
        "{target} HTTP/1.1\r\nHost: localhost:{port}\r\n{authorization}\
         Content-Type: application/json\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn parse(answer: &str) -> Option<Reply> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some(Reply {
        status: head.split(' ').nth(1)?.parse().ok()?,
        body: body.to_owned(),
    })
}
