//! `quire gc`: deletes documents and results that no job refers to.

use bytesize::ByteSize;
use humantime_serde::re::humantime::format_duration;
use quire_coordinator::gc::{Collected, Swept};

use crate::{
    Exit,
    args::Gc,
    client::{Client, print_json},
    config::Config,
};

/// Collects the garbage of the tenant, and says what it was.
pub(super) fn run(config: &Config, arguments: &Gc) -> anyhow::Result<Exit> {
    let client = Client::new(config, &arguments.client)?;
    let mut query = vec![("dry_run", arguments.dry_run.to_string())];
    query.extend(arguments.older_than.map(|age| ("older_than", format_duration(age).to_string())));
    let collected: Collected = client.collect(&query)?;
    if arguments.client.json {
        print_json(&collected)?;
    } else {
        println!("{}", line(&collected));
    }
    Ok(Exit::Done)
}

fn line(collected: &Collected) -> String {
    let Collected { dry_run, jobs, documents, results, figures, uploads } = collected;
    let all = [documents, results, figures];
    let sum = |count: fn(&Swept) -> u64| all.iter().map(|swept| count(swept)).sum::<u64>();
    let verb = if *dry_run { "would delete" } else { "deleted" };
    let mut line = format!(
        "{verb} {} documents, {} results, {} figures ({}) and {uploads} unfinished uploads; {} objects are of {jobs} jobs, {} too young",
        documents.removed,
        results.removed,
        figures.removed,
        ByteSize(sum(|swept| swept.bytes)),
        sum(|swept| swept.used),
        sum(|swept| swept.young),
    );
    let left = sum(|swept| swept.left);
    if left > 0 {
        line += &format!("; the store was too slow for {left}: run it again");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_went_and_what_stayed() {
        let collected = Collected {
            jobs: 3,
            documents: Swept { removed: 2, bytes: 2048, used: 5, ..Swept::default() },
            results: Swept { removed: 4, young: 1, left: 7, ..Swept::default() },
            ..Collected::default()
        };

        let line = line(&collected);

        assert_eq!(
            line,
            "deleted 2 documents, 4 results, 0 figures (2.0 KiB) and 0 unfinished uploads; 5 objects are of 3 jobs, \
             1 too young; the store was too slow for 7: run it again"
        );
    }
}
