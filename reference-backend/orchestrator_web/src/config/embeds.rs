//! `[dashboard.embeds]`: other tools that have a place in the navigation.

use toml::de::DeTable;

use super::file::File;
use super::named::{Keys, is_name};
use crate::dashboard::embeds::{Address, Embed, Show, Title};
use crate::fault::Fault;

/// What `[dashboard.embeds.NAME]` gives.
#[derive(Default)]
struct Given {
    title: Option<Title>,
    url: Option<Address>,
    show: Show,
}

const KEYS: &Keys<Given> = &[
    ("title", |it| &mut it.title),
    ("url", |it| &mut it.url),
    ("show", |it| &mut it.show),
];

impl File {
    pub(super) fn take_embeds(&mut self, text: &str, embeds: &DeTable) -> Result<(), Fault> {
        for (name, value) in embeds {
            let place = self.place(text, name.span().start);
            let name = name.get_ref().as_ref();
            let subject = format!("dashboard.embeds.{name}");
            let Some(table) = value.get_ref().as_table().filter(|_| is_name(name)) else {
                return Err(Fault::new(
                    format!("{place}: {subject} is not a table with a valid name"),
                    "write [dashboard.embeds.name], the name in lower case: letters, digits, _ and -",
                ));
            };
            let mut given = Given::default();
            self.fill(text, &subject, table, (KEYS, &[]), &mut given)?;
            let Some(url) = given.url else {
                return Err(Fault::new(
                    format!("{place}: {subject} has no url"),
                    "give the address of the tool, such as url = \"http://localhost:5000/\"",
                ));
            };
            if given.show == Show::Frame && url.is_numbered() {
                return Err(Fault::new(
                    format!(
                        "{place}: {subject} has an IPv6 address, of which no frame can be allowed"
                    ),
                    "give the name of the host in url, or write show = \"link\"",
                ));
            }
            let embed = Embed {
                title: given.title.map_or_else(|| name.to_owned(), |title| title.0),
                url,
                show: given.show,
            };
            self.embeds.insert(name.to_owned(), embed);
        }
        Ok(())
    }
}
