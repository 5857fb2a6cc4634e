//! Properties of the schedule over random plans.

use std::{collections::BTreeSet, time::Duration};

use proptest::prelude::*;

use super::*;
use crate::{
    catalog::ImageName,
    plan::{Mode, Phase, Task},
};

const CAPACITY: Capacity = Capacity { cpu: 2, api: 3 };

fn task(i: usize, needs: &[usize], kind: usize) -> Task {
    let image = ImageName::new(format!("i{i}"));
    let (action, pool, weight) = match kind % 4 {
        0 => (Action::CargoBuild { binaries: Vec::new() }, Pool::Cpu, 1 + i % 3),
        1 => (Action::LoadImage { image }, Pool::Node, 1),
        2 => (Action::Prune, Pool::Api, 1),
        _ => (Action::Watch, Pool::Free, 1),
    };
    let needs = needs.iter().map(|n| TaskId(format!("t{n}"))).collect();
    Task { id: TaskId(format!("t{i}")), action, needs, pool, weight, deadline: Duration::ZERO, phase: Phase::Build }
}

prop_compose! {
    fn plans()(shape in prop::collection::vec((prop::collection::vec(any::<prop::sample::Index>(), 0..4), 0..4usize), 1..25)) -> Plan {
        let tasks = shape.iter().enumerate().map(|(i, (needs, kind))| {
            let needs: BTreeSet<usize> = needs.iter().filter(|_| i > 0).map(|n| n.index(i)).collect();
            task(i, &needs.into_iter().collect::<Vec<_>>(), *kind)
        }).collect();
        Plan { tasks, definitions: Vec::new(), mode: Mode::Graph }
    }
}

/// Runs a plan to its end; `fails` says which tasks fail. Returns (batches in order, skipped).
fn run(plan: &Plan, fails: &dyn Fn(usize) -> bool) -> (Vec<Vec<TaskId>>, BTreeSet<TaskId>) {
    let mut schedule = Schedule::new(plan, CAPACITY, &|_| None);
    let (mut order, mut skipped, mut running) = (Vec::new(), BTreeSet::new(), Vec::new());
    let mut ended: BTreeSet<TaskId> = BTreeSet::new();
    loop {
        for Batch(ids) in schedule.start() {
            for id in &ids {
                let needs = &plan.task(id).unwrap().needs;
                assert!(needs.iter().all(|n| ended.contains(n)), "{id} began before what it needs");
            }
            order.push(ids.clone());
            running.extend(ids);
        }
        let cpu: usize =
            running.iter().filter_map(|id| plan.task(id)).filter(|t| t.pool == Pool::Cpu).map(|t| t.weight).sum();
        let heaviest = running.iter().filter_map(|id| plan.task(id)).filter(|t| t.pool == Pool::Cpu).count();
        assert!(cpu <= CAPACITY.cpu || heaviest == 1, "cores are overbooked");
        let Some(id) = running.pop() else { break };
        if fails(id.0[1..].parse().unwrap()) {
            skipped.extend(schedule.failed(&id));
        } else {
            schedule.succeeded(&id);
            ended.insert(id);
        }
    }
    assert_eq!(schedule.waiting().count(), 0, "a task was forgotten");
    (order, skipped)
}

proptest! {
    #[test]
    fn every_task_runs_exactly_once(plan in plans()) {
        let (order, skipped) = run(&plan, &|_| false);
        let ran: Vec<TaskId> = order.concat();
        prop_assert!(skipped.is_empty());
        prop_assert_eq!(ran.len(), plan.tasks.len());
        prop_assert_eq!(ran.into_iter().collect::<BTreeSet<_>>().len(), plan.tasks.len());
    }

    #[test]
    fn a_failure_skips_its_descendants_and_nothing_else(plan in plans(), bad in any::<prop::sample::Index>()) {
        let bad = bad.index(plan.tasks.len());
        let (order, skipped) = run(&plan, &|i| i == bad);
        let mut behind: BTreeSet<TaskId> = [TaskId(format!("t{bad}"))].into();
        for task in &plan.tasks {
            if task.needs.iter().any(|n| behind.contains(n)) {
                behind.insert(task.id.clone());
            }
        }
        behind.remove(&TaskId(format!("t{bad}")));
        prop_assert_eq!(&skipped, &behind);
        prop_assert_eq!(order.concat().len() + skipped.len(), plan.tasks.len());
    }
}

#[test]
fn images_that_wait_for_the_node_go_in_one_stream() {
    let tasks = vec![task(0, &[], 3), task(1, &[0], 1), task(2, &[0], 1), task(3, &[0], 1)];
    let plan = Plan { tasks, definitions: Vec::new(), mode: Mode::Graph };
    let (order, _) = run(&plan, &|_| false);
    assert_eq!(order.iter().map(Vec::len).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn the_longest_path_begins_first() {
    let tasks = vec![task(0, &[], 2), task(1, &[], 2), task(2, &[], 2), task(3, &[], 2), task(4, &[3], 0)];
    let plan = Plan { tasks, definitions: Vec::new(), mode: Mode::Graph };
    let slow = TaskId("t4".to_owned());
    let mut schedule = Schedule::new(&plan, CAPACITY, &|id| (*id == slow).then_some(Duration::from_secs(99)));
    assert_eq!(schedule.start()[0].0, [TaskId("t3".to_owned())]);
}
