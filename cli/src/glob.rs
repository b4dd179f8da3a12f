//! Globs over paths: `*` is any text within a part, a part `**` is any number of parts.

/// Whether `glob` matches the whole of `path`. Takes no longer than the product of their lengths.
pub fn matches(glob: &str, path: &str) -> bool {
    let globs: Vec<&str> = glob.split('/').collect();
    let parts: Vec<&str> = path.split('/').collect();
    matches_all(&globs, &parts, &"**", |glob, part| {
        matches_all(glob.as_bytes(), part.as_bytes(), &b'*', PartialEq::eq)
    })
}

/// Whether `globs` match the whole of `items` one by one, each `star` any run of them.
fn matches_all<T: PartialEq>(
    globs: &[T],
    items: &[T],
    star: &T,
    fits: impl Fn(&T, &T) -> bool,
) -> bool {
    let (mut glob, mut item) = (0, 0);
    // The last star, and the first item that it has not taken. An earlier star never has to take more: what follows it
    // has matched already, and the last one takes whatever comes.
    let mut last_star = None;
    while item < items.len() {
        match (globs.get(glob), last_star) {
            (Some(found), _) if found == star => {
                last_star = Some((glob, item));
                glob += 1;
            }
            (Some(found), _) if fits(found, &items[item]) => {
                glob += 1;
                item += 1;
            }
            (_, Some((star, first_left))) => {
                last_star = Some((star, first_left + 1));
                (glob, item) = (star + 1, first_left + 1);
            }
            (_, None) => return false,
        }
    }
    globs[glob..].iter().all(|left| left == star)
}
