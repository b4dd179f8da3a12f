//! Which of two media types a request would rather have: `Accept`, RFC 9110 §12.5.1.

use axum::http::{HeaderMap, header};

/// Whether the request wants `kind` more than `usual`; not if it wants both equally, or does not say.
pub fn prefers(headers: &HeaderMap, kind: &str, usual: &str) -> bool {
    let accepts = headers.get_all(header::ACCEPT).iter();
    let accepts: Vec<_> = accepts.filter_map(|it| it.to_str().ok()).collect();
    let accepts = accepts.join(",").to_ascii_lowercase();
    weight(&accepts, usual) < weight(&accepts, kind)
}

/// From 0 to 1: by the range that names the type, or else its `text/*`, or else `*/*`.
fn weight(accepts: &str, kind: &str) -> f32 {
    let family = kind.split_once('/').map_or(kind, |(family, _)| family);
    let ranges = [kind.to_owned(), format!("{family}/*"), "*/*".to_owned()];
    let of_range = |range: String| {
        let given = accepts.split(',').map(|it| it.split(';').map(str::trim));
        let mut given =
            given.filter_map(|mut parts| (parts.next() == Some(&range)).then_some(parts));
        let parameters = given.next()?;
        let mut weights = parameters.filter_map(|it| it.strip_prefix("q=")?.parse().ok());
        Some(weights.next().unwrap_or(1.0))
    };
    ranges.into_iter().find_map(of_range).unwrap_or_default()
}
