//! A file system in memory whose power can be cut: contents, names and bits that were not synced may be lost, each by itself.
//! Nothing but a rename within one folder changes two names at once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::rc::Rc;

use tac_bootstrap::transaction::{Bits, Disk, Found};
use tac_bootstrap::tree::File;

#[derive(Clone)]
pub struct Model(Rc<RefCell<Inner>>);

#[derive(Clone)]
struct Inner {
    /// By number; the first is the root.
    nodes: Vec<Node>,
    /// Operations that may still change something.
    power: usize,
}

#[derive(Clone)]
enum Node {
    File {
        file: File,
        bits: Bits,
        is_synced: bool,
    },
    Folder(Folder),
}

#[derive(Clone)]
struct Folder {
    now: Contents,
    synced: Contents,
    /// What makes one of the other, in order.
    since: Vec<Edit>,
}

#[derive(Clone)]
struct Contents {
    bits: Bits,
    names: BTreeMap<String, usize>,
}

#[derive(Clone)]
enum Edit {
    Bits(Bits),
    /// Names that come and go in one stroke.
    Names(Vec<(String, Option<usize>)>),
}

/// What a power cut takes of that which was not synced.
#[derive(Debug, Clone, Copy)]
pub enum Lost {
    /// As if the process had been killed.
    Nothing,
    All,
    /// Some of it, by chance.
    Some(u64),
}

impl Contents {
    fn edit(&mut self, edit: &Edit) {
        match edit {
            Edit::Bits(bits) => self.bits = *bits,
            Edit::Names(names) => {
                for (name, node) in names {
                    match node {
                        Some(node) => self.names.insert(name.clone(), *node),
                        None => self.names.remove(name),
                    };
                }
            }
        }
    }
}

impl Folder {
    fn new(bits: Bits) -> Self {
        let empty = Contents {
            bits,
            names: BTreeMap::new(),
        };
        Self {
            now: empty.clone(),
            synced: empty,
            since: Vec::new(),
        }
    }

    fn edit(&mut self, edit: Edit) {
        self.now.edit(&edit);
        self.since.push(edit);
    }

    fn keep(&mut self, mut is_kept: impl FnMut() -> bool) {
        for edit in self.since.drain(..) {
            if is_kept() {
                self.synced.edit(&edit);
            }
        }
        self.now = self.synced.clone();
    }
}

impl Model {
    pub fn new() -> Self {
        let root = Node::Folder(Folder::new(Bits::new(0o755)));
        Self(Rc::new(RefCell::new(Inner {
            nodes: vec![root],
            power: usize::MAX,
        })))
    }

    /// Another one, of its own.
    pub fn copy(&self) -> Self {
        Self(Rc::new(RefCell::new(self.0.borrow().clone())))
    }

    /// The power goes after so many operations that change something.
    pub fn power_for(&self, operations: usize) {
        self.0.borrow_mut().power = operations;
    }

    /// Whether the power has not gone.
    pub fn has_power(&self) -> bool {
        self.0.borrow().power > 0
    }

    /// Starts it again after a power cut.
    pub fn start(&self, lost: Lost) {
        let mut inner = self.0.borrow_mut();
        inner.power = usize::MAX;
        let mut seed = if let Lost::Some(seed) = lost { seed } else { 0 };
        let mut is_kept = || match lost {
            Lost::Nothing => true,
            Lost::All => false,
            Lost::Some(_) => coin(&mut seed),
        };
        for node in &mut inner.nodes {
            match node {
                Node::Folder(folder) => folder.keep(&mut is_kept),
                Node::File {
                    file,
                    bits,
                    is_synced,
                } => {
                    if !*is_synced && !is_kept() {
                        (*file, *bits) = (File::text("torn"), Bits::new(0o600));
                    }
                    *is_synced = true;
                }
            }
        }
    }
}

/// Splitmix64, a bit of it.
fn coin(seed: &mut u64) -> bool {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed >> 63 == 1
}

impl Inner {
    fn use_power(&mut self) -> io::Result<()> {
        self.read()?;
        self.power -= 1;
        Ok(())
    }

    fn read(&self) -> io::Result<()> {
        if self.power == 0 {
            Err(io::Error::other("no power"))
        } else {
            Ok(())
        }
    }

