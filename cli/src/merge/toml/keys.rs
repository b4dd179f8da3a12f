//! The merge of two files' entries. Order and format are ours; what only theirs has is sorted in where both are sorted,
//! else comes after what it follows there.

use std::collections::BTreeMap;

use super::entries::{Document, Name};
use super::entry::{self, Versions};
use crate::merge::lines::Lines;
use crate::merge::text::Piece;

/// `None` where the two are too different to tell what belongs where.
pub fn merge<'a>(lines: &Lines<'a>) -> Option<Vec<Piece<'a>>> {
    let base = Document::parse(&lines.base)?;
    let ours = Document::parse(&lines.ours)?;
    let theirs = Document::parse(&lines.theirs)?;
    let mut entries: BTreeMap<&Name, Versions> = BTreeMap::new();
    for (version, document) in [&base, &ours, &theirs].into_iter().enumerate() {
        for entry in document.sections.iter().flatten() {
            entries.entry(&entry.name).or_default()[version] = Some(entry);
        }
    }
    let mut layout = Layout::of(&ours, &entries)?;
    layout.add(&theirs, &entries)?;
    let mut pieces: Vec<_> = layout.slots.into_iter().flatten().flatten().collect();
    pieces.extend(entry::comments(base.end, ours.end, theirs.end));
    Some(pieces)
}

/// Where what comes of the entries stands.
#[derive(Default)]
struct Layout<'d, 'a> {
    /// What comes of each entry of ours, with what is added after it; nothing for one that is gone.
    slots: Vec<Option<Vec<Piece<'a>>>>,
    /// The entry of each slot.
    names: Vec<&'d Name>,
    /// The slot of each entry, and the last slot of its section.
    places: BTreeMap<&'d Name, (usize, usize)>,
}

impl<'d, 'a> Layout<'d, 'a> {
    fn of(ours: &'d Document, entries: &BTreeMap<&Name, Versions<'_, '_, 'a>>) -> Option<Self> {
        let mut layout = Self::default();
        for section in &ours.sections {
            let header = layout.slots.len();
            let end = header + section.len() - 1;
            for entry in section {
                layout.places.insert(&entry.name, (layout.slots.len(), end));
                layout.names.push(&entry.name);
                layout.slots.push(entry::merge(&entries[&entry.name]));
            }
            // Without its header a key would belong to the section before.
            if layout.slots[header].is_none() && layout.slots[header..].iter().any(Option::is_some)
            {
                return None;
            }
        }
        Some(layout)
    }

    /// Adds what only theirs has.
    fn add(
        &mut self,
        theirs: &Document,
        entries: &BTreeMap<&Name, Versions<'_, '_, 'a>>,
    ) -> Option<()> {
        let mut section_before = 0;
        for section in &theirs.sections {
            let (header, keys) = section.split_first()?;
            let mut has_header = true;
            let (mut place, end) = if let Some(found) = self.places.get(&header.name) {
                *found
            } else {
                let added = entry::merge(&entries[&header.name]);
                has_header = added.is_some();
                self.put(section_before, added);
                (section_before, section_before)
            };
            let start = place;
            let own = self.names[start..=end][1..].to_vec();
            let is_sorted = own.is_sorted() && keys.iter().map(|key| &key.name).is_sorted();
            for key in keys {
                match self.places.get(&key.name) {
                    Some((slot, _)) if (place..=end).contains(slot) => place = *slot,
                    // It stands elsewhere in ours.
                    Some(_) => {}
                    None => {
                        let added = entry::merge(&entries[&key.name]);
                        if added.is_some() && !has_header {
                            return None;
                        }
                        if is_sorted {
                            place = start + own.partition_point(|name| **name < key.name);
                        }
                        self.put(place, added);
                    }
                }
            }
            section_before = end;
        }
        Some(())
    }

    fn put(&mut self, slot: usize, added: Option<Vec<Piece<'a>>>) {
        let pieces = self.slots[slot].get_or_insert_default();
        pieces.extend(added.into_iter().flatten());
    }
}
