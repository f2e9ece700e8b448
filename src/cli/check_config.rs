//! `twofold check-config`.

use clap::Args;
use serde_json::json;

use super::exit::Failure;
use super::output::Output;
use crate::flows::operator::{DatabaseFault, Operator};

#[derive(Args)]
pub(super) struct Arguments {
    /// Also connects to the database, checks the rights to it, and creates missing indexes
    #[arg(long)]
    pub connect: bool,
}

/// Reports that the settings are valid.
pub(super) fn valid(output: &Output) -> Result<(), Failure> {
    output.tell(&["The settings are valid.".to_owned()], &json!({ "settings": "valid" }))
}

/// Checks that the service can use its database.
pub(super) async fn connect(
    operator: &Operator,
    database: &str,
    output: &Output,
) -> Result<(), Failure> {
    let servers = operator.servers();
    let faults = operator.check_database().await;
    if faults.is_empty() {
        let lines = [
            "The settings are valid.".to_owned(),
            format!("MongoDB at {servers} can be used, and the database {database} is ready."),
        ];
        return output.tell(&lines, &json!({ "settings": "valid", "database": "ready" }));
    }
    let lines: Vec<String> = faults.iter().map(|fault| remedy(fault, servers, database)).collect();
    let text = lines.join("\n");
    if faults.contains(&DatabaseFault::Unreachable) {
        return Err(Failure::Unreachable(text));
    }
    Err(Failure::Other(text))
}

/// What is wrong, and what to do about it.
fn remedy(fault: &DatabaseFault, servers: &str, database: &str) -> String {
    match fault {
        DatabaseFault::Unreachable => format!(
            "cannot reach MongoDB at {servers}; check that it runs and that DATABASE_URL names it, with \
             its TLS options"
        ),
        DatabaseFault::WrongCredentials => format!(
            "MongoDB at {servers} rejects the user name or password; check both in DATABASE_URL, and \
             its authSource"
        ),
        DatabaseFault::NotPrimary => format!(
            "MongoDB at {servers} accepts no writes; name the members of the replica set in \
             DATABASE_URL, with replicaSet"
        ),
        DatabaseFault::Forbidden { collection, actions } => format!(
            "MongoDB at {servers} does not let its user {} {collection}; name a user in DATABASE_URL \
             who has the role readWrite on {database}",
            actions.join(", "),
        ),
        DatabaseFault::SharedAddress => format!(
            "two accounts in the collection users of {database} have the same email address, so its \
             unique index cannot be created; delete one of them"
        ),
        DatabaseFault::Refused { collection, action, code, name } => format!(
            "MongoDB at {servers} refuses to {action} {collection}: error {code} ({name}); look it up \
             in the MongoDB manual"
        ),
    }
}
