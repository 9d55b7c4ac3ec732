//! Growth: the same requests, with ever more declared around what they ask for.

use anyhow::Result;
use onecontact_tests::project::Project;

use crate::arena::{kv, memory_folder, setup};
use crate::contestant::Contestant;
use crate::directory::{self, LEAST_MEMORY};
use crate::figures::Grown;
use crate::load::Slice;
use crate::process::Process;
use crate::work::Work;
use crate::{ROUNDS, WARM_UP, round, say};

/// Agents and instances.
const SIZES: [(usize, usize); 3] = [(10, 1), (1_000, 100), (100_000, 10_000)];
/// The works that read the directory.
const WORKS: [Work; 3] = [Work::Login, Work::Session, Work::SignIn];

pub(crate) fn run() -> Result<Vec<Grown>> {
    let project = Project::find();
    let phc = directory::phc(LEAST_MEMORY)?;
    let objects = memory_folder()?;
    let (mut processes, mut namespaces) = (Vec::new(), Vec::new()); // a namespace is gone with the last handle to it
    for (agents, instances) in SIZES {
        say(&format!("growth: declaring {agents} agents and {instances} instances"));
        let (directory, sessions) = (kv()?, kv()?);
        directory::declare(&directory, instances, agents, &phc)?;
        let folder = objects.path().join(agents.to_string());
        std::fs::create_dir_all(&folder)?;
        let setup = setup(&directory, &sessions, folder)?;
        let program = Contestant::OneContactUnhashed.own_program(&project, &setup)?;
        processes.push(Process::start(&project.workerd, &program)?);
        namespaces.push([directory, sessions]);
    }
    let mut slices = vec![vec![Vec::<Slice>::new(); SIZES.len()]; WORKS.len()];
    for round in 0..ROUNDS {
        say(&format!("growth: round {} of {ROUNDS}", round + 1));
        for (of_work, work) in slices.iter_mut().zip(WORKS) {
            let sizes: Vec<_> = processes.iter().map(|process| (Contestant::OneContactUnhashed, process)).collect();
            let shown = round::run(work, WARM_UP, &sizes)?;
            for (of_size, slice) in of_work.iter_mut().zip(shown) {
                of_size.push(slice);
            }
        }
    }
    let mut grown = Vec::new();
    for (of_work, work) in slices.iter().zip(WORKS) {
        for (of_size, (agents, instances)) in of_work.iter().zip(SIZES) {
            grown.push(Grown::of(agents, instances, work, of_size, &of_work[0]));
        }
    }
    Ok(grown)
}
