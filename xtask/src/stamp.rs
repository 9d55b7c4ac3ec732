//! Stamps: a step whose inputs have not changed since it last succeeded need not run again.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// What a step's result was last made from. Kept beside the result, so that deleting that deletes this.
pub(crate) struct Stamp {
    file: PathBuf,
    digest: String,
}

impl Stamp {
    /// The stamp in `file` for a step that reads `inputs` (files, or directories with everything in them) and also
    /// depends on `settings`. A missing input counts as missing.
    pub(crate) fn new(file: PathBuf, inputs: &[PathBuf], settings: &str) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        settings.hash(&mut hasher);
        for input in inputs {
            hash_tree(input, &mut hasher)?;
        }
        Ok(Self { file, digest: format!("{:016x}", hasher.finish()) })
    }

    /// Whether the step last succeeded with just these inputs.
    pub(crate) fn is_fresh(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|digest| digest == self.digest)
    }

    /// Notes that the step succeeded.
    pub(crate) fn set(&self) -> Result<()> {
        if let Some(parent) = self.file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&self.file, &self.digest).with_context(|| format!("{} cannot be written", self.file.display()))
    }
}

fn hash_tree(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    path.hash(hasher);
    if path.is_dir() {
        let mut entries = fs::read_dir(path)
            .and_then(Iterator::collect::<std::io::Result<Vec<_>>>)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        entries.sort_by_key(fs::DirEntry::file_name);
        entries.iter().try_for_each(|entry| hash_tree(&entry.path(), hasher))
    } else if path.exists() {
        fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?.hash(hasher);
        Ok(())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory with one file in a subdirectory; removed when dropped.
    struct Tree(PathBuf);

    impl Tree {
        fn new(name: &str) -> Self {
            let root = std::env::temp_dir().join(format!("xtask-{}-{name}", std::process::id()));
            fs::create_dir_all(root.join("src/deep")).unwrap();
            fs::write(root.join("src/deep/a.css"), "body {}").unwrap();
            Self(root)
        }

        fn stamp(&self, settings: &str) -> Stamp {
            Stamp::new(self.0.join("made/stamp"), &[self.0.join("src"), self.0.join("missing")], settings).unwrap()
        }
    }

    impl Drop for Tree {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_step_is_fresh_once_it_has_succeeded_with_the_same_inputs() {
        let tree = Tree::new("fresh");
        assert!(!tree.stamp("").is_fresh());
        tree.stamp("").set().unwrap();
        assert!(tree.stamp("").is_fresh());
    }

    #[test]
    fn a_changed_file_deep_down_makes_a_step_stale() {
        let tree = Tree::new("changed");
        tree.stamp("").set().unwrap();
        fs::write(tree.0.join("src/deep/a.css"), "body { }").unwrap();
        assert!(!tree.stamp("").is_fresh());
    }

    #[test]
    fn a_renamed_file_makes_a_step_stale() {
        let tree = Tree::new("renamed");
        tree.stamp("").set().unwrap();
        fs::rename(tree.0.join("src/deep/a.css"), tree.0.join("src/deep/b.css")).unwrap();
        assert!(!tree.stamp("").is_fresh());
    }

    #[test]
    fn a_changed_setting_makes_a_step_stale() {
        let tree = Tree::new("setting");
        tree.stamp("release").set().unwrap();
        assert!(!tree.stamp("dev").is_fresh());
    }
}
