use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::support::Service;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/dashboard"))
}

#[test]
fn scripts_of_others_are_what_their_list_says() {
    let list = std::fs::read_to_string(folder().join("VENDORED.md")).unwrap();
    let rows = list.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut checked = 0;
    for row in rows {
        let name = row.split('`').next().unwrap();
        let bytes = std::fs::read(folder().join(name)).unwrap();
        let mut digest = String::new();
        for byte in Sha256::digest(bytes) {
            write!(digest, "{byte:02x}").unwrap();
        }
        assert!(row.contains(&format!("`{digest}`")), "{name} has {digest}");
        checked += 1;
    }
    assert_eq!(checked, 2);
}

#[tokio::test]
async fn what_a_page_loads_is_kept_until_it_changes() {
    let service = Service::start();
    let page = service.visit("/").await;
    let links = page.values("href").into_iter().chain(page.values("src"));
    let assets: Vec<_> = links.filter(|it| it.starts_with("/assets/")).collect();
    assert_eq!(assets.len(), 5, "{assets:?}");
    for path in assets {
        let asset = service.visit(&path).await;
        assert_eq!(asset.status, 200, "{path}");
        assert!(
            asset.header("cache-control").contains("immutable"),
            "{path}"
        );
        let (plain, _) = path.split_once('?').unwrap();
        for other in [plain.to_owned(), format!("{plain}?v=old")] {
            let asset = service.visit(&other).await;
            assert_eq!(asset.header("cache-control"), "no-cache", "{other}");
        }
    }
    assert_eq!(service.visit("/assets/secret").await.status, 404);
}

#[tokio::test]
async fn pages_are_sent_small_to_who_can_read_them_so() {
    let service = Service::start();
    let request = |encoding: &str| {
        let request = axum::http::Request::get("/")
            .header("host", "localhost:8000")
            .header("accept", "text/html")
            .header("accept-encoding", encoding);
        request.body(axum::body::Body::empty()).unwrap()
    };
    let packed = service.seen(request("br, gzip")).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    let vary = packed.headers.get_all("vary");
    assert!(vary.iter().any(|it| it == "accept-encoding"), "{vary:?}");
    let plain = service.seen(request("br")).await;
    assert_eq!(plain.header("content-encoding"), "");
    assert!(packed.length < plain.length / 2);
}
