//! Rules for text: how long, which characters, one of a few words.

/// `text`, if it has from `least` to `most` code points.
pub fn between<T: AsRef<str>>(text: T, least: usize, most: usize) -> Result<T, String> {
    match text.as_ref().chars().take(most + 1).count() {
        length if length < least && least == 1 => Err("must not be empty".into()),
        length if length < least => Err(format!("must have at least {least} characters")),
        length if most < length => Err(format!("must have at most {most} characters")),
        _ => Ok(text),
    }
}

/// A text that people write: at most 10,000 code points.
pub fn long(text: String) -> Result<String, String> {
    between(text, 0, 10_000)
}

/// What programs print and models answer: at most 4,000,000 code points.
pub fn huge(text: String) -> Result<String, String> {
    between(text, 0, 4_000_000)
}

/// A word that may become an argument of a program: a letter or digit, then letters, digits and
/// `._:/-`. It can be no option, and no shell would read more into it.
pub fn argument<T: AsRef<str>>(text: T) -> Result<T, String> {
    word_of("._:/-", text)
}

/// The name of a model, which becomes an argument: such a word, with `@[]` too, as in
/// `claude-opus-4-8[1m]` and in `claude-sonnet-4@20250514`.
pub fn model<T: AsRef<str>>(text: T) -> Result<T, String> {
    word_of("._:/@[]-", text)
}

fn word_of<T: AsRef<str>>(others: &str, text: T) -> Result<T, String> {
    let text = between(text, 1, 255)?;
    let word = text.as_ref();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
    if !word.starts_with(|c: char| c.is_ascii_alphanumeric()) || !word.chars().all(is_plain) {
        return Err(format!(
            "must be made of letters, digits and `{others}`, and begin with one of the first two"
        ));
    }
    Ok(text)
}

/// An enum whose variants are words: in JSON, in queries, in the database.
macro_rules! choices {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$about:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        pub enum $name {
            $($(#[$about])* #[serde(rename = $word)] #[schema(rename = $word)] $variant),*
        }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),*
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(word: &str) -> Result<Self, String> {
                let found = Self::ALL.iter().find(|it| it.as_str() == word);
                found.copied().ok_or_else(|| concat!("must be one of", $(" ", $word),*).to_owned())
            }
        }

        impl crate::db::Bind for $name {
            fn value(&self) -> crate::db::Value<'_> {
                crate::db::Value::Text(self.as_str())
            }
        }

        impl crate::db::Column for $name {
            fn column(value: crate::db::Value<'_>) -> Option<Self> {
                match value {
                    crate::db::Value::Text(word) => word.parse().ok(),
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use choices;
