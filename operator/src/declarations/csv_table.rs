//! A CSV file as a whole, to be written back with another content and the same habits.

use super::csv_file::without_bom;
use super::csv_rows::{Row, Rows};

/// All rows, the header first, and how they were written.
pub(crate) struct CsvTable {
    pub(crate) rows: Vec<Vec<String>>,
    /// A mark of the encoding, and the line `sep=;`, if they were there.
    lead: String,
    delimiter: u8,
    crlf: bool,
}

impl CsvTable {
    /// Reads `text`; every row must be readable, because what cannot be read cannot be written back. Blank rows go.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let table = without_bom(text.as_bytes());
        let rows = Rows::new(table);
        let bom = text.len() - table.len();
        let separator_line = if table.starts_with(b"sep=") { text.find('\n').map(|at| at + 1) } else { None };
        let lead = text[..separator_line.unwrap_or(bom)].to_owned();
        let (delimiter, crlf) = (rows.delimiter(), text.contains("\r\n"));
        let readable = |row: Row| {
            row.fields.map_err(|broken| {
                let (what, fix) = broken.told();
                format!("line {}: {what}; {fix}", row.line)
            })
        };
        Ok(Self { rows: rows.map(readable).collect::<Result<_, _>>()?, lead, delimiter, crlf })
    }

    /// The text of the file.
    pub(crate) fn written(&self) -> Result<String, csv::Error> {
        let terminator = if self.crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new()
            .flexible(true)
            .delimiter(self.delimiter)
            .terminator(terminator)
            .from_writer(self.lead.clone().into_bytes());
        for row in &self.rows {
            writer.write_record(row)?;
        }
        let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_written_as_it_was_read() {
        for text in [
            "a,b\n1,\"2,3\"\n",
            "\u{FEFF}a;b\r\n1;\"x\r\ny\"\r\n",
            "sep=;\na;b\n1;2\n",
            "\u{FEFF}sep=;\r\na;b\r\n1;2\r\n",
        ] {
            assert_eq!(CsvTable::read(text).unwrap().written().unwrap(), text);
        }
    }

    #[test]
    fn a_broken_row_is_named_and_nothing_is_written() {
        assert_eq!(
            CsvTable::read("a,b\n1,\"2\n").err().unwrap(),
            "line 2: a quote is opened in this row and not closed; close it, or write it twice to mean a quote"
        );
    }
}