    fn find(&self, path: &str) -> Option<usize> {
        let mut node = 0;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            node = match &self.nodes[node] {
                Node::Folder(folder) => *folder.now.names.get(name)?,
                Node::File {
                    file: File::Link { .. },
                    ..
                } => panic!("{path} goes through a link"),
                Node::File { .. } => return None,
            };
        }
        Some(node)
    }

    fn folder(&mut self, path: &str) -> io::Result<&mut Folder> {
        let node = self.find(path).ok_or(ErrorKind::NotFound)?;
        match &mut self.nodes[node] {
            Node::Folder(folder) => Ok(folder),
            Node::File { .. } => Err(ErrorKind::NotADirectory.into()),
        }
    }

    fn name(&mut self, path: &str, node: Option<usize>) -> io::Result<()> {
        let (above, name) = split(path);
        self.folder(above)?
            .edit(Edit::Names(vec![(name.to_owned(), node)]));
        Ok(())
    }

    fn create(&mut self, path: &str, node: Node) -> io::Result<()> {
        if self.find(path).is_some() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        self.nodes.push(node);
        self.name(path, Some(self.nodes.len() - 1))
    }

    /// Whether a file may be moved there, or a folder.
    fn is_free_for(&mut self, node: usize, path: &str) -> io::Result<()> {
        let is_folder = matches!(self.nodes[node], Node::Folder(_));
        match self.find(path).map(|there| &self.nodes[there]) {
            Some(Node::File { .. }) if is_folder => Err(ErrorKind::NotADirectory.into()),
            None | Some(Node::File { .. }) => Ok(()),
            Some(Node::Folder(_)) if !is_folder => Err(ErrorKind::IsADirectory.into()),
            Some(Node::Folder(_)) => Err(ErrorKind::DirectoryNotEmpty.into()),
        }
    }
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

impl Disk for Model {
    fn look(&self, path: &str) -> io::Result<Option<Found>> {
        let inner = self.0.borrow();
        inner.read()?;
        Ok(inner.find(path).map(|node| match &inner.nodes[node] {
            Node::File { file, bits, .. } => Found::File {
                file: file.clone(),
                bits: *bits,
            },
            Node::Folder(folder) => Found::Folder {
                bits: folder.now.bits,
            },
        }))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut inner = self.0.borrow_mut();
        inner.read()?;
        Ok(inner.folder(folder)?.now.names.keys().cloned().collect())
    }

    fn write(&self, path: &str, file: &File, bits: Option<Bits>) -> io::Result<()> {
        let mut inner = self.0.borrow_mut();
        inner.use_power()?;
        let (file, bits) = match file {
            File::Link { .. } => (file.clone(), Bits::new(0o777)),
            File::Regular { bytes, .. } => {
                let bits = bits.unwrap_or(Bits::new(0o644).fitting(file));
                let whole = File::Regular {
                    bytes: bytes.clone(),
                    executable: bits.executable(),
                };
                (whole, bits)
            }
        };
        let is_synced = matches!(file, File::Link { .. });
        inner.create(
            path,
            Node::File {
                file,
                bits,
                is_synced,
            },
        )
    }

    fn make_folder(&self, path: &str, bits: Option<Bits>) -> io::Result<()> {
        let mut inner = self.0.borrow_mut();
        inner.use_power()?;
        if inner.find(path).is_none() {
            inner.create(path, Node::Folder(Folder::new(Bits::new(0o755))))?;
        }
        if let Some(bits) = bits {
            inner.use_power()?;
            inner.folder(path)?.edit(Edit::Bits(bits));
        }
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut inner = self.0.borrow_mut();
        inner.use_power()?;
        let node = inner.find(from).ok_or(ErrorKind::NotFound)?;
        inner.is_free_for(node, to)?;
        let ((above, old), (other, new)) = (split(from), split(to));
        if above == other {
            let names = vec![(old.to_owned(), None), (new.to_owned(), Some(node))];
            inner.folder(above)?.edit(Edit::Names(names));
            return Ok(());
        }
        inner.name(to, Some(node))?;
        inner.name(from, None)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let mut inner = self.0.borrow_mut();
        inner.use_power()?;
        let node = inner.find(path).ok_or(ErrorKind::NotFound)?;
        match &inner.nodes[node] {
            Node::Folder(folder) if !folder.now.names.is_empty() => {
                Err(ErrorKind::DirectoryNotEmpty.into())
            }
            _ => inner.name(path, None),
        }
    }

    fn sync(&self, paths: &[&str]) -> io::Result<()> {
        for path in paths {
            let mut inner = self.0.borrow_mut();
            inner.use_power()?;
            let node = inner.find(path).ok_or(ErrorKind::NotFound)?;
            match &mut inner.nodes[node] {
                Node::File { is_synced, .. } => *is_synced = true,
                Node::Folder(folder) => folder.keep(|| true),
            }
        }
        Ok(())
    }
}
