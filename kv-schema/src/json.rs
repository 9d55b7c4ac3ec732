//! Reading JSON: parsed once into a tree, from which values are read.
//!
//! `serde_json` would parse the text anew inside the reader of each type, and that reader would take fields in any
//! order, which together were a sixth of the Worker. So it parses into [`Node`]s, in one piece of code for all types,
//! and a struct is handed its fields in its own order. In scope: that, and two rules of this project. A struct is an
//! object and nothing else (`serde_json` also accepts an array); errors name the field, and never repeat its content.

mod object;
mod parts;

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, Expected, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;

pub use object::Object;
use parts::{Choice, Elements, Fields, StructFields};

/// Reads a value.
///
/// # Errors
/// Of the category `Syntax` or `Eof` if the text is not JSON, with the place; of the category `Data` if it does not fit
/// the type, with the name of the field and nothing of its content.
pub fn from_str<'de, T: Deserialize<'de>>(text: &'de str) -> serde_json::Result<T> {
    let node: Node<'de> = serde_json::from_str(text)?;
    T::deserialize(node).map_err(Misfit::told)
}

/// Reads a value from a caller who is told what to correct.
///
/// # Errors
/// The name of the field that is missing or malformed; empty if it is the value itself, or the text is not JSON at all.
pub fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, &'static str> {
    let node: Node<'de> = serde_json::from_str(text).map_err(|_| "")?;
    T::deserialize(node).map_err(|Misfit(field)| field)
}

/// A piece of JSON.
#[derive(Debug)]
enum Node<'de> {
    /// A missing field: it reads as `None` where a type allows that.
    Missing,
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(Cow<'de, str>),
    List(Vec<Node<'de>>),
    Object(Vec<(Cow<'de, str>, Node<'de>)>),
}

/// The JSON does not fit the type, in the field of this name; empty if it is the value itself. Being `Copy`, it has
/// nothing to drop, which makes the Worker 9 kB smaller than a path of names would.
#[derive(Debug, Clone, Copy)]
struct Misfit(&'static str);

impl Misfit {
    const HERE: Self = Self("");

    /// The innermost name wins.
    fn within(self, field: &'static str) -> Self {
        if self.0.is_empty() { Self(field) } else { self }
    }

    /// Not generic, so that the Worker contains it once.
    fn told(self) -> serde_json::Error {
        serde_json::Error::custom(self)
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = if self.0.is_empty() { "the value" } else { self.0 };
        f.write_str(field)?;
        f.write_str(" is missing or of the wrong form")
    }
}

impl std::error::Error for Misfit {}

/// None of these formats what it is given: it may be content, which does not belong in a log.
impl serde::de::Error for Misfit {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::HERE
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::HERE
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::HERE
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self::HERE
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::HERE
    }
}

impl<'de> Deserialize<'de> for Node<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyNode)
    }
}

struct AnyNode;

impl<'de> Visitor<'de> for AnyNode {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(Node::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(Node::Signed(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node<'de>, E> {
        Ok(Node::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Borrowed(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(node) = seq.next_element()? {
            list.push(node);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = map.next_key_seed(Name)? {
            fields.push((name, map.next_value()?));
        }
        Ok(Node::Object(fields))
    }
}

/// Reads the name of a field.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(name.to_owned()))
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(name))
    }
}

/// Each method looks for what it is asked for, instead of leaving it to the visitor to refuse the rest.
macro_rules! only {
    ($($method:ident: $($pattern:pat => $visit:expr),+;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            match self {
                $($pattern => $visit(visitor),)+
                _ => Err(Misfit::HERE),
            }
        }
    )*};
}

macro_rules! numbers {
    ($($method:ident)*) => {
        only! {$(
            $method:
                Node::Unsigned(number) => |visitor: V| visitor.visit_u64(number),
                Node::Signed(number) => |visitor: V| visitor.visit_i64(number);
        )*}
    };
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Misfit;

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32
        deserialize_u64
    }

    only! {
        deserialize_bool: Node::Bool(value) => |visitor: V| visitor.visit_bool(value);
        deserialize_unit: Node::Null => |visitor: V| visitor.visit_unit();
        deserialize_str: Node::Text(text) => |visitor: V| visit_text(text, visitor);
        deserialize_string: Node::Text(text) => |visitor: V| visit_text(text, visitor);
        deserialize_char: Node::Text(text) => |visitor: V| visit_text(text, visitor);
        deserialize_identifier: Node::Text(text) => |visitor: V| visit_text(text, visitor);
        deserialize_seq: Node::List(nodes) => |visitor: V| visitor.visit_seq(Elements(nodes.into_iter()));
        deserialize_map: Node::Object(fields) => |visitor: V| visitor.visit_map(Fields::of(fields));
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self {
            Node::Missing => Err(Misfit::HERE),
            Node::Null => visitor.visit_unit(),
            Node::Bool(value) => visitor.visit_bool(value),
            Node::Unsigned(number) => visitor.visit_u64(number),
            Node::Signed(number) => visitor.visit_i64(number),
            Node::Float(number) => visitor.visit_f64(number),
            Node::Text(text) => visit_text(text, visitor),
            Node::List(nodes) => visitor.visit_seq(Elements(nodes.into_iter())),
            Node::Object(fields) => visitor.visit_map(Fields::of(fields)),
        }
    }

    forward_to_deserialize_any! { f32 f64 bytes byte_buf }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if matches!(self, Node::Null | Node::Missing) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let Node::Object(found) = self else { return Err(Misfit::HERE) };
        let mut struct_fields = StructFields::of(fields, found);
        visitor.visit_seq(&mut struct_fields).map_err(|misfit| struct_fields.named(misfit))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_enum(Choice::of(self)?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }
}

fn visit_text<'de, V: Visitor<'de>>(text: Cow<'de, str>, visitor: V) -> Result<V::Value, Misfit> {
    match text {
        Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
        Cow::Owned(text) => visitor.visit_string(text),
    }
}

#[cfg(test)]
mod tests;
