//! The sockets that the service listens on.

use std::io::ErrorKind;
use std::net::SocketAddr;

use tokio::net::TcpListener;

use crate::config::Host;
use crate::fault::{Fault, reason};

/// Binds every address of `host`, all with the same port. An address that this machine does not
/// have (`::1` without IPv6) is left out, as long as it is not the only one; one that somebody else
/// has is an error: they would get the requests of those who try it first.
pub async fn bind(host: Host, port: u16) -> Result<Vec<TcpListener>, Fault> {
    let mut listeners = Vec::new();
    let mut port = port;
    for ip in host.addresses() {
        let address = SocketAddr::new(ip, port);
        let bound = TcpListener::bind(address).await;
        let bound = bound.and_then(|listener| Ok((listener.local_addr()?.port(), listener)));
        match bound {
            Ok((chosen, listener)) => {
                port = chosen;
                listeners.push(listener);
            }
            Err(error) if !listeners.is_empty() && error.kind() != ErrorKind::AddrInUse => {
                tracing::info!(%address, %error, "this machine does not have the address; going on without");
            }
            Err(error) => return Err(cannot_listen(address, &error)),
        }
    }
    Ok(listeners)
}

fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> Fault {
    let (port, reason) = (address.port(), reason(error));
    let hint = match error.kind() {
        ErrorKind::AddrInUse => format!(
            "stop what listens there (`ss -ltnp sport = :{port}` names it), or choose another port with --port"
        ),
        ErrorKind::PermissionDenied => {
            "choose a port from 1024 on with --port; those below need privileges".into()
        }
        _ => "choose an address of this machine with --host".into(),
    };
    Fault::new(format!("cannot listen on {address}: {reason}"), hint)
}
