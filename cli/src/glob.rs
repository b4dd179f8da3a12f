//! Globs over paths: `*` is any text within a part, a part `**` is any number of parts.

/// Whether `glob` matches the whole of `path`.
pub fn matches(glob: &str, path: &str) -> bool {
    let globs: Vec<&str> = glob.split('/').collect();
    let parts: Vec<&str> = path.split('/').collect();
    matches_parts(&globs, &parts)
}

fn matches_parts(globs: &[&str], parts: &[&str]) -> bool {
    match globs {
        [] => parts.is_empty(),
        ["**", globs @ ..] => {
            (0..=parts.len()).any(|skipped| matches_parts(globs, &parts[skipped..]))
        }
        [glob, globs @ ..] => match parts {
            [part, parts @ ..] => matches_part(glob, part) && matches_parts(globs, parts),
            [] => false,
        },
    }
}

fn matches_part(glob: &str, part: &str) -> bool {
    let Some((head, rest)) = glob.split_once('*') else {
        return glob == part;
    };
    let Some(part) = part.strip_prefix(head) else {
        return false;
    };
    part.char_indices()
        .map(|(at, _)| at)
        .chain([part.len()])
        .any(|at| matches_part(rest, &part[at..]))
}
