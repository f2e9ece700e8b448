//! The service's own database commands, as the server saw them, for another account each time.
//!
//! So a limit's reads and writes are never an imitation that falls behind the service.

use bson::oid::ObjectId;
use bson::{Binary, Bson, Document};
use serde::{Deserialize, Serialize};

/// What is particular to one account in the commands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Identity {
    /// Its id.
    pub id: ObjectId,
    /// Its address.
    pub email: String,
    /// The digest of the challenge that the request carries, or the id of its passkey, if it has either.
    pub key: Option<Binary>,
}

/// The commands of one request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Script {
    /// Whose they were.
    pub of: Identity,
    /// In their order.
    pub steps: Vec<Step>,
}

/// One command.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Step {
    /// The collection.
    pub collection: String,
    /// What is done to it.
    pub command: Command,
}

/// What is done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Command {
    /// One document is read.
    Find(Document),
    /// One is changed.
    Change(Change),
    /// All that match are deleted.
    Delete(Document),
}

/// A change of one document.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Change {
    /// Of which.
    pub filter: Document,
    /// The update: operators, or a pipeline.
    pub update: Bson,
    /// Which elements `$[name]` stands for.
    pub array_filters: Vec<Document>,
    /// Whether it is inserted where there is none.
    pub upsert: bool,
    /// Whether the document is asked for.
    pub returned: bool,
}

impl Command {
    /// What the server calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Find(_) => "find",
            Self::Change(change) if change.returned => "findAndModify",
            Self::Change(_) => "update",
            Self::Delete(_) => "delete",
        }
    }
}

impl Script {
    /// The commands in words, equal ones counted.
    pub fn in_words(&self) -> String {
        let mut counted: Vec<(String, u32)> = Vec::new();
        for step in &self.steps {
            let words = format!("{} on {}", step.command.name(), step.collection);
            match counted.iter_mut().find(|(known, _)| *known == words) {
                Some((_, count)) => *count += 1,
                None => counted.push((words, 1)),
            }
        }
        let words = counted.into_iter().map(|(words, count)| format!("{count} {words}"));
        words.collect::<Vec<_>>().join(", ")
    }

    /// A document of a command, for another account.
    pub fn document(&self, template: &Document, own: &Identity) -> Document {
        self.within("", template, own)
    }

    /// The same, of a document that is the value of `outer`: operators speak of what is around them.
    fn within(&self, outer: &str, template: &Document, own: &Identity) -> Document {
        let field = |(name, value): (&String, &Bson)| {
            let about = if name.starts_with('$') { outer } else { name };
            (name.clone(), self.value(about, value, own))
        };
        template.iter().map(field).collect()
    }

    /// A value of a command, for another account.
    pub fn value(&self, name: &str, template: &Bson, own: &Identity) -> Bson {
        match template {
            Bson::Document(document) => self.within(name, document, own).into(),
            Bson::Array(values) => {
                values.iter().map(|value| self.value(name, value, own)).collect()
            }
            Bson::ObjectId(id) if *id == self.of.id => own.id.into(),
            Bson::String(text) if *text == self.of.email => own.email.clone().into(),
            Bson::Binary(binary) if Some(binary) == self.of.key.as_ref() => {
                own.key.clone().map_or(Bson::Null, Bson::Binary)
            }
            // A keyed digest by which something of this account is found.
            Bson::Binary(binary) if name == "_id" => keyed(binary, own).into(),
            other => other.clone(),
        }
    }
}

/// Another key for each account, as the service's digests are.
fn keyed(template: &Binary, own: &Identity) -> Binary {
    let mut bytes = template.bytes.clone();
    bytes.iter_mut().zip(own.id.bytes()).for_each(|(byte, other)| *byte ^= other);
    Binary { subtype: template.subtype, bytes }
}

#[cfg(test)]
mod tests {
    use bson::doc;
    use bson::spec::BinarySubtype;

    use super::*;

    fn binary(byte: u8) -> Binary {
        Binary { subtype: BinarySubtype::Generic, bytes: vec![byte; 32] }
    }

    fn identity(byte: u8) -> Identity {
        let id = ObjectId::from_bytes([byte; 12]);
        Identity { id, email: format!("{byte}@example.com"), key: Some(binary(byte)) }
    }

    #[test]
    fn only_what_is_the_account_s_own_is_replaced() {
        let script = Script { of: identity(1), steps: Vec::new() };
        let template = doc! {
            "_id": identity(1).id,
            "challenges": { "$elemMatch": { "digest": binary(1), "tries": { "$lt": 5 } } },
            "email": ["1@example.com", "other"],
            "other": binary(9),
        };
        let expected = doc! {
            "_id": identity(2).id,
            "challenges": { "$elemMatch": { "digest": binary(2), "tries": { "$lt": 5 } } },
            "email": ["2@example.com", "other"],
            "other": binary(9),
        };
        assert_eq!(script.document(&template, &identity(2)), expected);
    }

    #[test]
    fn keys_of_two_accounts_differ() {
        let script = Script { of: identity(1), steps: Vec::new() };
        let template = doc! { "_id": binary(7) };
        let one = script.document(&template, &identity(2));
        assert_ne!(one, script.document(&template, &identity(3)));
        assert_eq!(one, script.document(&template, &identity(2)));

        let several = script.document(&doc! { "_id": { "$in": [binary(7)] } }, &identity(2));
        assert_eq!(several, doc! { "_id": { "$in": [one.get("_id").unwrap()] } });
    }
}
