//! A CSV file in which cells can be rewritten while every other byte stays as it is.

use std::ops::Range;

use super::csv_file::{is_utf_16, without_bom};
use super::csv_rows::{Row, Rows};
use crate::rewrite::{Edit, edited};

/// The readable rows of a file, the header first, and what is to be written into them.
pub(crate) struct CsvTable<'a> {
    /// The byte order mark, if there was one.
    lead: &'a [u8],
    text: &'a [u8],
    delimiter: u8,
    rows: Vec<(Vec<String>, Vec<Range<usize>>)>,
    edits: Vec<Edit>,
}

impl<'a> CsvTable<'a> {
    /// Reads `bytes`; `None` if there is no readable header. Unreadable rows are skipped.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        if is_utf_16(bytes) {
            return None;
        }
        let text = without_bom(bytes);
        let mut rows = Rows::new(text);
        let readable = |row: Row| Some((row.fields.ok()?, row.cells));
        let header = readable(rows.next()?)?;
        rows.expect_columns(header.0.len());
        let delimiter = rows.delimiter();
        let rows = std::iter::once(header).chain(rows.filter_map(readable)).collect();
        Some(Self { lead: &bytes[..bytes.len() - text.len()], text, delimiter, rows, edits: Vec::new() })
    }

    /// The headings.
    pub(crate) fn header(&self) -> &[String] {
        self.rows.first().map_or(&[], |(fields, _)| fields)
    }

    /// The fields of each row below the header, with the row's number, from 1.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (usize, &[String])> {
        self.rows.iter().enumerate().skip(1).map(|(number, (fields, _))| (number, fields.as_slice()))
    }

    /// Writes `text` into a cell, once; the header is row 0. A row that is too short is extended.
    pub(crate) fn set(&mut self, row: usize, column: usize, text: &str) {
        let Some((_, cells)) = self.rows.get(row) else { return };
        let written = self.written_cell(text);
        let edit = cells.get(column).map(|cell| (cell.clone(), written.clone())).or_else(|| {
            let end = cells.last()?.end;
            let mut more = vec![self.delimiter; column + 1 - cells.len()];
            more.extend(&written);
            Some((end..end, more))
        });
        self.edits.extend(edit);
    }

    /// A cell as it is written: quoted if it would otherwise be misread.
    fn written_cell(&self, text: &str) -> Vec<u8> {
        let is_special = |byte: u8| byte == self.delimiter || matches!(byte, b'"' | b'\n' | b'\r');
        if text.bytes().any(is_special) {
            return format!("\"{}\"", text.replace('"', "\"\"")).into_bytes();
        }
        text.as_bytes().to_vec()
    }

    /// The bytes of the file.
    pub(crate) fn written(self) -> Vec<u8> {
        [self.lead, &edited(self.text, self.edits)].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `text` with these cells written into it.
    fn with(text: &[u8], cells: &[(usize, usize, &str)]) -> Vec<u8> {
        let mut table = CsvTable::read(text).unwrap();
        for (row, column, text) in cells {
            table.set(*row, *column, text);
        }
        table.written()
    }

    #[test]
    fn a_cell_is_written_anew_and_every_other_byte_stays() {
        for (text, written) in [
            ("a,b\n1,\"2\"\n", "a,b\n1,\"x,y\"\n"),
            ("\u{FEFF}sep=;\r\na;\"b\"\r\n\r\n 1;2;\r", "\u{FEFF}sep=;\r\na;\"b\"\r\n\r\n 1;x,y;\r"),
            ("a\tb\r1\t", "a\tb\r1\tx,y"),
            ("a,b\n1\n\n", "a,b\n1,\"x,y\"\n\n"),
            ("a;b\n\"1\";\"2\n\"\"\"\r3;4", "a;b\n\"1\";x,y\r3;4"),
        ] {
            assert_eq!(String::from_utf8(with(text.as_bytes(), &[(1, 1, "x,y")])).unwrap(), written);
            assert_eq!(with(text.as_bytes(), &[]), text.as_bytes());
        }
    }

    #[test]
    fn a_row_is_made_longer_behind_the_cells_that_it_has() {
        assert_eq!(with(b"a,b\r\n1,2", &[(0, 2, "c"), (1, 2, "\""), (1, 1, "")]), b"a,b,c\r\n1,,\"\"\"\"");
        assert_eq!(with(b"a,b,c\n1\n", &[(1, 2, "x")]), b"a,b,c\n1,,x\n");
    }

    #[test]
    fn rows_that_cannot_be_read_are_none_and_stay() {
        let text = b"a,b\n1,\"2\n\xE9,3\n4,5\n";
        let table = CsvTable::read(text).unwrap();
        assert_eq!(table.rows().collect::<Vec<_>>(), [(1, &["4".to_owned(), "5".to_owned()][..])]);
        assert_eq!(with(text, &[(1, 1, "x")]), b"a,b\n1,\"2\n\xE9,3\n4,x\n");
        for unreadable in [&b"\xFF\xFEa\0"[..], b"a\0,\0b\0\n\0", b"\xE9,b\n1,2\n", b"\n"] {
            assert!(CsvTable::read(unreadable).is_none(), "{unreadable:?}");
        }
    }
}
