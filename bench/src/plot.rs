//! The plot for the manual: processor time per request as a ratio to the floor, each with its spread, as SVG.

use std::fmt::Write as _;

use crate::contestant::Contestant;
use crate::figures::Compared;
use crate::work::Work;

const WIDTH: f64 = 760.0;
/// Where the bars begin.
const LEFT: f64 = 170.0;
/// Where the longest may end, leaving room for a figure.
const RIGHT: f64 = 640.0;
const LINE: f64 = 22.0;
const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#222}.title{font-weight:600}.figure{fill:#555}\
     .bar{fill:#9aa5b1}.own{fill:#1f6feb}.spread{stroke:#222;stroke-width:1}\
     @media(prefers-color-scheme:dark){text{fill:#eee}.figure{fill:#bbb}.spread{stroke:#eee}}";

/// The plot. The sign-in with its hash is left out: the hash is all that would be visible.
pub(crate) fn svg(compared: &[Compared]) -> String {
    let mut bars = String::new();
    let mut y = 10.0;
    for Compared { work, shown } in compared.iter().filter(|compared| compared.work != Work::SignInHashed) {
        y += LINE;
        let _ = writeln!(bars, r#"<text class="title" x="10" y="{y:.0}">{}</text>"#, work.title());
        let longest = shown.iter().map(|shown| shown.cpu_us.ratio.most).fold(1.0, f64::max);
        let x = |ratio: f64| LEFT + ratio / longest * (RIGHT - LEFT);
        for shown in shown {
            y += LINE;
            let ratio = shown.cpu_us.ratio;
            let is_own = matches!(shown.contestant, Contestant::OneContact | Contestant::OneContactUnhashed);
            let class = if is_own { "own" } else { "bar" };
            let (top, middle, end) = (y - 13.0, y - 5.0, x(ratio.median));
            let (least, most) = (x(ratio.least), x(ratio.most));
            let _ = writeln!(bars, r#"<text x="20" y="{y:.0}">{}</text>"#, shown.contestant.name());
            let width = end - LEFT;
            let _ = writeln!(bars, r#"<rect class="{class}" x="{LEFT}" y="{top:.0}" width="{width:.1}" height="16"/>"#);
            let _ = writeln!(
                bars,
                r#"<line class="spread" x1="{least:.1}" x2="{most:.1}" y1="{middle:.0}" y2="{middle:.0}"/>"#
            );
            let at = end.max(most) + 6.0;
            let figure = format!("{:.2}  ({:.0} µs)", ratio.median, shown.cpu_us.value.median);
            let _ = writeln!(bars, r#"<text class="figure" x="{at:.1}" y="{y:.0}">{figure}</text>"#);
        }
        y += LINE / 2.0;
    }
    let height = y + LINE;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\">\n\
         <title>Processor time per request, as a ratio to a constant answer in JavaScript</title>\n\
         <style>{STYLE}</style>\n{bars}</svg>\n"
    )
}
