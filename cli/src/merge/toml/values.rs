//! A value that both sides changed, within its line.

use std::collections::BTreeSet;

use toml_edit::{InlineTable, Value};

use crate::merge::settled;

/// The text of ours with the changes of theirs, from the texts of the values; `None` if both changed the same. Inline
/// tables are merged by key.
pub fn merge(base: Option<&str>, ours: &str, theirs: &str) -> Option<String> {
    let table = |text: &str| {
        Some(InlineTable::from_iter([(
            "value",
            text.parse::<Value>().ok()?,
        )]))
    };
    let base = base.map_or_else(|| Some(InlineTable::new()), table)?;
    let mut merged = table(ours)?;
    change(&mut merged, &base, &table(theirs)?)?;
    Some(merged.get("value")?.to_string().trim().to_owned())
}

/// Makes in `ours` what changed from `base` to `theirs`; `None` if ours has changed the same.
fn change(ours: &mut InlineTable, base: &InlineTable, theirs: &InlineTable) -> Option<()> {
    let names: BTreeSet<&str> = base.iter().chain(theirs).map(|(name, _)| name).collect();
    for name in names {
        let [was, is, new] = [base, &*ours, theirs].map(|table| table.get(name).map(meaning));
        match settled(&was, &is, &new) {
            Some(same) if *same == is => {}
            Some(_) => put(ours, name, theirs.get(name)),
            None => change(
                ours.get_mut(name)?.as_inline_table_mut()?,
                base.get(name)?.as_inline_table()?,
                theirs.get(name)?.as_inline_table()?,
            )?,
        }
    }
    Some(())
}

fn put(table: &mut InlineTable, name: &str, value: Option<&Value>) {
    match (table.get_mut(name), value) {
        (Some(old), Some(new)) => {
            let decor = old.decor().clone();
            *old = new.clone();
            *old.decor_mut() = decor;
        }
        (None, Some(new)) => {
            table.insert(name, new.clone());
            table.fmt();
        }
        (_, None) => {
            table.remove(name);
            table.fmt();
        }
    }
}

/// The value without its format.
fn meaning(value: &Value) -> toml::Value {
    let text = value.to_string();
    text.trim()
        .parse()
        .expect("toml reads what toml_edit wrote")
}
