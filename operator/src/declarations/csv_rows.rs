//! Splits a CSV text (RFC 4180, and what spreadsheets make of it) into rows, so that no broken row takes another
//! with it: a quote that is never closed would otherwise swallow the rest of the file.

use std::borrow::Cow;

/// A row and the line that it begins on.
pub(super) struct Row {
    pub(super) line: usize,
    pub(super) fields: Result<Vec<String>, Broken>,
}

/// Why a row cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// A quote is opened and not closed.
    OpenQuote,
    /// Bytes that are not UTF-8.
    NotUtf8,
}

impl Broken {
    /// What is wrong with the row, and what to do.
    pub(super) const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::OpenQuote => {
                ("a quote is opened in this row and not closed", "close it, or write it twice to mean a quote")
            }
            Self::NotUtf8 => ("this row is not UTF-8", "save the file as \"CSV UTF-8\""),
        }
    }
}

/// The rows of a text.
pub(super) struct Rows<'a> {
    rest: &'a [u8],
    line: usize,
    delimiter: u8,
    /// How many fields the header has, once it is known.
    columns: Option<usize>,
}

impl<'a> Rows<'a> {
    /// Begins with `text`, and finds out what separates its fields.
    pub(super) fn new(text: &'a [u8]) -> Self {
        let (rest, line, delimiter) = match separator_line(text) {
            Some((delimiter, rest)) => (rest, 2, delimiter),
            None => (text, 1, sniffed(text)),
        };
        Self { rest, line, delimiter, columns: None }
    }

    /// What separates the fields.
    pub(super) const fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// From now on a row that goes over several lines must have this many fields; if not, its quote is a mistake.
    pub(super) const fn expect_columns(&mut self, columns: usize) {
        self.columns = Some(columns);
    }

    fn advance(&mut self, bytes: usize, lines: usize) -> &'a [u8] {
        let (row, rest) = self.rest.split_at(bytes.min(self.rest.len()));
        self.rest = rest;
        self.line += lines;
        row
    }

    /// The row at the beginning of the rest.
    fn take(&mut self) -> Result<Vec<String>, Broken> {
        let first_line = first_line(self.rest);
        let Some(Extent { bytes, lines }) = extent(self.rest, self.delimiter) else {
            self.advance(first_line, 1);
            return Err(Broken::OpenQuote);
        };
        let fields = split(&self.rest[..bytes], self.delimiter);
        let wrong = |fields: &[Cow<'_, [u8]>]| self.columns.is_some_and(|columns| fields.len() != columns);
        if lines > 1 && wrong(&fields) {
            self.advance(first_line, 1);
            return Err(Broken::OpenQuote);
        }
        self.advance(bytes, lines);
        let text = |field: Cow<'_, [u8]>| String::from_utf8(field.into_owned()).map_err(|_| Broken::NotUtf8);
        fields.into_iter().map(text).collect()
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        while !self.rest.is_empty() {
            let line = self.line;
            let fields = self.take();
            let blank = |fields: &Vec<String>| fields.iter().all(|field| field.trim().is_empty());
            if !fields.as_ref().is_ok_and(blank) {
                return Some(Row { line, fields });
            }
        }
        None
    }
}

/// The line `sep=;` that Excel puts first in some countries.
fn separator_line(text: &[u8]) -> Option<(u8, &[u8])> {
    let rest = text.strip_prefix(b"sep=")?;
    let (delimiter, rest) = rest.split_first()?;
    Some((*delimiter, &rest[first_line(rest)..]))
}

/// The separator that stands most often in the first line; a comma where none does.
fn sniffed(text: &[u8]) -> u8 {
    let line = &text[..first_line(text)];
    let count = |delimiter: &u8| line.split(|byte| byte == delimiter).count();
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

/// Bytes of the first line, with its end.
fn first_line(text: &[u8]) -> usize {
    text.iter().position(|byte| *byte == b'\n').map_or(text.len(), |at| at + 1)
}

struct Extent {
    bytes: usize,
    lines: usize,
}

/// Where a scan stands in a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Plain,
    Quoted,
    /// After a quote within quotes: the end of them, or the first of a doubled one.
    Closing,
}

