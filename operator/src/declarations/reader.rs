//! Takes the fields of one declaration out of it, one after another, and reports every problem on the way: a wrong
//! field never hides the next.

use std::fmt::Display;
use std::ops::RangeInclusive;

use zeroize::Zeroizing;

use super::item::{Field, FieldValue, Item};
use super::place::{Place, Problems, Severity};

/// A value and its place.
#[derive(Debug, Clone)]
pub(super) struct Located<T> {
    pub(super) place: Place,
    pub(super) value: T,
}

/// Reads one declaration.
pub(super) struct Reader<'a> {
    item_place: Place,
    what: &'static str,
    known: &'static [&'static str],
    fields: Vec<Field>,
    severity: Severity,
    problems: &'a mut Problems,
    sound: bool,
}

impl<'a> Reader<'a> {
    /// Begins with `item`, all of whose problems have this `severity`.
    pub(super) fn new(item: Item, severity: Severity, problems: &'a mut Problems) -> Self {
        Self {
            what: item.kind.name(),
            known: item.kind.fields(),
            item_place: item.place,
            fields: item.fields,
            severity,
            problems,
            sound: !item.broken,
        }
    }

    /// Where the declaration begins.
    pub(super) fn place(&self) -> Place {
        self.item_place.clone()
    }

    /// Reports a problem with this declaration.
    pub(super) fn refuse(&mut self, place: &Place, what: impl Into<String>, fix: impl Into<String>) {
        self.sound = false;
        self.problems.add(self.severity, place, what, fix);
    }

    /// Warns of something about this declaration, which is applied all the same.
    pub(super) fn warn(&mut self, place: &Place, what: impl Into<String>, fix: impl Into<String>) {
        self.problems.add(Severity::Warning, place, what, fix);
    }

    /// Notes that a table of this declaration is wrong, which has been reported.
    pub(super) const fn spoil(&mut self) {
        self.sound = false;
    }

    /// Reports that a mandatory field is missing.
    pub(super) fn missing(&mut self, name: &str, fix: impl Into<String>) {
        let place = self.place();
        self.refuse(&place, format!("this {} has no `{name}`", self.what), fix);
    }

    /// Whether a field is there that has not been taken yet.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }

    /// Whether a field says nothing: it is absent, or an empty list. A field with a wrong value does say something, and
    /// only that value is reported.
    pub(super) fn lacks(&self, name: &str) -> bool {
        let field = self.fields.iter().find(|field| field.name == name);
        field.is_none_or(|field| matches!(&field.value, FieldValue::List(entries) if entries.is_empty()))
    }

    fn take(&mut self, name: &str) -> Option<Field> {
        let index = self.fields.iter().position(|field| field.name == name)?;
        Some(self.fields.remove(index))
    }

    fn wrong_type<T>(&mut self, field: &Field, wanted: &str) -> Option<T> {
        let what = format!("`{}` is {}", field.name, field.value.type_name());
        self.refuse(&field.place, what, format!("make it {wanted}"));
        None
    }

    /// A text, if the field is there.
    pub(super) fn text(&mut self, name: &str) -> Option<Located<Zeroizing<String>>> {
        let field = self.take(name)?;
        match field.value {
            FieldValue::Text(value) => Some(Located { place: field.place, value }),
            _ => self.wrong_type(&field, "text in quotes"),
        }
    }

    /// A text parsed by `parse`, if the field is there.
    pub(super) fn parsed<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Located<T>> {
        let Located { place, value } = self.text(name)?;
        match parse(value.trim()) {
            Ok(value) => Some(Located { place, value }),
            Err(error) => {
                self.refuse(&place, format!("`{name}` cannot be {:?}", value.as_str()), format!("{error}"));
                None
            }
        }
    }

    /// Like [`Self::parsed`], but reports a problem if the field is absent.
    pub(super) fn required<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Located<T>> {
        if !self.has(name) {
            self.missing(name, format!("add `{name}`"));
            return None;
        }
        self.parsed(name, parse)
    }

