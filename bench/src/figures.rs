//! From slices to figures: medians, and ratios to the floor with their spread.
//!
//! A ratio is taken within a round, in which both sides had the same machine; the figure is the median over the rounds.

use std::time::Duration;

use serde::Serialize;

use crate::contestant::Contestant;
use crate::load::Slice;
use crate::work::Work;

/// A median, and how far apart the rounds are.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Spread {
    /// The spread of one value per round; there is at least one round.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_unstable_by(f64::total_cmp);
        let middle = values.len() / 2;
        let median = if values.len().is_multiple_of(2) {
            f64::midpoint(values[middle - 1], values[middle])
        } else {
            values[middle]
        };
        Self { median, least: values[0], most: values[values.len() - 1] }
    }
}

/// A figure, and its ratio to the floor's.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Figure {
    pub(crate) value: Spread,
    pub(crate) ratio: Spread,
}

impl Figure {
    fn of(own: &[Slice], floor: &[Slice], value: impl Fn(&Slice) -> f64) -> Self {
        let ratios = own.iter().zip(floor).map(|(own, floor)| value(own) / value(floor));
        Self { ratio: Spread::of(ratios), value: Spread::of(own.iter().map(&value)) }
    }
}

/// How one contestant did at one work.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Shown {
    pub(crate) contestant: Contestant,
    pub(crate) requests_per_second: Figure,
    pub(crate) p50_ms: Figure,
    pub(crate) p99_ms: Figure,
    pub(crate) cpu_us: Figure,
    pub(crate) peak_memory_kb: Figure,
}

/// A work, and how everyone did at it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Compared {
    pub(crate) work: Work,
    pub(crate) shown: Vec<Shown>,
}

impl Compared {
    /// From everyone's slices, round by round, in the order of [`Work::contestants`].
    pub(crate) fn of(work: Work, slices: &[Vec<Slice>]) -> Self {
        let shown = |(at, contestant): (usize, &Contestant)| {
            let figure = |value: fn(&Slice) -> f64| Figure::of(&slices[at], &slices[0], value);
            #[expect(clippy::cast_precision_loss, reason = "kilobytes")]
            Shown {
                contestant: *contestant,
                requests_per_second: figure(|slice| slice.per_second),
                p50_ms: figure(|slice| slice.p50),
                p99_ms: figure(|slice| slice.p99),
                cpu_us: figure(|slice| slice.cpu),
                peak_memory_kb: figure(|slice| slice.memory as f64),
            }
        };
        Self { work, shown: work.contestants().iter().enumerate().map(shown).collect() }
    }
}

/// What one contestant weighs, and how long it takes from nothing to its first answer.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Started {
    pub(crate) contestant: Contestant,
    pub(crate) gzip_bytes: u64,
    pub(crate) first_answer_ms: Spread,
    pub(crate) ratio: Spread,
}

impl Started {
    /// From the times of each round, and the floor's.
    pub(crate) fn of(contestant: Contestant, gzip_bytes: u64, own: &[Duration], floor: &[Duration]) -> Self {
        let ratios = own.iter().zip(floor).map(|(own, floor)| own.as_secs_f64() / floor.as_secs_f64());
        let times = own.iter().map(|time| time.as_secs_f64() * 1000.0);
        Self { contestant, gzip_bytes, ratio: Spread::of(ratios), first_answer_ms: Spread::of(times) }
    }
}

/// What a work costs with a directory of some size, as a ratio to the smallest.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Grown {
    pub(crate) agents: usize,
    pub(crate) instances: usize,
    pub(crate) work: Work,
    pub(crate) cpu_us: Figure,
}

impl Grown {
    pub(crate) fn of(agents: usize, instances: usize, work: Work, own: &[Slice], smallest: &[Slice]) -> Self {
        Self { agents, instances, work, cpu_us: Figure::of(own, smallest, |slice| slice.cpu) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(cpu: f64) -> Slice {
        Slice { per_second: 1000.0 / cpu, p50: cpu, p99: 2.0 * cpu, cpu, memory: 1 }
    }

    #[test]
    fn the_median_of_an_odd_count_is_the_middle_one_and_of_an_even_count_between_the_two() {
        for (values, expected) in [(vec![3.0, 1.0, 2.0], 2.0), (vec![4.0, 1.0, 2.0, 3.0], 2.5), (vec![7.0], 7.0)] {
            assert!((Spread::of(values).median - expected).abs() < 1e-12, "{expected}");
        }
    }

    #[test]
    fn the_spread_reaches_from_the_least_to_the_most() {
        let spread = Spread::of([2.0, 10.0, -1.0, 3.0, 4.0]);
        assert_eq!((spread.least.to_bits(), spread.most.to_bits()), ((-1.0_f64).to_bits(), 10.0_f64.to_bits()));
    }

    #[test]
    fn a_ratio_is_taken_within_its_round_and_not_between_medians() {
        // In the second round the whole machine was ten times slower.
        let figure =
            Figure::of(&[slice(20.0), slice(300.0), slice(25.0)], &[slice(10.0), slice(100.0), slice(10.0)], |slice| {
                slice.cpu
            });
        assert!((figure.ratio.median - 2.5).abs() < 1e-12, "{figure:?}");
        assert!((figure.ratio.most - 3.0).abs() < 1e-12, "{figure:?}");
        assert!((figure.value.median - 25.0).abs() < 1e-12, "{figure:?}");
    }

    #[test]
    fn everyone_is_compared_with_the_floor() {
        let work = Work::Constant;
        let slices: Vec<Vec<Slice>> = (1..=4_u8).map(|times| vec![slice(10.0 * f64::from(times))]).collect();
        let compared = Compared::of(work, &slices);
        let ratios: Vec<u64> = compared.shown.iter().map(|shown| shown.cpu_us.ratio.median.to_bits()).collect();
        assert_eq!(ratios, [1.0, 2.0, 3.0, 4.0].map(f64::to_bits));
        assert_eq!(compared.shown[0].contestant, Contestant::Floor);
    }
}
