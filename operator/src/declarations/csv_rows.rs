//! Splits a CSV text (RFC 4180, and what spreadsheets make of it) into rows, so that no broken row takes another with
//! it: a quote that is never closed would otherwise swallow the rest of the file. The `csv` crate reads what a row
//! says, but does not tell where its cells are, which must be known to replace one of them and nothing else.

use std::ops::Range;

/// A row, the line that it begins on, and where its cells are.
pub(super) struct Row {
    pub(super) line: usize,
    pub(super) fields: Result<Vec<String>, Broken>,
    /// Where each cell is in the text, including its quotes; empty if a quote is open.
    pub(super) cells: Vec<Range<usize>>,
}

/// Why a row cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// A quote is opened and not closed.
    OpenQuote,
    /// The row begins with a byte order mark, as when one file was appended to another. The `csv` crate takes what
    /// follows for the opening quote of the cell; for us it is a character.
    Mark,
    /// Bytes that are not UTF-8.
    NotUtf8,
}

impl Broken {
    /// What is wrong with the row, and what to do.
    pub(super) const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::OpenQuote => {
                ("a quote is opened in this row but not closed", "close it, or double it to mean a quote")
            }
            Self::Mark => (
                "this row begins with a byte order mark (U+FEFF), as happens when two files are joined",
                "delete it; if your editor does not show it, delete the row and type it again",
            ),
            Self::NotUtf8 => ("this row is not UTF-8", "save the file as \"CSV UTF-8\""),
        }
    }
}

/// The rows of a text. Each ends at `\n`, `\r\n` or `\r`, except within quotes.
pub(super) struct Rows<'a> {
    text: &'a [u8],
    /// Where the next row begins.
    at: usize,
    line: usize,
    delimiter: u8,
    /// How many fields the header has, once it is known.
    columns: Option<usize>,
}

impl<'a> Rows<'a> {
    /// Begins with `text`, and finds out what separates its fields.
    pub(super) fn new(text: &'a [u8]) -> Self {
        let (at, line, delimiter) = match separator_line(text) {
            Some(delimiter) => (first_line(text), 2, delimiter),
            None => (0, 1, sniffed(text)),
        };
        Self { text, at, line, delimiter, columns: None }
    }

    /// What separates the fields.
    pub(super) const fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// From now on, a row that spans several lines must have this many fields; otherwise its quote is a mistake.
    pub(super) const fn expect_columns(&mut self, columns: usize) {
        self.columns = Some(columns);
    }

    /// Takes the first row of the rest, even a blank one.
    fn take(&mut self) -> Row {
        let (line, rest) = (self.line, &self.text[self.at..]);
        let is_whole =
            |extent: &Extent| extent.lines == 1 || self.columns.is_none_or(|columns| extent.cells.len() == columns);
        let Some(Extent { cells, bytes, lines }) = extent(rest, self.delimiter).filter(is_whole) else {
            self.at += first_line(rest);
            self.line += 1;
            return Row { line, fields: Err(Broken::OpenQuote), cells: Vec::new() };
        };
        let row = cells.last().map_or(rest, |last| &rest[..last.end]);
        let fields = fields(row, self.delimiter, cells.len());
        let cells = cells.into_iter().map(|cell| self.at + cell.start..self.at + cell.end).collect();
        self.at += bytes;
        self.line += lines;
        Row { line, fields, cells }
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        while self.at < self.text.len() {
            let row = self.take();
            let blank = |fields: &Vec<String>| fields.iter().all(|field| field.trim().is_empty());
            if !row.fields.as_ref().is_ok_and(blank) {
                return Some(row);
            }
        }
        None
    }
}

/// What separates the fields according to the line `sep=;`, which Excel puts first in some countries.
fn separator_line(text: &[u8]) -> Option<u8> {
    let line = text.split(|byte| matches!(byte, b'\n' | b'\r')).next()?;
    match line.strip_prefix(b"sep=")? {
        [delimiter, rest @ ..] if *delimiter != b'"' && rest.iter().all(|byte| [*delimiter, b' '].contains(byte)) => {
            Some(*delimiter)
        }
        _ => None,
    }
}