    /// `true` or `false`, if the field is there.
    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        let field = self.take(name)?;
        match field.value {
            FieldValue::Flag(value) => Some(value),
            _ => self.wrong_type(&field, "true or false, without quotes"),
        }
    }

    /// A whole number within bounds, if the field is there.
    pub(super) fn number(&mut self, name: &str, bounds: RangeInclusive<u32>) -> Option<u32> {
        let field = self.take(name)?;
        let FieldValue::Number(value) = field.value else {
            return self.wrong_type(&field, "a whole number");
        };
        if let Some(number) = u32::try_from(value).ok().filter(|number| bounds.contains(number)) {
            return Some(number);
        }
        let fix = format!("make it a number from {} to {}", bounds.start(), bounds.end());
        self.refuse(&field.place, format!("`{name}` cannot be {value}"), fix);
        None
    }

    /// A list of texts parsed by `parse`; empty if the field is absent.
    pub(super) fn list<T, E: Display>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, E>) -> Vec<Located<T>> {
        self.entries(name, false, parse)
    }

    /// As [`Self::list`], of what may be secrets by mistake: no problem repeats an entry.
    pub(super) fn unrepeated_list<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<Located<T>> {
        self.entries(name, true, parse)
    }

    fn entries<T, E: Display>(
        &mut self,
        name: &str,
        is_secret: bool,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<Located<T>> {
        let Some(field) = self.take(name) else { return Vec::new() };
        let FieldValue::List(entries) = field.value else {
            self.wrong_type::<()>(&field, "a list of quoted strings, in [ ]");
            return Vec::new();
        };
        entries.into_iter().filter_map(|entry| self.entry(name, entry, is_secret, &parse)).collect()
    }

    fn entry<T, E: Display>(
        &mut self,
        name: &str,
        entry: Field,
        is_secret: bool,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Located<T>> {
        let FieldValue::Text(text) = &entry.value else {
            let what = format!("an entry of `{name}` is {}", entry.value.type_name());
            self.refuse(&entry.place, what, "make it text in quotes");
            return None;
        };
        match parse(text.trim()) {
            Ok(value) => Some(Located { place: entry.place, value }),
            Err(error) => {
                let what = if is_secret { "this entry".to_owned() } else { format!("{:?}", text.as_str()) };
                self.refuse(&entry.place, format!("`{name}` cannot have {what}"), format!("{error}"));
                None
            }
        }
    }

    /// Enters a table with these fields, if the field is there.
    pub(super) fn table(&mut self, name: &'static str, known: &'static [&'static str]) -> Option<Reader<'_>> {
        let field = self.take(name)?;
        let FieldValue::Table(fields) = field.value else {
            return self.wrong_type(&field, "a table, in { }");
        };
        let (severity, item_place) = (self.severity, field.place);
        Some(Reader { item_place, what: name, known, fields, severity, problems: self.problems, sound: true })
    }

    /// Enters each table of a list, if the field is there, and returns what `read` makes of them.
    pub(super) fn tables<T>(
        &mut self,
        name: &'static str,
        known: &'static [&'static str],
        read: impl Fn(Reader<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(field) = self.take(name) else { return Vec::new() };
        let FieldValue::List(entries) = field.value else {
            self.wrong_type::<()>(&field, "a list of tables, in [{ }]");
            return Vec::new();
        };
        let mut found = Vec::new();
        for entry in entries {
            let FieldValue::Table(fields) = entry.value else {
                let what = format!("an entry of `{name}` is {}", entry.value.type_name());
                self.refuse(&entry.place, what, "make it a table, in { }");
                continue;
            };
            let (severity, item_place) = (self.severity, entry.place);
            let reader =
                Reader { item_place, what: name, known, fields, severity, problems: self.problems, sound: true };
            match read(reader) {
                Some(value) => found.push(value),
                None => self.sound = false,
            }
        }
        found
    }

    /// Reports the fields that are not known. Returns whether the declaration is sound.
    pub(super) fn finish(mut self) -> bool {
        for field in std::mem::take(&mut self.fields) {
            let article = if self.what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            let what = format!("`{}` is not a field of {article} {}", field.name, self.what);
            let fix = format!("its fields are {}", self.known.join(", "));
            self.refuse(&field.place, what, fix);
        }
        self.sound
    }
}
