//! The check of the layers finds what it should.

use super::violations;

#[test]
fn every_kind_of_violation_is_found() {
    for (file, source, path) in [
        ("domain/a.rs", "use crate::storage::Store;", "crate::storage::Store"),
        ("domain/a.rs", "use crate::{storage::Store};", "crate::storage::Store"),
        (
            "domain/a.rs",
            "use crate::{\n    domain::ids,\n    storage::{\n        Store,\n    },\n};",
            "crate::storage::Store",
        ),
        ("domain/a.rs", "use crate::storage as s;", "crate::storage"),
        ("domain/a.rs", "use crate as c;", "crate"),
        ("domain/a.rs", "use crate::*;", "crate::*"),
        ("domain/a.rs", "use super::super::storage::Store;", "crate::storage::Store"),
        ("domain/mod.rs", "use super::storage;", "crate::storage"),
        ("domain/mod.rs", "use super::*;", "crate::*"),
        (
            "domain/a.rs",
            "mod b { use super::super::super::storage::Store; }",
            "crate::storage::Store",
        ),
        ("domain/a.rs", "fn a() -> crate::storage::Store { b() }", "crate::storage::Store"),
        ("domain/a.rs", "fn a() { drop(super::super::storage::b()); }", "crate::storage::b"),
        ("domain/a.rs", "fn a() { println!(\"{}\", crate::storage::B); }", "crate::storage::B"),
        ("flows/a.rs", "use mongodb;", "mongodb"),
        ("flows/a.rs", "use mongodb as m;", "mongodb"),
        ("flows/a.rs", "use ::mongodb::Client;", "mongodb::Client"),
        ("flows/a.rs", "extern crate mongodb;", "mongodb"),
        ("flows/a.rs", "fn a(_: bson::Document) {}", "bson::Document"),
        ("flows/a.rs", "fn a() { let b = vec![bson::doc! {}]; }", "bson::doc"),
        ("flows/a.rs", "use actix_web::web;", "actix_web::web"),
        ("domain/a.rs", "use std::fs;", "std::fs"),
        ("domain/a.rs", "use std::{fmt, fs::File};", "std::fs::File"),
        ("domain/a.rs", "fn a() { std::env::var(\"B\"); }", "std::env::var"),
        ("domain/a.rs", "use tokio::task;", "tokio::task"),
        ("domain/a.rs", "async fn a() { tokio::select! {} }", "tokio::select"),
        ("storage/a.rs", "use argon2::Argon2;", "argon2::Argon2"),
        ("http/a.rs", "use crate::unknown::B;", "crate::unknown::B"),
    ] {
        assert_eq!(violations(file, source), [format!("{file} uses {path}")], "{source}");
    }
    assert_eq!(violations("helpers/a.rs", ""), ["helpers/a.rs belongs to no layer"]);
    assert_eq!(violations("helpers.rs", ""), ["helpers.rs belongs to no layer"]);
}

#[test]
fn allowed_uses_are_not_reported() {
    for (file, source) in [
        ("flows/shared/a.rs", "use crate::{domain::ids::UserId, storage::Store};"),
        ("flows/shared/a.rs", "use super::super::error::AuthError; use super::access;"),
        ("flows/mod.rs", "// crate::http\nmod http_like; use http_like::A; /* mongodb::Client */"),
        ("flows/a.rs", "const A: &str = \"mongodb::Client\";"),
        ("storage/a.rs", "use bson::{Document, doc}; use mongodb as m;"),
        ("domain/a.rs", "use std::{fmt, net::IpAddr}; use chrono::TimeDelta;"),
    ] {
        assert_eq!(violations(file, source), Vec::<String>::new(), "{source}");
    }
}
