//! `orchestrator_web health`: asks the running service how it is, as the health check of a container does.

use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::config::Settings;
use crate::fault::{Fault, reason};

const PATIENCE: Duration = Duration::from_secs(3);

/// Succeeds if `GET /health` answers 200 in time.
pub fn check(settings: &Settings) -> Result<(), Fault> {
    if settings.port == 0 {
        return Err(Fault::new(
            "port 0 stands for a free port, and does not say which one the service took",
            "name the port that the service printed: --port",
        ));
    }
    let address = address(settings);
    let status = ask(settings, address).map_err(|error| {
        Fault::new(
            format!("the service at http://{address} does not answer: {}", reason(&error)),
            "is it running, and with the same settings? `orchestrator_web config` shows those used here",
        )
    })?;
    if status.split(' ').nth(1) == Some("200") {
        return Ok(());
    }
    Err(Fault::new(
        format!(
            "the service at http://{address} is not well: {}",
            status.trim_end()
        ),
        "its log, and the body that GET /health answers, say why",
    ))
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

/// The status line of the answer.
fn ask(settings: &Settings, address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let authorization = settings.token.as_ref().map_or(String::new(), |token| {
        format!("Authorization: Bearer {}\r\n", token.expose())
    });
    let request = format!(
        "GET /health HTTP/1.1\r\nHost: localhost:{}\r\n{authorization}Connection: close\r\n\r\n",
        settings.port
    );
    stream.write_all(request.as_bytes())?;
    let mut status = String::new();
    BufReader::new(stream).read_line(&mut status)?;
    Ok(status)
}