/// The separator that occurs most often in the first line; a comma if none does.
fn sniffed(text: &[u8]) -> u8 {
    let line = &text[..first_line(text)];
    let count = |delimiter: &u8| line.split(|byte| byte == delimiter).count();
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

/// The length of the first line in bytes, including its end.
fn first_line(text: &[u8]) -> usize {
    let end = text.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    end.map_or(text.len(), |at| at + line_end(&text[at..]))
}

/// The length in bytes of the line end that `text` begins with; 0 if there is none.
const fn line_end(text: &[u8]) -> usize {
    match text {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

/// The extent of the row that a text begins with.
struct Extent {
    cells: Vec<Range<usize>>,
    /// Including the end of its line.
    bytes: usize,
    lines: usize,
}

/// Where a scan is within a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Plain,
    Quoted,
    /// After a quote within quotes: either their end, or the first of a doubled quote.
    Closing,
}

/// The extent of the first row; `None` if a quote is not closed as it should be.
fn extent(text: &[u8], delimiter: u8) -> Option<Extent> {
    let (mut state, mut lines, mut at) = (State::Start, 0, 0);
    let (mut cells, mut cell) = (Vec::new(), 0);
    while let Some(byte) = text.get(at).copied() {
        let end = line_end(&text[at..]);
        if end > 0 {
            lines += 1;
            if state != State::Quoted {
                cells.push(cell..at);
                return Some(Extent { cells, bytes: at + end, lines });
            }
            at += end;
            continue;
        }
        // Text follows a quote that was closed on a later line, so another field's quote closed it.
        if state == State::Closing && lines > 0 && byte != delimiter && byte != b'"' {
            return None;
        }
        state = match (state, byte) {
            (State::Quoted, b'"') => State::Closing,
            (State::Start | State::Closing, b'"') | (State::Quoted, _) => State::Quoted,
            (_, byte) if byte == delimiter => State::Start,
            _ => State::Plain,
        };
        if state == State::Start {
            cells.push(cell..at);
            cell = at + 1;
        }
        at += 1;
    }
    if state == State::Quoted {
        return None;
    }
    cells.push(cell..at);
    Some(Extent { cells, bytes: at, lines: lines + 1 })
}

/// What the cells of a row say; there must be `count` of them.
fn fields(row: &[u8], delimiter: u8, count: usize) -> Result<Vec<String>, Broken> {
    if row.is_empty() {
        return Ok(vec![String::new()]);
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(row.len())
        .from_reader(row);
    let mut record = csv::ByteRecord::new();
    match reader.read_byte_record(&mut record) {
        // If the two do not read the same cells, the row is broken, so that nothing of it is lost.
        Ok(true) if record.len() == count => {
            let text = |field: &[u8]| String::from_utf8(field.to_vec()).map_err(|_| Broken::NotUtf8);
            record.iter().map(text).collect()
        }
        _ => Err(Broken::Mark),
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
    fn a_row_ends_at_whatever_ends_a_line_and_each_counts_as_one() {
        for text in ["a,b\r1,2\r\r3,4\r", "a,b\n1,2\r\r\n3,4", "sep=,\ra,b\r\n1,2\r3,4\n"] {
            let found = rows(text);
            let told: Vec<_> = found.iter().map(|(_, fields)| fields.clone().unwrap().concat()).collect();
            assert_eq!(told, ["ab", "12", "34"], "{text:?}");
            assert_eq!(found[2].0, 4, "{text:?}");
        }
        let found = rows("a,b\r\"one\rtwo\",\"x\"\r3,4\r");
        assert_eq!(found[1], (2, fields(&["one\rtwo", "x"])));
        assert_eq!(found[2], (4, fields(&["3", "4"])));
    }

    #[test]
    fn a_first_line_that_only_looks_like_that_of_a_separator_is_a_header() {
        for text in ["sep=\na,b\n", "sep=;name\na,b\n", "sep=\"\na,b\n"] {
            assert!(Rows::new(text.as_bytes()).next().unwrap().line == 1, "{text:?}");
        }
    }

    #[test]
    fn each_cell_is_known_by_where_it_stands() {
        let text = "sep=;\na;\"b\"\r\"1\n;\"\"\";\n";
        let cells = |row: Row| row.cells.into_iter().map(|cell| &text[cell]).collect::<Vec<_>>();
        let found: Vec<_> = Rows::new(text.as_bytes()).map(cells).collect();
        assert_eq!(found, [["a", "\"b\""], ["\"1\n;\"\"\"", ""]]);
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
        for broken in ["b,\"open\n", "\"b,open\n", "b,\"a\"\",open\n", "b,\"open\r\n", "b,\"open\r"] {
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
    fn a_mark_that_another_file_began_with_is_told_where_it_hides_what_the_quotes_are() {
        let found = rows("a,b\n\u{feff}\"1,2\",3\n\u{feff}4,5\n");
        assert_eq!(found[1], (2, Err(Broken::Mark)));
        assert_eq!(found[2], (3, fields(&["4", "5"])), "where it hides nothing it is passed over");
    }

    #[test]
    fn whatever_is_not_read_alike_begins_with_such_a_mark() {
        let pieces = ["a", "\"", ",", "\n", "\r", " ", "\u{feff}", "\0"];
        for number in 0..pieces.len().pow(4) {
            let text: String = (0..4).map(|at| pieces[number / pieces.len().pow(at) % pieces.len()]).collect();
            let Some(Extent { cells, .. }) = extent(text.as_bytes(), b',') else { continue };
            let row = &text[..cells.last().unwrap().end];
            if super::fields(row.as_bytes(), b',', cells.len()).is_err() {
                assert!(row.starts_with('\u{feff}'), "{row:?}");
            }
        }
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
