//! What a piece of JSON hands to the reader of a type: elements, fields, a variant.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::{Misfit, Node};

/// The name of a field or of a variant.
struct Identifier<'n>(&'n str);

impl<'de> Deserializer<'de> for Identifier<'_> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_str(self.0)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq
        tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The elements of a list.
pub(super) struct Elements<'de>(pub(super) std::vec::IntoIter<Node<'de>>);

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = Misfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Misfit> {
        self.0.next().map(|node| seed.deserialize(node)).transpose()
    }
}

/// The fields of a struct, in its own order.
pub(super) struct StructFields<'de> {
    names: std::slice::Iter<'static, &'static str>,
    found: Vec<(Cow<'de, str>, Node<'de>)>,
    /// The present field's name, if the field is missing.
    missing: Option<&'static str>,
}

/// Not generic, so that the Worker contains it once.
impl<'de> StructFields<'de> {
    pub(super) fn of(names: &'static [&'static str], found: Vec<(Cow<'de, str>, Node<'de>)>) -> Self {
        Self { names: names.iter(), found, missing: None }
    }

    /// The next field, with its name. It may occur once: of two, nobody knows which is meant.
    fn next(&mut self) -> Result<Option<(&'static str, Node<'de>)>, Misfit> {
        let Some(name) = self.names.next().copied() else { return Ok(None) };
        let mut same = self.found.iter_mut().filter(|(found, _)| found == name);
        let node = same.next().map_or(Node::Missing, |(_, node)| std::mem::replace(node, Node::Missing));
        if same.next().is_some() {
            return Err(Misfit(name));
        }
        self.missing = matches!(node, Node::Missing).then_some(name);
        Ok(Some((name, node)))
    }

    /// Handles a field that does not fit. If it is missing, the struct has a default for it or refuses to do without.
    fn misfits(&self, name: &'static str, misfit: Misfit) -> Result<(), Misfit> {
        if self.missing.is_some() { Ok(()) } else { Err(misfit.within(name)) }
    }

    /// Names the missing field: the reader of a struct knows its fields only by number.
    pub(super) fn named(&self, misfit: Misfit) -> Misfit {
        match self.missing {
            Some(name) if misfit.0.is_empty() => misfit.within(name),
            _ => misfit,
        }
    }
}

impl<'de> SeqAccess<'de> for StructFields<'de> {
    type Error = Misfit;

    /// `None` for a missing field.
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Misfit> {
        let Some((name, node)) = self.next()? else { return Ok(None) };
        match seed.deserialize(node) {
            Ok(value) => Ok(Some(value)),
            Err(misfit) => self.misfits(name, misfit).map(|()| None),
        }
    }
}

/// The fields of an object that is not a struct.
pub(super) struct Fields<'de> {
    rest: std::vec::IntoIter<(Cow<'de, str>, Node<'de>)>,
    /// The value under the name that has been read.
    value: Node<'de>,
}

impl<'de> Fields<'de> {
    pub(super) fn of(fields: Vec<(Cow<'de, str>, Node<'de>)>) -> Self {
        Self { rest: fields.into_iter(), value: Node::Missing }
    }
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        self.value = value;
        seed.deserialize(Identifier(&name)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Misfit> {
        seed.deserialize(std::mem::replace(&mut self.value, Node::Missing))
    }
}

/// A variant of an enum: its name alone, or with what it holds.
pub(super) struct Choice<'de> {
    name: Cow<'de, str>,
    held: Option<Node<'de>>,
}

impl<'de> Choice<'de> {
    pub(super) fn of(node: Node<'de>) -> Result<Self, Misfit> {
        match node {
            Node::Text(name) => Ok(Self { name, held: None }),
            Node::Object(mut fields) if fields.len() == 1 => {
                fields.pop().map(|(name, node)| Self { name, held: Some(node) }).ok_or(Misfit::HERE)
            }
            _ => Err(Misfit::HERE),
        }
    }
}

impl<'de> EnumAccess<'de> for Choice<'de> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Misfit> {
        Ok((seed.deserialize(Identifier(&self.name))?, self))
    }
}

impl<'de> VariantAccess<'de> for Choice<'de> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        if matches!(self.held, None | Some(Node::Null)) { Ok(()) } else { Err(Misfit::HERE) }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Misfit> {
        seed.deserialize(self.held.unwrap_or(Node::Null))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.held.unwrap_or(Node::Null).deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Misfit> {
        self.held.unwrap_or(Node::Null).deserialize_struct("", fields, visitor)
    }
}