/// How far the first row goes; `None` where a quote is not closed as it should be.
fn extent(text: &[u8], delimiter: u8) -> Option<Extent> {
    let (mut state, mut lines) = (State::Start, 0);
    for (index, byte) in text.iter().enumerate() {
        if *byte == b'\n' {
            lines += 1;
            if state != State::Quoted {
                return Some(Extent { bytes: index + 1, lines });
            }
        }
        // More text after a quote that was closed on a later line: it was another field's quote that closed it.
        let ends = *byte == delimiter || matches!(byte, b'"' | b'\r');
        if state == State::Closing && lines > 0 && !ends {
            return None;
        }
        state = match (state, *byte) {
            (State::Quoted, b'"') => State::Closing,
            (State::Start | State::Closing, b'"') | (State::Quoted, _) => State::Quoted,
            (_, byte) if byte == delimiter => State::Start,
            _ => State::Plain,
        };
    }
    if state == State::Quoted { None } else { Some(Extent { bytes: text.len(), lines: lines + 1 }) }
}

/// The fields of one row.
fn split(row: &[u8], delimiter: u8) -> Vec<Cow<'_, [u8]>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(row.len().max(1))
        .from_reader(row);
    let mut record = csv::ByteRecord::new();
    match reader.read_byte_record(&mut record) {
        Ok(true) => record.iter().map(|field| Cow::Owned(field.to_vec())).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(usize, Result<Vec<String>, Broken>)> {
        let mut rows = Rows::new(text.as_bytes());
        let header = rows.next().unwrap();
        rows.expect_columns(header.fields.as_ref().unwrap().len());
        std::iter::once(header).chain(rows).map(|row| (row.line, row.fields)).collect()
    }

    #[expect(clippy::unnecessary_wraps, reason = "it stands beside rows that could not be read")]
    fn fields(texts: &[&str]) -> Result<Vec<String>, Broken> {
        Ok(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn commas_semicolons_and_tabs_separate() {
        for text in ["a,b\n1,2\n", "a;b\n1;2\n", "a\tb\n1\t2\n", "sep=;\na;b\n1;2"] {
            let found = rows(text);
            assert_eq!(found[0].1, fields(&["a", "b"]), "{text:?}");
            assert_eq!(found[1].1, fields(&["1", "2"]), "{text:?}");
        }
    }

    #[test]
    fn a_quoted_line_break_belongs_to_its_field_and_counts_as_a_line() {
        let found = rows("a,b\r\n\"one\r\ntwo\",\"say \"\"hi\"\"\"\r\n3,4\r\n");
        assert_eq!(found[1], (2, fields(&["one\r\ntwo", "say \"hi\""])));
        assert_eq!(found[2], (4, fields(&["3", "4"])));
    }

    #[test]
    fn blank_lines_and_empty_rows_are_passed_over_but_counted() {
        let found = rows("a,b\n\n,,\n  ,\n1,2\n");
        assert_eq!(found[1], (5, fields(&["1", "2"])));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn an_open_quote_loses_its_own_row_and_no_other() {
        let many = (0..100).map(|n| format!("{n},\"x{n}\"\n")).collect::<Vec<_>>().concat();
        for broken in ["b,\"open\n", "\"b,open\n", "b,\"a\"\",open\n", "b,\"open\r\n"] {
            let found = rows(&format!("a,b\n1,2\n{broken}{many}"));
            assert_eq!(found[2], (3, Err(Broken::OpenQuote)), "{broken:?}");
            assert_eq!(found.len(), 3 + 100, "{broken:?}");
            assert_eq!(found[102].1, fields(&["99", "x99"]));
        }
    }

    #[test]
    fn a_row_over_several_lines_with_the_wrong_number_of_fields_is_taken_line_by_line() {
        let found = rows("a,b\n1,\"open\n\",2,3\n4,5\n");
        assert_eq!(found[1], (2, Err(Broken::OpenQuote)));
        assert_eq!(found[2], (3, Err(Broken::OpenQuote)));
        assert_eq!(found[3], (4, fields(&["4", "5"])));
    }

    #[test]
    fn an_open_quote_at_the_end_of_the_file_is_one_broken_row() {
        assert_eq!(rows("a,b\n1,\"2").pop().unwrap(), (2, Err(Broken::OpenQuote)));
    }

    #[test]
    fn a_quote_within_a_field_is_a_character() {
        let found = rows("a,b\n1,5\" nail\n2,6\"\"\n3,x\n");
        assert_eq!(found[1], (2, fields(&["1", "5\" nail"])));
        assert_eq!(found[2], (3, fields(&["2", "6\"\""])));
        assert_eq!(found[3], (4, fields(&["3", "x"])));
    }
}
